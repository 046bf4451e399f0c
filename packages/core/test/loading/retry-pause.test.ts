import { LoadAbandonedError } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { LoadSignal } from '../../src/loading/load-signal.js';
import { RetryPause } from '../../src/loading/retry-pause.js';

function subject(background = false) {
  const clock = new ManualClock();
  return { clock, pause: new RetryPause(clock, background) };
}

describe('RetryPause', () => {
  it('is over for all when it is over for the first', async () => {
    const { clock, pause } = subject();
    let over = 0;
    for (const delay of [100, 50, 5_000]) void pause.wait(delay, new LoadSignal()).then(() => over++);
    expect(pause.lengthOf(70)).toBe(100);
    await clock.advance(60);
    expect(pause.lengthOf(70)).toBe(40);
    await clock.advance(39);
    expect(over).toBe(0);
    await clock.advance(1);
    expect([over, clock.pendingTimers]).toEqual([3, 0]);
  });

  it('begins anew after that', async () => {
    const { clock, pause } = subject();
    void pause.wait(100, new LoadSignal());
    await clock.advance(100);
    expect(pause.lengthOf(70)).toBe(70);
    const waiting = pause.wait(70, new LoadSignal());
    await clock.advance(70);
    await waiting;
  });

  it('rejects for whoever is given up, and sets no timer for nobody', async () => {
    const { clock, pause } = subject();
    const signal = new LoadSignal();
    const reason = new LoadAbandonedError('k');
    const waiting = pause.wait(100, signal);
    signal.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(pause.wait(100, signal)).rejects.toBe(reason);
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps no process alive for loads that nobody waits for', () => {
    for (const background of [true, false]) {
      const { clock, pause } = subject(background);
      void pause.wait(100, new LoadSignal());
      expect([clock.pendingTimers, clock.pendingBackgroundTimers]).toEqual([1, background ? 1 : 0]);
    }
  });
});
