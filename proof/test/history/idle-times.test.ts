import { describe, expect, it } from 'vitest';
import { idleTimesIn, longestOf, sentencesAboutIdleTimes } from '../../src/history/idle-times.js';
import type { Recorded } from '../../src/history/record.js';
import { batch, call } from './histories.js';

describe('idle is a call', () => {
  const idle = (...history: readonly Recorded[]) => idleTimesIn(history).map(({ milliseconds }) => milliseconds);

  it('for as long as none of its keys is loaded', () => {
    expect(idle(...call(1, 0, 50e6, { a: -5 }))).toEqual([50]);
    expect(idle(...call(1, 0, 50e6, { a: 10e6 }), ...batch(1, [1, 10e6, 45e6], 'a'))).toEqual([15]);
    expect(idle(...call(1, 0, 50e6, { a: 10e6 }), ...batch(1, [1, 10e6, 45e6], 'b'))).toEqual([50]);
  });

  it('not while others load what it waits for, one after the other or at the same time', () => {
    const read = call(1, 0, 50e6, { a: 20e6, b: 25e6 });
    const loads = [
      ...[...batch(1, [1, -10e6, 10e6], 'a', 'q'), ...batch(2, [2, 20e6, 30e6], 'a', 'q')],
      ...[...batch(1, [1, 25e6, 28e6], 'b', 'r')],
    ];
    expect(idle(...read, ...loads)).toEqual([10 + 20]);
    expect(idle(...read, ...loads, ...batch(2, [2, 25e6, 90e6], 'b', 'r'))).toEqual([10]);
  });

  it('while a key is loaded that it has been answered for', () => {
    const read = call(1, 0, 50e6, { a: -5e6 });
    expect(idle(...read, ...batch(1, [1, 10e6, 45e6], 'a', 'q'))).toEqual([50]);
  });
});

it('tells which are too long', () => {
  const history = [...call(1, 0, 50e6, { a: -5 }), ...call(2, 10e6, 40e6, { a: -5 })];
  const idleTimes = idleTimesIn(history);
  expect(longestOf(idleTimes)).toBe(50);
  expect(longestOf([])).toBe(0);
  expect(sentencesAboutIdleTimes(idleTimes, 30, history)).toEqual([
    'IDLE for 50 ms: read a by process p, 0.000 ms to 50.000 ms, done',
  ]);
});
