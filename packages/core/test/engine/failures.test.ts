import { CachedMethodFailedError, LoadTimeoutError, loadSignal, memoize } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';
import { slowSource } from '../support/source.js';

describe('a failing function', () => {
  it('reaches everyone who waited, with key and cause', async () => {
    const source = slowSource();
    const cached = memoize(source.call);
    const calls = [cached('a'), cached('a'), cached('a')].map((call) => call.catch((error: unknown) => error));
    await turn();
    const cause = new Error('no such user');
    source.fail(cause);
    for (const error of await Promise.all(calls)) {
      expect(CachedMethodFailedError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({
        name: 'CachedMethodFailedError',
        code: 'CACHED_METHOD_FAILED',
        key: 'a',
        cause,
        message: 'The cached function failed for key "a": no such user',
      });
    }
    expect(source.calls.length).toBe(1);
  });

  it('is not remembered: the next call tries again', async () => {
    let calls = 0;
    const cached = memoize(() => {
      calls++;
      if (calls === 1) throw new Error('at first');
      return 'then';
    });
    await expect(cached()).rejects.toThrow('at first');
    expect(await cached()).toBe('then');
  });

  it('hands over the original where that is asked for, to all who waited', async () => {
    const original = new RangeError('out of range');
    const cached = memoize(() => Promise.reject(original), { errors: 'original' });
    const outcomes = await Promise.allSettled([cached(), cached()]);
    for (const outcome of outcomes) expect((outcome as PromiseRejectedResult).reason).toBe(original);
  });

  it('may throw anything at all', async () => {
    for (const thrown of [undefined, null, 'text', 7, { code: 'E' }]) {
      const cached = memoize(() => {
        throw thrown;
      });
      await expect(cached()).rejects.toMatchObject({ code: 'CACHED_METHOD_FAILED', cause: thrown });
    }
  });
});

describe('the timeout', () => {
  it('fails everyone who waits, drops the late result and leaves no timer', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const cached = memoize(source.call, { timeout: '5 seconds', clock });
    const calls = [cached('a'), cached('a')].map((call) => call.catch((error: unknown) => error as Error));
    await clock.advance('5 seconds');
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: 'CACHED_METHOD_FAILED', key: 'a' });
      expect(LoadTimeoutError.isInstance((error as Error).cause)).toBe(true);
      expect(((error as Error).cause as Error).message).toBe(
        `The load for key "a" did not end within 5000 ms; its late result is dropped. ` +
          `Raise the option 'timeout' if the function may take longer.`,
      );
    }
    source.answer('too late');
    await turn();
    expect(await cached.exists(['a'])).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('swallows a late rejection', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const call = memoize(source.call, { timeout: 10, clock })();
    const outcome = expect(call).rejects.toThrow('did not end within 10 ms');
    await clock.advance(10);
    await outcome;
    source.fail(new Error('late, and nobody listens'));
    await turn();
  });

  it('fires the signal of the load, which the function asked for before its first await', async () => {
    const clock = new ManualClock();
    const signals: AbortSignal[] = [];
    const never = deferred<string>();
    const cached = memoize(
      (): Promise<string> => {
        signals.push(loadSignal());
        return never.promise;
      },
      { timeout: '1 second', clock },
    );
    const call = cached().catch((error: unknown) => error as Error);
    await turn();
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance('1 second');
    const error = (await call) as Error;
    expect(signals[0]?.aborted).toBe(true);
    expect(signals[0]?.reason).toBe(error.cause);
  });

  it('wins over a function that answers its signal by throwing', async () => {
    const clock = new ManualClock();
    const cached = memoize(
      () =>
        new Promise<never>((_, reject) => {
          loadSignal().addEventListener('abort', () => reject(new Error('aborted by signal')));
        }),
      { timeout: '1 second', clock },
    );
    const call = expect(cached()).rejects.toThrow('did not end within 1000 ms');
    await clock.advance('1 second');
    await call;
  });

  it('gives each load its own signal, also where one cached function calls another', async () => {
    const seen: AbortSignal[] = [];
    const inner = memoize(() => {
      seen.push(loadSignal());
      return 'inner';
    });
    const outer = memoize(async () => {
      const before = loadSignal();
      const answer = inner();
      expect(loadSignal()).toBe(before);
      seen.push(before);
      return answer;
    });
    await outer();
    expect(new Set(seen).size).toBe(2);
    expect(loadSignal().aborted).toBe(false);
    expect(loadSignal()).not.toBe(seen[1]);
  });
});
