import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { KeyTurns } from '../../src/storage-over/key-turns.js';
import { deferred } from '../support/deferred.js';

describe('turns', () => {
  it('come one after the other for one key, and at once for another', async () => {
    const turns = new KeyTurns(new ManualClock());
    const [first, second, third, other] = ['key', 'key', 'key', 'other'].map((key) => turns.take(key));
    const begun = (): unknown[] => [first, second, third, other].map((turn) => turn?.hasBegun);
    expect(begun()).toEqual([true, false, false, true]);
    first?.end();
    expect(begun()).toEqual([true, true, false, true]);
    second?.end();
    await third?.begun;
    third?.end();
    other?.end();
    expect(turns.size).toBe(0);
  });

  it('are given up by who waits, and then pass him by', () => {
    const turns = new KeyTurns(new ManualClock());
    const [first, second, third] = ['key', 'key', 'key'].map((key) => turns.take(key));
    second?.end();
    expect(third?.hasBegun).toBe(false);
    first?.end();
    expect([second?.hasBegun, third?.hasBegun]).toEqual([false, true]);
    third?.end();
    expect(turns.size).toBe(0);
  });

  it('last until the last answer is there, or half a minute', async () => {
    const clock = new ManualClock();
    const turns = new KeyTurns(clock);
    for (const settle of ['resolve', 'reject', 'never'] as const) {
      const answer = deferred<void>();
      const turn = turns.take('key');
      turn.holdUntil(answer.promise).catch(() => undefined);
      turn.end();
      const next = turns.take('key');
      await clock.advance(29_999);
      expect(next.hasBegun).toBe(false);
      if (settle === 'resolve') answer.resolve();
      if (settle === 'reject') answer.reject(new Error('late'));
      await clock.advance(settle === 'never' ? 1 : 0);
      expect(next.hasBegun).toBe(true);
      next.end();
      expect([turns.size, clock.pendingTimers]).toEqual([0, 0]);
    }
  });

  it('need no timer where all is answered', async () => {
    const clock = new ManualClock();
    const turns = new KeyTurns(clock);
    const turn = turns.take('key');
    await turn.holdUntil(Promise.resolve(1));
    turn.end();
    expect([turns.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('tell which keys were touched meanwhile', async () => {
    const turns = new KeyTurns(new ManualClock());
    const before = turns.take('before');
    turns.take('ended').end();
    const touched = turns.touchedWhile(async () => {
      turns.take('meanwhile').end();
      await Promise.resolve();
      turns.take('later').end();
    });
    expect([...(await touched)]).toEqual(['before', 'meanwhile', 'later']);
    turns.take('after').end();
    expect([...(await touched)]).toHaveLength(3);
    before.end();
    await expect(turns.touchedWhile(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  });
});
