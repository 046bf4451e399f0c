import { describe, expect, it } from 'vitest';
import { checkManyCalls, sentencesAboutManyCalls } from '../../src/history/many-calls.js';
import type { Recorded } from '../../src/history/record.js';
import { batch, call, deletion, publish, valueOf } from './histories.js';

describe('loads', () => {
  const within = (...history: readonly Recorded[]) => checkManyCalls(history).tooMany;

  it('of each key are one more than deletes', () => {
    const first = [...call(1, 0, 20, { a: 10, b: 10 }), ...batch(1, [1, 10, 19], 'ab')];
    const later = [...call(2, 40, 60, { a: 50 }), ...batch(2, [2, 50, 59], 'a')];
    expect(within(...first)).toEqual([]);
    expect(within(...first, deletion(30, 31, { key: 'a' }), ...later)).toEqual([]);
    expect(within(...first, deletion(30, 31, { key: 'b' }), ...later)).toMatchObject([{ deletes: 0 }]);
    expect(within(...first, ...later)).toMatchObject([{ deletes: 0, loads: [{ start: 10 }, { start: 50 }] }]);
  });

  it('a delete at another time is no reason', () => {
    const twice = [
      ...[...call(1, 10, 20, { a: 12 }), ...batch(1, [1, 12, 19], 'a')],
      ...[...call(2, 30, 40, { a: 32 }), ...batch(2, [2, 32, 39], 'a')],
    ];
    expect(within(...twice, deletion(0, 9, { key: 'a' }), deletion(33, 50, { key: 'a' }))).toHaveLength(1);
    // From the call of the first one to the start of the second it may have taken effect between them.
    expect(within(...twice, deletion(0, 10, { key: 'a' }))).toEqual([]);
    expect(within(...twice, deletion(32, 50, { key: 'a' }))).toEqual([]);
  });

  it('one delete is no reason for two', () => {
    const history = [
      ...[...call(1, 0, 9, { a: 1 }), ...batch(1, [1, 1, 8], 'a')],
      ...[...call(2, 20, 29, { a: 21 }), ...batch(2, [2, 21, 28], 'a')],
      ...[...call(3, 30, 39, { a: 31 }), ...batch(3, [3, 31, 38], 'a')],
    ];
    const tooMany = within(...history, deletion(10, 11, { key: 'a' }));
    expect(tooMany).toMatchObject([{ deletes: 0, loads: [{ start: 21 }, { start: 31 }] }]);
    expect(within(...history, deletion(10, 22, { key: 'a' }))).toMatchObject([{ deletes: 1, loads: { length: 3 } }]);
  });

  it('are not counted where a delete was not confirmed', () => {
    const twice = [...batch(1, [1, 1, 8], 'a'), ...batch(2, [2, 21, 28], 'a')];
    expect(within(...twice)).toHaveLength(1);
    expect(within(...twice, deletion(0, 1, { key: 'a', outcome: 'failed' }))).toEqual([]);
  });
});

describe('what a call loads apart from its first load', () => {
  const apart = (...history: readonly Recorded[]) => checkManyCalls(history).apart;
  const own = [...call(1, 0, 50, { a: 10, b: 30 }), ...batch(1, [1, 10, 20], 'a'), ...batch(2, [1, 30, 40], 'b')];

  it('is found', () => {
    expect(apart(...own)).toMatchObject([{ call: { process: 'p', number: 1 }, load: { key: 'b', start: 30 } }]);
  });

  it('is fine where somebody else was loading it, or about to', () => {
    const other = (start: number, begin: number, end: number) => [
      ...call(1, start, end, { b: begin }, 'q'),
      ...batch(1, [1, begin, end], 'b', 'q'),
    ];
    expect(apart(...own, ...other(0, 5, 25))).toEqual([]);
    expect(apart(...own, ...other(-9, -5, 0))).toEqual([]);
    expect(apart(...own, ...other(29, 31, 45))).toEqual([]);
    expect(apart(...own, ...other(-9, -5, -1))).toHaveLength(1);
    expect(apart(...own, ...other(31, 32, 45))).toHaveLength(1);
    expect(apart(...own, ...batch(9, [2, 5, 25], 'a', 'q'))).toHaveLength(1);
    const offered = publish(-1, 0, valueOf(-5, { key: 'b', process: 'q' }));
    expect(apart(...own, ...other(-9, -5, -1), offered)).toEqual([]);
  });

  it('is fine where the key was deleted while another call of the process asked for it', () => {
    const other = (process: string) => call(2, -9, 5, { b: -20 }, process);
    const deleted = deletion(-5, 1, { key: 'b', process: 'q' });
    expect(apart(...own, ...other('p'), deleted)).toEqual([]);
    expect(apart(...own, deleted)).toHaveLength(1);
    expect(apart(...own, ...other('p'))).toHaveLength(1);
    expect(apart(...own, ...other('q'), deleted)).toHaveLength(1);
    expect(apart(...own, ...other('p'), deletion(-5, -1, { key: 'b' }))).toHaveLength(1);
    expect(apart(...own, ...other('p'), deletion(-5, 1, { key: 'a' }))).toHaveLength(1);
  });
});

it('tells what it found', () => {
  const history = [
    ...call(1, 0, 50e6, { a: 10e6, b: 30e6 }),
    ...[...batch(1, [1, 10e6, 20e6], 'a'), ...batch(2, [1, 30e6, 40e6], 'b'), ...batch(3, [1, 41e6, 42e6], 'a')],
  ];
  expect(sentencesAboutManyCalls(checkManyCalls(history), history)).toEqual([
    'LOADS 2, but 0 deletes: value 10000000 of process p for a, load at 10.000 ms; ' +
      'value 41000000 of process p for a, load at 41.000 ms',
    'APART value 41000000 of process p for a, load at 41.000 ms, for call 1 of process p',
    'APART value 30000000 of process p for b, load at 30.000 ms, for call 1 of process p',
  ]);
});
