import { LoadAbandonedError, loadSignal, LocalInMemoryCacheStorage, memoize, type CacheStorage } from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn, type Deferred } from '../support/deferred.js';

/** A cached function whose loads the test ends, and whose signals it sees. */
function observed(storage: CacheStorage = new LocalInMemoryCacheStorage(), clock = new ManualClock(1_000)) {
  const signals: AbortSignal[] = [];
  const answers: Deferred<string>[] = [];
  const load = (_key: string): Promise<string> => {
    signals.push(loadSignal());
    const answer = deferred<string>();
    answers.push(answer);
    return answer.promise;
  };
  const cached = memoize(load, {
    name: 'f',
    storage,
    clock,
    updateAfter: '1 minute',
    expireAfter: '90 seconds',
    jitter: 0,
  });
  return { cached, signals, answers, storage, clock };
}

function leaver() {
  const controller = new AbortController();
  return { signal: controller.signal, leave: () => controller.abort(new Error('left')) };
}

describe('a caller who leaves', () => {
  it('gets the reason of its signal, and the others get the value', async () => {
    const { cached, signals, answers } = observed();
    const one = leaver();
    const left = cached.with({ signal: one.signal })('a');
    const stays = cached('a');
    await turn();
    one.leave();
    await expect(left).rejects.toThrow('left');
    expect(signals[0]?.aborted).toBe(false);
    answers[0]?.resolve('value');
    expect(await stays).toBe('value');
    expect(await cached('a')).toBe('value');
  });

  it('may be the one who led, or one who joined; the load goes on while anybody waits', async () => {
    const { cached, signals, answers } = observed();
    const [leads, joins] = [leaver(), leaver()];
    const led = cached.with({ signal: leads.signal })('a');
    const joined = cached.with({ signal: joins.signal })('a');
    await turn();
    leads.leave();
    await expect(led).rejects.toThrow('left');
    expect(signals[0]?.aborted).toBe(false);
    answers[0]?.resolve('value');
    expect(await joined).toBe('value');
  });

  it('as the last one ends the load: its signal fires, nothing is kept, the next caller loads anew at once', async () => {
    const { cached, signals, answers, storage } = observed();
    const [one, two] = [leaver(), leaver()];
    const calls = [cached.with({ signal: one.signal })('a'), cached.with({ signal: two.signal })('a')];
    await turn();
    one.leave();
    two.leave();
    await expect(calls[0]).rejects.toThrow('left');
    await expect(calls[1]).rejects.toThrow('left');
    expect(signals[0]?.aborted).toBe(true);
    expect(LoadAbandonedError.isInstance(signals[0]?.reason)).toBe(true);
    expect(signals[0]?.reason).toMatchObject({
      message: 'Nobody waits for the load of key "f:a" any more, so it is given up.',
    });
    const next = cached('a');
    await turn();
    answers[0]?.resolve('too late');
    await turn();
    expect(await storage.get('f:a')).toBe(undefined);
    answers[1]?.resolve('anew');
    expect(await next).toBe('anew');
    expect(signals[1]?.aborted).toBe(false);
  });

  it('leaves nothing behind: no timer, no lease', async () => {
    const { cached, answers, storage, clock } = observed();
    const one = leaver();
    const left = cached.with({ signal: one.signal })('a');
    await turn();
    one.leave();
    await expect(left).rejects.toThrow('left');
    answers[0]?.reject(new Error('given up'));
    await turn();
    expect(clock.pendingTimers).toBe(0);
    expect(await storage.lease?.('f:a', { holder: 'b'.repeat(20), seen: undefined, time: 1 })).toMatchObject({
      state: 'granted',
    });
  });

  it('leaves no timer behind though the function never ends', async () => {
    const { cached, clock } = observed();
    const { signal, leave } = leaver();
    const leaving = cached.with({ signal })('a');
    await turn();
    leave();
    await expect(leaving).rejects.toThrow('left');
    expect(clock.pendingTimers).toBe(0);
  });

  it('while the storage is asked begins no load', async () => {
    const clock = new ManualClock();
    const { cached, signals } = observed(
      new ChaosStorage(new LocalInMemoryCacheStorage(), { peek: 'drop', get: { delay: '1 second' } }, clock),
      clock,
    );
    const one = leaver();
    const left = cached.with({ signal: one.signal })('a');
    await turn();
    one.leave();
    await expect(left).rejects.toThrow('left');
    await clock.advance('1 second');
    expect(signals).toEqual([]);
  });

  it('while another process loads ends the wait', async () => {
    const { cached, signals, storage, clock } = observed();
    const taken = await storage.lease?.('f:a', { holder: 'b'.repeat(20), seen: undefined, time: 10_000 });
    const one = leaver();
    const left = cached.with({ signal: one.signal })('a');
    await turn();
    one.leave();
    await expect(left).rejects.toThrow('left');
    await turn();
    expect(clock.pendingTimers).toBe(0);
    if (taken?.state === 'granted') await taken.lease.giveBack();
    await turn();
    expect(signals).toEqual([]);
  });

  it('does not end a refresh in the background', async () => {
    const { cached, signals, answers, clock } = observed();
    const warm = cached('a');
    await turn();
    answers[0]?.resolve('old');
    await warm;
    await clock.advance('1 minute');
    const one = leaver();
    expect(await cached.with({ signal: one.signal })('a')).toBe('old');
    await clock.advance('30 seconds');
    const joined = cached.with({ signal: one.signal })('a');
    await turn();
    one.leave();
    await expect(joined).rejects.toThrow('left');
    expect(signals.length).toBe(2);
    expect(signals[1]?.aborted).toBe(false);
    answers[1]?.resolve('new');
    await turn();
    expect(await cached('a')).toBe('new');
  });

  it('does not end a forced refresh that others share', async () => {
    const { cached, signals, answers } = observed();
    const first = cached.refresh('a');
    await turn();
    const one = leaver();
    const left = cached.with({ signal: one.signal, refresh: true })('a');
    const stays = cached.refresh('a');
    await turn();
    answers[0]?.resolve('1');
    expect(await first).toBe('1');
    await turn();
    one.leave();
    await expect(left).rejects.toThrow('left');
    expect(signals[1]?.aborted).toBe(false);
    answers[1]?.resolve('2');
    expect(await stays).toBe('2');
  });

  it('before the call asks nobody', async () => {
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage());
    const { cached, signals } = observed(storage);
    const one = leaver();
    one.leave();
    await expect(cached.with({ signal: one.signal })('a')).rejects.toThrow('left');
    expect([signals.length, storage.calls('get'), storage.calls('peek')]).toEqual([0, 0, 0]);
  });

  it('after the answer changes nothing', async () => {
    const { cached, signals, answers } = observed();
    const one = leaver();
    const called = cached.with({ signal: one.signal })('a');
    await turn();
    answers[0]?.resolve('value');
    expect(await called).toBe('value');
    one.leave();
    expect(signals[0]?.aborted).toBe(false);
    expect(await cached('a')).toBe('value');
  });
});

describe('fn.with', () => {
  it('answers hits, and calls the function with the receiver and the arguments of the call', async () => {
    const counter = {
      step: 2,
      add: memoize(async function (this: { step: number }, to: number) {
        return to + this.step;
      }),
    };
    const { signal } = leaver();
    expect(await counter.add.with({ signal }).call(counter, 1)).toBe(3);
    expect(await counter.add.call(counter, 1)).toBe(3);
    expect(counter.add.cacheInfo()).toMatchObject({ hits: 1, misses: 1 });
  });

  it('refreshes where it is told to', async () => {
    let loads = 0;
    const cached = memoize(async () => ++loads);
    expect([await cached(), await cached.with({ refresh: true })(), await cached.with({})()]).toEqual([1, 2, 2]);
  });

  it.each<[string, unknown, string]>([
    [
      'a signal',
      { signal: 'now' },
      `with: option 'signal' should be an AbortSignal with throwIfAborted, addEventListener, got "now".`,
    ],
    ['refresh', { refresh: 1 }, `with: option 'refresh' should be true or false, got 1.`],
    [
      'its name',
      { signals: 1 },
      `with: option 'signals' should be left out, since there is no such option, got 1. Did you mean 'signal'?`,
    ],
  ])('refuses what is wrong with %s', (_name, options, message) => {
    const cached = memoize(async () => 1);
    expect(() => cached.with(options as object)).toThrow(expect.objectContaining({ message }));
  });
});
