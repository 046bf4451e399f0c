import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { Rests } from '../../src/loading/rests.js';

describe('Rests', () => {
  it('end by themselves, each at its own time', async () => {
    const clock = new ManualClock();
    const rests = new Rests();
    rests.note('a', 1, 100, clock);
    rests.end('a');
    rests.note('a', 2, 1_000, clock);
    await clock.advance(100);
    expect(rests.of('a')).toEqual({ failures: 2, until: 1_000 });
    await clock.advance(900);
    expect(rests.of('a')).toBe(undefined);
  });

  it('end with a scope, and no other', () => {
    const clock = new ManualClock();
    const rests = new Rests();
    rests.note('f:a', 1, 100, clock);
    rests.note('g:a', 1, 100, clock);
    rests.endScope('f:');
    expect([rests.of('f:a'), rests.of('g:a')?.failures]).toEqual([undefined, 1]);
  });

  it('keep no process alive', () => {
    const clock = new ManualClock();
    new Rests().note('a', 1, 100, clock);
    expect(clock.pendingBackgroundTimers).toBe(clock.pendingTimers);
  });
});
