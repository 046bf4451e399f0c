import {
  CachedMethodFailedError,
  memoizeSync,
  type MemoizeSyncOptions,
  ReentrantCallError,
  UnexpectedPromiseError,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { turn } from './support/deferred.js';
import { counted, eventsOf } from './support/synchronous.js';

describe('a function that calls itself', () => {
  it('for other arguments is called once for each (Q11)', () => {
    const fibonacci: (n: number) => number = memoizeSync((n: number): number =>
      n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2),
    );
    expect(fibonacci(90)).toBe(2880067194370816120);
  });

  it('for the same arguments is told so, and can be called again', () => {
    let calls = 0;
    const lookUp: (id: string, again: boolean) => string = memoizeSync(
      (id: string, again: boolean): string => (calls++, again ? lookUp(id, true) : `found ${id}`),
      { name: 'lookUp', key: (id) => id },
    );
    const message =
      `The cached function "lookUp" was called for key "=a" in the midst of its own load of that key, which would never end. ` +
      `It may call itself for other keys. If this call is another one, let the option 'key' tell it apart.`;
    expect(() => lookUp('a', true)).toThrow(message);
    expect(() => lookUp('a', true)).toThrow(ReentrantCallError);
    expect(calls).toBe(2);
    expect([lookUp('a', false), lookUp('a', true)]).toEqual(['found a', 'found a']);
  });

  it('for the same arguments in a roundabout way is told so by the first', () => {
    const { events, onEvent } = eventsOf();
    const path: string[] = [];
    const odd: (n: number) => boolean = memoizeSync((n: number): boolean => (path.push(`odd ${n}`), !even(n)), {
      name: 'odd',
      onEvent,
    });
    const even: (n: number) => boolean = memoizeSync((n: number): boolean => (path.push(`even ${n}`), !odd(n)), {
      name: 'even',
      onEvent,
    });
    const error = thrownBy(() => odd(1));
    expect(ReentrantCallError.isInstance(error)).toBe(true);
    expect((error as ReentrantCallError).context).toEqual({ name: 'odd', key: '(1)' });
    expect(path).toEqual(['odd 1', 'even 1']);
    expect(events('load-failed').map(({ name, error: told }) => [name, told === error])).toEqual([
      ['even', true],
      ['odd', true],
    ]);
    expect(() => even(1)).toThrow(ReentrantCallError);
  });

  it('is not tried again, remembered, or bridged where it asks for itself', () => {
    const clock = new ManualClock();
    let again = false;
    const source = counted((): unknown => (again ? cached() : 'value'));
    const cached: () => unknown = memoizeSync(source.call, {
      retry: 3,
      negative: { as: 'value' },
      staleIfError: '1 hour',
      expireAfter: '1 minute',
      clock,
    });
    cached();
    clock.set(60_000);
    again = true;
    expect(() => cached()).toThrow(ReentrantCallError);
    expect(source.calls).toHaveLength(2);
    again = false;
    expect(cached()).toBe('value');
  });

  it('is answered with what is still fresh', () => {
    const seen: string[] = [];
    let version = 0;
    const report = memoizeSync((): string => {
      version++;
      if (version === 2) seen.push(report());
      return `report ${version}`;
    }) as { (): string; refresh(): string };
    expect([report(), report.refresh(), report()]).toEqual(['report 1', 'report 2', 'report 2']);
    expect(seen).toEqual(['report 1']);
  });

  it('may catch the error and answer', () => {
    const sizeOf: (folder: string) => number = memoizeSync((folder: string): number => {
      try {
        return 1 + sizeOf(folder === 'a' ? 'b' : 'a');
      } catch (error) {
        if (!ReentrantCallError.isInstance(error)) throw error;
        return 0;
      }
    });
    expect(sizeOf('a')).toBe(1);
  });

  it('until the stack is full can be called for each of its arguments again', () => {
    let endless = true;
    const next: (n: number) => number = memoizeSync((n: number): number => (endless ? next(n + 1) : n), {
      capacity: null,
    });
    const error = thrownBy(() => next(0));
    expect(CachedMethodFailedError.isInstance(error)).toBe(true);
    endless = false;
    for (let n = 0; n < 20_000; n++) expect(next(n)).toBe(n);
  });

  it('reaches a depth of hundreds of calls', () => {
    const sumTo: (n: number) => number = memoizeSync((n: number): number => (n === 0 ? 0 : n + sumTo(n - 1)));
    expect(sumTo(700)).toBe((700 * 701) / 2);
  });
});

describe('an invalidation during the load (I3)', () => {
  type Cached = ReturnType<typeof memoizeSync<(id: string) => string>>;
  const invalidations: readonly [name: string, invalidate: (cached: Cached) => unknown][] = [
    ['delete', (cached) => cached.delete(['1'])],
    ['clear', (cached) => cached.clear()],
  ];

  it.each(invalidations)('by %s: the value is answered and not kept', (_, invalidate) => {
    const { events, onEvent } = eventsOf();
    let during: (() => unknown) | undefined;
    const cached = memoizeSync((id: string): string => (during?.(), `user ${id}`), { onEvent });
    during = () => invalidate(cached);
    expect([cached('1'), cached.exists(['1'])]).toEqual(['user 1', false]);
    expect(events('declined').map(({ key, why }) => [key, why])).toEqual([['1', 'detached']]);
    during = undefined;
    expect([cached('1'), cached.exists(['1'])]).toEqual(['user 1', true]);
    during = () => invalidate(cached);
    expect([cached.refresh('1'), cached.exists(['1'])]).toEqual(['user 1', false]);
  });

  it('by set: what was set stays', () => {
    const cached = memoizeSync((id: string): string => (cached.set([id], 'somebody'), `user ${id}`)) as Cached;
    expect([cached('1'), cached('1')]).toEqual(['user 1', 'somebody']);
  });

  it('reaches nested loads, those without and those within', () => {
    let clear = true;
    const { events, onEvent } = eventsOf();
    const nested = memoizeSync(
      (depth: number): number => {
        if (depth > 0) return nested(depth - 1) + 1;
        if (clear) nested.clear();
        return 0;
      },
      { onEvent },
    ) as { (depth: number): number; clear(): void; exists(args: [number]): boolean };
    expect(nested(2)).toBe(2);
    expect([0, 1, 2].map((depth) => nested.exists([depth]))).toEqual([false, false, false]);
    expect(events('declined').map(({ key }) => key)).toEqual(['(0)', '(1)', '(2)']);
    clear = false;
    expect(nested(2)).toBe(2);
    expect([0, 1, 2].map((depth) => nested.exists([depth]))).toEqual([true, true, true]);
  });

  it('of one nested load leaves the others', () => {
    const nested = memoizeSync((depth: number): number => {
      if (depth > 0) return nested(depth - 1) + 1;
      nested.delete([1]);
      return 0;
    }) as { (depth: number): number; delete(args: [number]): boolean; exists(args: [number]): boolean };
    nested(2);
    expect([0, 1, 2].map((depth) => nested.exists([depth]))).toEqual([true, false, true]);
  });

  it('by a listener, when the load has ended, holds as well', () => {
    const cached = memoizeSync((id: string): string => `user ${id}`, {
      onEvent: ({ type }) => void (type === 'load-ended' && cached.delete(['1'])),
    }) as Cached;
    expect([cached('1'), cached.exists(['1'])]).toEqual(['user 1', false]);
  });

  it('by a sweep or a clear leaves nothing behind (Q30, Q76)', () => {
    const clock = new ManualClock();
    let sweep: (() => unknown) | undefined;
    const cached = memoizeSync((id: string): string => (sweep?.(), id), { expireAfter: '1 minute', clock });
    cached('a');
    clock.set(60_000);
    sweep = () => cached.removeExpired();
    expect([cached('a'), cached.cacheInfo().size]).toEqual(['a', 1]);
    sweep = () => cached.clear();
    expect([cached.refresh('a'), cached.cacheInfo().size]).toEqual(['a', 0]);
  });

  it('is none by a sweep: a first load is no entry (Q31)', () => {
    const cached = memoizeSync((id: string): string => (cached.removeExpired(), id)) as {
      (id: string): string;
      removeExpired(): number;
      exists(args: [string]): boolean;
    };
    expect([cached('a'), cached.exists(['a'])]).toEqual(['a', true]);
  });

  it('whose load fails: the failure is not remembered, and the old entry not served', () => {
    const clock = new ManualClock();
    let fails = false;
    const options: MemoizeSyncOptions<[id: string], string> = {
      expireAfter: '1 minute',
      staleIfError: '1 hour',
      negative: {},
      clock,
    };
    const source = counted((id: string): string => {
      if (!fails) return `user ${id}`;
      cached.delete([id]);
      throw new Error('down');
    });
    const cached = memoizeSync(source.call, options);
    cached('1');
    fails = true;
    clock.set(60_000);
    expect(() => cached('1')).toThrow(CachedMethodFailedError);
    expect(() => cached('1')).toThrow(CachedMethodFailedError);
    expect(source.calls).toHaveLength(3);
    expect(cached.cacheInfo()).toMatchObject({ size: 0, staleIfErrors: 0 });
  });
});

describe('a promise', () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  afterEach(async () => {
    await turn();
    expect(unhandled).not.toHaveBeenCalled();
  });

  const rejected = (): Promise<string> => Promise.reject(new Error('nobody hears'));
  const wrapAnyway = memoizeSync as (
    fn: (...args: never[]) => unknown,
    options?: object,
  ) => {
    (...args: unknown[]): unknown;
    exists(args: unknown[]): boolean;
    ttl(args: unknown[]): number | undefined;
    set(args: unknown[], value: unknown): void;
    refresh(...args: unknown[]): unknown;
    removeExpired(): number;
    cacheInfo(): ReturnType<ReturnType<typeof memoizeSync>['cacheInfo']>;
  };

  it('from an async function is refused when wrapping', () => {
    const fetchUser = async (): Promise<void> => undefined;
    expect(() => wrapAnyway(fetchUser)).toThrow(
      'memoizeSync: expected a function that answers at once, got function fetchUser. Use memoize, which waits.',
    );
  });

  it('from the function is an error at the call, and nothing is kept', () => {
    const source = counted(rejected);
    const cached = wrapAnyway(source.call, {
      name: 'fetchUser',
      retry: 3,
      negative: { as: 'value' },
      errors: 'original',
    });
    const message =
      `The function "fetchUser" gave a promise for key "42", for which a synchronous caller cannot wait, so nothing is kept. ` +
      `Use memoize, which waits.`;
    expect(() => cached('42')).toThrow(message);
    expect(() => cached('42')).toThrow(UnexpectedPromiseError);
    expect([cached.exists(['42']), cached.cacheInfo().size, source.calls.length]).toEqual([false, 0, 2]);
    expect(() => wrapAnyway(rejected, { enabled: false })()).toThrow(UnexpectedPromiseError);
  });

  it('that only looks like one is refused, and not asked: it may begin when it is', () => {
    const query = { then: vi.fn() };
    expect(() => wrapAnyway(() => query)()).toThrow(UnexpectedPromiseError);
    const pretender = { then: vi.fn(), [Symbol.toStringTag]: 'Promise' };
    expect(() => wrapAnyway(() => pretender)()).toThrow(UnexpectedPromiseError);
    expect(query.then).not.toHaveBeenCalled();
    expect(pretender.then).not.toHaveBeenCalled();
  });

  it('from the etag is an error at the call', () => {
    const cached = wrapAnyway((id: string) => id, { name: 'user', etag: () => rejected() });
    const message =
      `The option 'etag' of the function "user" gave a promise for key "42", for which a synchronous caller cannot wait, ` +
      `so nothing is kept. Use memoize, which waits.`;
    expect(() => cached('42')).toThrow(message);
    expect(() => cached.exists(['42'])).toThrow(message);
  });

  it('from the expiration is an error at the call, and an event (test_async_function_expiry_fail, Q49)', () => {
    const { events, onEvent } = eventsOf();
    const source = counted((id: string) => id);
    const cached = wrapAnyway(source.call, { name: 'user', expireAfter: () => rejected(), onEvent });
    const message =
      `The option 'expireAfter' of the function "user" gave a promise for key "42", for which a synchronous caller cannot wait, ` +
      `so nothing is kept. Use memoize, which waits.`;
    expect(() => cached('42')).toThrow(message);
    expect(() => cached.set(['42'], 'put there')).toThrow(UnexpectedPromiseError);
    expect(() => cached.refresh('42')).toThrow(UnexpectedPromiseError);
    expect([source.calls.length, cached.cacheInfo().size]).toEqual([2, 0]);
    expect(events('policy-failed')[0]).toMatchObject({
      policy: 'expiration',
      key: '42',
      error: { message: `The policy 'expiration' failed at key "42": ${message}` },
    });
    expect(events('refresh-failed').map(({ error }) => error.message)).toEqual([message]);
  });

  it('from the expiration of an entry that is there: it has expired, and is loaded and judged anew', () => {
    const { events, onEvent } = eventsOf();
    let judgement: () => unknown = () => '1 hour';
    const cached = wrapAnyway((id: string) => id, { expireAfter: () => judgement(), onEvent });
    cached('42');
    judgement = rejected;
    expect([cached.exists(['42']), cached.ttl(['42'])]).toEqual([false, undefined]);
    expect(() => cached('42')).toThrow(UnexpectedPromiseError);
    expect(cached.removeExpired()).toBe(1);
    judgement = () => '1 hour';
    expect([cached('42'), cached.exists(['42'])]).toEqual(['42', true]);
    expect(events('policy-failed').every(({ policy }) => policy === 'expiration')).toBe(true);
  });

  it('from the expiration of a failure: the failure itself is thrown, and not remembered', () => {
    const { events, onEvent } = eventsOf();
    const source = counted((): never => {
      throw new RangeError('down');
    });
    const cached = wrapAnyway(source.call, {
      errors: 'original',
      negative: { expireAfter: () => rejected() },
      onEvent,
    });
    expect(() => cached()).toThrow(RangeError);
    expect(() => cached()).toThrow(RangeError);
    expect(source.calls).toHaveLength(2);
    expect(events('policy-failed').map(({ policy }) => policy)).toEqual(['expiration', 'expiration']);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('It has not thrown.');
}
