import {
  CachedMethodFailedError,
  type CacheEntry,
  InMemoryUpdateStatuses,
  LoadTimeoutError,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  type Postprocessing,
  storageOver,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it, vi } from 'vitest';
import { turn } from './support/deferred.js';
import { type Door, doors, subjectAt } from './support/doors.js';

class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
}

const down = new Error('down');
const causeOf = (error: unknown): unknown => (error as Error).cause;

describe.each<Door>(doors)('without negative, by %s', (door) => {
  it('no failure is remembered, and none is ever returned (mends aquiche Q24)', async () => {
    const { source, failure, info } = subjectAt(door);
    source.failure = down;
    const together = await Promise.all([failure(), failure(), failure()]);
    const later = await failure();
    for (const error of [...together, later]) {
      expect(CachedMethodFailedError.isInstance(error)).toBe(true);
      expect(causeOf(error)).toBe(down);
    }
    expect(source.calls).toBe(2);
    expect(info()).toMatchObject({ size: 0, hits: 0, misses: 2, joins: 2, failures: 2 });
  });

  it('a refresh that fails takes no good value away (mends aquiche Q25)', async () => {
    const { source, ask, clock, info } = subjectAt(door, { updateAfter: 1_000, expireAfter: 10_000 });
    expect(await ask()).toBe('value 1');
    await clock.advance(1_000);
    source.failure = down;
    expect(await ask()).toBe('value 1');
    await turn();
    expect([await ask(), info().size, info().refreshFailures]).toEqual(['value 1', 1, 1]);
    await turn();
  });
});

describe.each<Door>(doors)('negative, by %s', (door) => {
  it('remembers a failure for 10 seconds, up to that instant, and throws it again (aquiche Q24, Q26)', async () => {
    const { source, failure, clock, info, types } = subjectAt(door, { negative: {} });
    source.failure = down;
    const first = await failure();
    const second = await failure();
    for (const error of [first, second]) {
      expect(CachedMethodFailedError.isInstance(error)).toBe(true);
      expect(causeOf(error)).toBe(down);
    }
    expect(source.calls).toBe(1);
    expect(info()).toMatchObject({ hits: 1, misses: 1, loads: 1, failures: 1, size: 1 });
    expect(types()).toEqual(['miss', 'load-started', 'load-failed', 'hit']);
    await clock.advance(9_999);
    await failure();
    expect(source.calls).toBe(1);
    await clock.advance(1);
    await failure();
    expect(source.calls).toBe(2);
  });

  it('gives way to a value as soon as it has expired', async () => {
    const { source, failure, ask, clock, info } = subjectAt(door, { negative: { expireAfter: '5 minutes' } });
    source.failure = down;
    await failure();
    source.failure = undefined;
    await clock.advance('5 minutes');
    expect([await ask(), await ask()]).toEqual(['value 2', 'value 2']);
    expect(info()).toMatchObject({ size: 1, hits: 1 });
  });

  it('is thrown for all who wait for the one load', async () => {
    const { source, failure, info } = subjectAt(door, { negative: {} });
    source.failure = down;
    const errors = await Promise.all([failure(), failure(), failure()]);
    expect(errors.map(causeOf)).toEqual([down, down, down]);
    expect(errors.every((error) => CachedMethodFailedError.isInstance(error))).toBe(true);
    expect(source.calls).toBe(1);
    expect(info()).toMatchObject({ misses: 1, joins: 2 });
  });

  it('hands the original over where that is asked for, to the first and to all others', async () => {
    const { source, failure } = subjectAt(door, { negative: {}, errors: 'original' });
    source.failure = down;
    const together = await Promise.all([failure(), failure()]);
    expect([...together, await failure()]).toEqual([down, down, down]);
    expect((await failure()) === down).toBe(true);
  });

  it('hands it over as the value where that is asked for, to the first one too (aquiche Q26)', async () => {
    const { source, ask, info } = subjectAt(door, { negative: { as: 'value' } });
    source.failure = down;
    const answers = await Promise.all([ask(), ask()]);
    expect([...answers, await ask()].every((answer) => answer === down)).toBe(true);
    expect(source.calls).toBe(1);
    expect(info()).toMatchObject({ hits: 1, misses: 1, joins: 1, failures: 1 });
  });

  it('leaves the value of a failure alone: postprocessing is for values', async () => {
    const apply = vi.fn();
    const postprocessing: Postprocessing = { apply: (value) => apply(value) as never };
    const { source, ask } = subjectAt(door, { negative: { as: 'value' }, postprocessing });
    source.failure = down;
    expect([await ask(), await ask()]).toEqual([down, down]);
    expect(apply).not.toHaveBeenCalled();
  });

  it('remembers what anybody may throw', async () => {
    for (const thrown of [null, 'text', 0, false]) {
      const { source, failure } = subjectAt(door, { negative: {} });
      source.failure = thrown;
      expect(causeOf(await failure())).toBe(thrown);
      expect(causeOf(await failure())).toBe(thrown);
      expect(source.calls).toBe(1);
    }
  });

  it('remembers a timeout as any other failure', async () => {
    const { source, failure, clock } = subjectAt(door, { negative: {}, timeout: 100 });
    source.before = () => new Promise(() => undefined);
    const failing = failure();
    await clock.advance(100);
    expect(LoadTimeoutError.isInstance(causeOf(await failing))).toBe(true);
    expect(LoadTimeoutError.isInstance(causeOf(await failure()))).toBe(true);
    expect(source.calls).toBe(1);
  });

  it('asks `when` whether a failure is worth it', async () => {
    const when = vi.fn((error: unknown) => error === down);
    const { source, failure } = subjectAt(door, { negative: { when } });
    source.failure = new Error('once');
    await failure();
    source.failure = down;
    expect([causeOf(await failure()), causeOf(await failure())]).toEqual([down, down]);
    expect(source.calls).toBe(2);
    expect(when.mock.calls.map(([error]) => (error as Error).message)).toEqual(['once', 'down']);
  });

  it('does not remember where `when` throws, which is an event', async () => {
    const when = (): never => {
      throw new Error('cannot say');
    };
    const { source, failure, events } = subjectAt(door, { negative: { when } });
    source.failure = down;
    expect([causeOf(await failure()), causeOf(await failure())]).toEqual([down, down]);
    expect(source.calls).toBe(2);
    const faults = events.filter((event) => event.type === 'policy-failed');
    expect(faults).toHaveLength(2);
    expect(faults[0]).toMatchObject({ policy: 'negative', error: { code: 'POLICY_FAILED' } });
    expect(faults[0]!.error.message).toMatch(/^The policy 'negative' failed at key ".*": cannot say$/);
  });

  it.each([
    ['answers later', async () => Promise.reject(new Error('cannot say')), 'an object of class Promise'],
    ['answers with something else', () => 1, '1'],
  ])('does not remember where `when` %s, which is an event', async (_, when, received) => {
    const { source, failure, events } = subjectAt(door, { negative: { when: when as never } });
    source.failure = down;
    await failure();
    await failure();
    expect(source.calls).toBe(2);
    const [fault] = events.filter((event) => event.type === 'policy-failed');
    expect((fault!.error.cause as Error).message).toBe(
      `negative.when: expected true or false from it, at once, got ${received}.`,
    );
  });

  it.each([
    ['never', null, '30 days', 1],
    ['a duration', '1 hour', '59 minutes', 1],
    ['at once', 0, '0 seconds', 2],
    ['a moment', new Date(1_000_000 + 5_000), '5 seconds', 2],
  ] as const)('expires as it says: %s', async (_, expireAfter, later, calls) => {
    const { source, failure, clock } = subjectAt(door, { negative: { expireAfter } });
    source.failure = down;
    await failure();
    await clock.advance(later);
    await failure();
    expect(source.calls).toBe(calls);
  });

  it('asks a function when it expires, as `expireAfter` is where nothing else is said, and tells it what failed', async () => {
    const items: unknown[] = [];
    const expireAfter = (item: { readonly isError: boolean }): number => {
      items.push(item);
      return item.isError ? 1_000 : 60_000;
    };
    const { source, failure, ask, clock } = subjectAt(door, { expireAfter, negative: {} });
    source.failure = down;
    await failure();
    await clock.advance(999);
    await failure();
    expect(source.calls).toBe(1);
    expect(items[0]).toMatchObject({ value: down, isError: true, lastFetched: 1_000_000 });
    source.failure = undefined;
    await clock.advance(1);
    expect(await ask()).toBe('value 2');
    await clock.advance(59_999);
    expect(await ask()).toBe('value 2');
    await clock.advance(1);
    expect(await ask()).toBe('value 3');
  });

  it('never takes the place of an entry that is still served: a forced refresh that fails', async () => {
    const subject = subjectAt(door, { negative: {}, expireAfter: '1 hour' });
    const { source, ask, info } = subject;
    expect(await ask()).toBe('value 1');
    source.failure = down;
    const refreshing = subject.refresh();
    await expect(refreshing).rejects.toMatchObject({ cause: down });
    expect([await ask(), info().refreshFailures]).toEqual(['value 1', 1]);
  });

  it('never takes the place of an entry that is still served: a refresh in the background that fails', async () => {
    const subject = subjectAt(door, { negative: {}, updateAfter: 1_000, expireAfter: 10_000 });
    const { source, ask, failure, clock, types } = subject;
    await ask();
    await clock.advance(1_000);
    source.failure = down;
    expect(await ask()).toBe('value 1');
    await turn();
    expect(source.calls).toBe(2);
    expect(types().slice(3)).toEqual(['stale-served', 'load-started', 'load-failed', 'refresh-failed']);
    expect([await subject.exists(), await ask()]).toEqual([true, 'value 1']);
    await turn();
    await clock.advance(9_000);
    const calls = source.calls;
    expect([causeOf(await failure()), causeOf(await failure())]).toEqual([down, down]);
    expect(source.calls).toBe(calls + 1);
  });

  it('is replaced by a forced refresh, by set and by delete', async () => {
    const subject = subjectAt(door, { negative: { expireAfter: null } });
    const { source, failure, ask } = subject;
    const failAgain = async (): Promise<void> => {
      await subject.delete();
      source.failure = down;
      await failure();
      source.failure = undefined;
      await failure();
    };
    await failAgain();
    expect([await subject.refresh(), await ask()]).toEqual(['value 2', 'value 2']);
    await failAgain();
    await subject.set('put there');
    expect(await ask()).toBe('put there');
    await failAgain();
    await subject.delete();
    expect(await ask()).toBe('value 5');
  });

  it('is remembered anew where a forced refresh fails and nothing good is there', async () => {
    const subject = subjectAt(door, { negative: {} });
    const { source, failure } = subject;
    source.failure = down;
    await failure();
    const worse = new Error('worse');
    source.failure = worse;
    await expect(subject.refresh()).rejects.toMatchObject({ cause: worse });
    expect(subject.types().slice(-3)).toEqual(['load-started', 'load-failed', 'refresh-failed']);
    expect(subject.info()).toMatchObject({ refreshes: 0, refreshFailures: 1 });
    expect(causeOf(await failure())).toBe(worse);
    expect(source.calls).toBe(2);
  });

  it('is there as any other entry: a call would be answered from the cache', async () => {
    const subject = subjectAt(door, { negative: {} });
    subject.source.failure = down;
    await subject.failure();
    expect([await subject.exists(), await subject.ttl()]).toEqual([true, 10_000]);
    expect(await subject.expire(1_000)).toBe(true);
    await subject.clock.advance(1_000);
    await subject.failure();
    expect(subject.source.calls).toBe(2);
    expect(await subject.delete()).toBe(true);
    expect(await subject.exists()).toBe(false);
  });

  it('is not kept where the key was deleted during the load', async () => {
    const subject = subjectAt(door, { negative: {} });
    const { source, failure, info } = subject;
    let release!: () => void;
    source.before = () => new Promise<void>((resolve) => (release = resolve));
    source.failure = down;
    const failing = failure();
    await turn();
    await subject.delete();
    release();
    expect(causeOf(await failing)).toBe(down);
    expect([info().size, subject.types()]).toEqual([0, ['miss', 'load-started', 'invalidated', 'load-failed']]);
  });

  it('does not remember that everyone has left', async () => {
    const { source, failure, ask, info } = subjectAt(door, { negative: {} });
    source.before = () => new Promise(() => undefined);
    const controller = new AbortController();
    const failing = failure({ signal: controller.signal });
    await turn();
    controller.abort(new Error('gone'));
    await failing;
    await turn();
    expect(info().size).toBe(0);
    source.before = () => undefined;
    expect(await ask()).toBe('value 2');
  });

  it('is remembered after all attempts have failed, and then the key need not rest', async () => {
    const { source, failure, clock, ask } = subjectAt(door, { negative: { expireAfter: 10 }, retry: 2 });
    source.failure = down;
    await failure();
    expect(causeOf(await failure())).toBe(down);
    expect(source.calls).toBe(3);
    await clock.advance(10);
    source.failure = undefined;
    expect(await ask()).toBe('value 4');
  });

  it('counts with the etag that was demanded', async () => {
    const { source, failure } = subjectAt(door, { negative: {} });
    source.failure = down;
    await failure({ etag: 'a' });
    await failure({ etag: 'a' });
    expect(source.calls).toBe(1);
    await failure({ etag: 'b' });
    expect(source.calls).toBe(2);
  });

  it('never takes the place of an entry that is good for others: a call that wants a younger one, or another', async () => {
    for (const own of [{ maxAge: 5_000 }, { etag: 'B' }]) {
      const { source, ask, failure, clock } = subjectAt(door, { expireAfter: '1 hour', negative: {} });
      await ask({ etag: 'A' });
      await clock.advance('10 seconds');
      source.failure = down;
      expect(causeOf(await failure(own))).toBe(down);
      expect(await ask()).toBe('value 1');
    }
  });

  it('is remembered though values never are', async () => {
    for (const Storage of [LocalInMemoryCacheStorage, SharedStorage]) {
      const clock = new ManualClock(1_000_000);
      const { source, failure, ask } = subjectAt(door, {
        clock,
        storage: new Storage({ clock }),
        expireAfter: 0,
        negative: {},
      });
      expect([await ask(), await ask()]).toEqual(['value 1', 'value 2']);
      source.failure = down;
      await failure();
      await failure();
      expect(source.calls).toBe(3);
    }
  });

  it('is served on by a shared storage, as plain data, with name, message, code and causes', async () => {
    const clock = new ManualClock(1_000_000);
    const kept = new Map<string, unknown>();
    // A store that copies by JSON, as those of other processes do.
    const store = {
      get: (key: string) => (kept.has(key) ? (JSON.parse(kept.get(key) as string) as unknown) : undefined),
      set: (key: string, value: unknown) => void kept.set(key, JSON.stringify(value)),
      delete: (key: string) => kept.delete(key),
    };
    const storage = storageOver(store, { shared: true, values: 'json', clock });
    const subject = subjectAt(door, { storage, clock, negative: {} });
    const { source, failure } = subject;
    source.failure = Object.assign(new TypeError('no such user', { cause: down }), { code: 'ENOENT' });
    await failure();
    const error = await failure();
    expect(source.calls).toBe(1);
    expect(CachedMethodFailedError.isInstance(error)).toBe(true);
    const cause = causeOf(error);
    expect(cause).toBeInstanceOf(TypeError);
    expect(cause).toMatchObject({ name: 'TypeError', message: 'no such user', code: 'ENOENT' });
    expect(causeOf(cause)).toMatchObject({ message: 'down' });
  });
});

describe('negative between processes', () => {
  const processOver = (storage: LocalInMemoryCacheStorage, clock: ManualClock, load: () => unknown, options: object) =>
    memoize(load, {
      name: 'shared',
      storage,
      clock,
      jitter: 0,
      updateStatuses: new InMemoryUpdateStatuses({ lockTimeout: Infinity, clock }),
      onEvent: () => undefined,
      ...options,
    });

  it('one calls the function, and the others hear of its failure', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const load = vi.fn(async () => Promise.reject(down));
    const [first, second] = [1, 2].map(() => processOver(storage, clock, load, { negative: {} }));
    const calls = [first!(), second!()].map((call) => call.catch((error: unknown) => error));
    await clock.advance(100);
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: 'CACHED_METHOD_FAILED', cause: { message: 'down' } });
    }
    await expect(second!()).rejects.toMatchObject({ cause: { message: 'down' } });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('those who do not remember failures are not answered with those of others', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const failing = processOver(storage, clock, async () => Promise.reject(down), { negative: {} });
    const plain = processOver(storage, clock, async () => 'value', {});
    await expect(failing()).rejects.toThrow();
    expect(await plain.exists([])).toBe(false);
    expect(await plain()).toBe('value');
    // And now there is something good.
    expect(await failing()).toBe('value');
  });
});

describe('negative of many', () => {
  it('remembers what was said of a single key, which is left out again without being asked for', async () => {
    const clock = new ManualClock(1_000_000);
    for (const Storage of [LocalInMemoryCacheStorage, SharedStorage]) {
      const asked: (readonly string[])[] = [];
      const memo = new Memoizer(new Storage({ clock }), { clock, negative: {}, onEvent: () => undefined });
      const loadMany = (keys: readonly string[]): (string | Error)[] => {
        asked.push(keys);
        return keys.map((key) => (key === 'a' ? down : `value of ${key}`));
      };
      const get = async (): Promise<unknown> => [...(await memo.getMany(['a', 'b'], loadMany))];
      expect(await get()).toEqual([['b', 'value of b']]);
      expect(await get()).toEqual([['b', 'value of b']]);
      expect(asked).toEqual([['a', 'b']]);
      await expect(memo.get('a', () => 'not called')).rejects.toMatchObject({ cause: { message: 'down' } });
    }
  });

  it('leaves out what was said of a single key for who loads nothing, too', async () => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { negative: {} });
    await memo.getMany(['a', 'b'], () => [down, 'value of b']);
    expect([...(await memo.getMany(['a', 'b', 'c']))]).toEqual([['b', 'value of b']]);
  });

  it('remembers the failure of all as the failure of all', async () => {
    const clock = new ManualClock(1_000_000);
    const memo = new Memoizer(new LocalInMemoryCacheStorage({ clock }), { clock, negative: {} });
    const loadMany = vi.fn(async () => Promise.reject(down));
    await expect(memo.getMany(['a', 'b'], loadMany)).rejects.toMatchObject({ cause: down });
    await expect(memo.getMany(['a', 'b'], loadMany)).rejects.toMatchObject({ cause: down });
    expect(loadMany).toHaveBeenCalledTimes(1);
  });

  it('is an answer to a call that loads nothing', async () => {
    const memo = new Memoizer(new LocalInMemoryCacheStorage(), { negative: {} });
    await expect(memo.get('a', async () => Promise.reject(down))).rejects.toThrow();
    await expect(memo.get('a')).rejects.toMatchObject({ cause: down });
  });
});

describe('an entry of a failure', () => {
  it('is swept when its own time has come (aquiche test_negative_cache_expiry)', async () => {
    const clock = new ManualClock(1_000_000);
    const fails = async (id: number): Promise<string> => {
      if (id === 1) throw down;
      return 'value';
    };
    const cached = memoize(fails, { clock, expireAfter: '3 days', negative: { expireAfter: '10 minutes' } });
    await Promise.allSettled([cached(1), cached(2)]);
    expect(cached.cacheInfo().size).toBe(2);
    await clock.advance('1 day');
    expect([await cached.removeExpired(), cached.cacheInfo().size]).toEqual([1, 1]);
  });

  it('counts for the capacity, and is let go as any other', async () => {
    const fails = (_id: number): Promise<never> => Promise.reject(down);
    const cached = memoize(fails, { negative: {}, capacity: 2 });
    for (const id of [1, 2, 3]) await cached(id).catch(() => undefined);
    expect(cached.cacheInfo()).toMatchObject({ size: 2, evictions: 1 });
  });

  it('says that it is one', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const cached = memoize(async () => Promise.reject(down), { negative: {}, storage, name: 'fails' });
    await cached().catch(() => undefined);
    const entries: CacheEntry[] = [];
    for await (const [, entry] of storage.entries()) entries.push(entry);
    expect(entries).toMatchObject([{ failed: true, value: down }]);
  });
});

describe('the option negative', () => {
  it.each([
    [true, "option 'negative' should be an object of options, such as { expireAfter: '10 seconds' }, got true."],
    [{ expire: 5 }, /option 'negative\.expire' should be left out, since there is no such option, got 5\./],
    [{ when: true }, "option 'negative.when' should be a function of an error, got true."],
    [{ as: 'null' }, `option 'negative.as' should be 'throw' or 'value', got "null".`],
    [{ expireAfter: 'soon' }, /^memoize: option 'negative\.expireAfter' should be /],
  ])('is refused when wrapping where it is %o', (negative, message) => {
    expect(() => memoize(async () => 1, { negative: negative as never })).toThrow(message);
  });
});
