import {
  CachedMethodFailedError,
  type CacheEntry,
  type CacheEvent,
  type CacheInfo,
  InMemoryUpdateStatuses,
  LoadTimeoutError,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  RecentlyFailedError,
} from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from './support/deferred.js';
import { type Door, doors, type Subject, subjectAt } from './support/doors.js';

class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
}

const down = new Error('down');
const causeOf = (error: unknown): unknown => (error as Error).cause;

/** Ten seconds of life, and a minute more where the source fails. */
const options = { expireAfter: '10 seconds', staleIfError: '1 minute' } as const;

/** Long enough for a rest to be over. */
const rest = 3_000;

/** A subject with an entry that has just expired, and a source that fails. */
async function expired(door: Door, more: object = {}): Promise<Subject> {
  const subject = subjectAt(door, { ...options, ...more });
  expect(await subject.ask()).toBe('value 1');
  await subject.clock.advance('10 seconds');
  subject.source.failure = down;
  return subject;
}

const counted = ({ hits, misses, joins, failures, staleIfErrors }: CacheInfo): unknown => ({
  hits,
  misses,
  joins,
  failures,
  staleIfErrors,
});

describe.each<Door>(doors)('staleIfError, by %s', (door) => {
  it('serves what has expired where the load fails, and says so (mends aquiche Q25)', async () => {
    const { ask, source, info, events, types } = await expired(door);
    expect(await ask()).toBe('value 1');
    expect(source.calls).toBe(2);
    expect(counted(info())).toEqual({ hits: 0, misses: 2, joins: 0, failures: 1, staleIfErrors: 1 });
    expect(types().slice(3)).toEqual(['miss', 'load-started', 'load-failed', 'stale-if-error']);
    const told = events.at(-1) as Extract<CacheEvent, { type: 'stale-if-error' }>;
    expect(told.entry.value).toBe('value 1');
    expect(CachedMethodFailedError.isInstance(told.error)).toBe(true);
    expect(told.error.cause).toBe(down);
  });

  it('serves it up to the very instant, and not at it', async () => {
    const { ask, failure, clock } = await expired(door);
    await clock.advance(59_999);
    expect(await ask()).toBe('value 1');
    await clock.advance(1);
    expect(await failure()).toMatchObject({ code: 'CACHED_METHOD_FAILED' });
    await clock.advance(rest);
    expect(causeOf(await failure())).toBe(down);
  });

  it('serves it for ever where that is asked for', async () => {
    const { ask, clock } = await expired(door, { staleIfError: Infinity });
    await clock.advance('4000 days');
    expect(await ask()).toBe('value 1');
  });

  it('waits for the load first: what it gives is served', async () => {
    const { ask, source } = await expired(door);
    source.failure = undefined;
    expect(await ask()).toBe('value 2');
  });

  it('serves all who wait for the load', async () => {
    const { ask, info, source } = await expired(door);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['value 1', 'value 1', 'value 1']);
    expect(source.calls).toBe(2);
    expect(counted(info())).toEqual({ hits: 0, misses: 2, joins: 2, failures: 1, staleIfErrors: 3 });
  });

  it('serves it where the load takes too long', async () => {
    const { ask, source, clock, events } = await expired(door, { timeout: 100 });
    source.before = () => new Promise(() => undefined);
    const asking = ask();
    await clock.advance(100);
    expect(await asking).toBe('value 1');
    const told = events.at(-1) as Extract<CacheEvent, { type: 'stale-if-error' }>;
    expect(LoadTimeoutError.isInstance(told.error.cause)).toBe(true);
  });

  it('lets the key rest, and serves it meanwhile without another attempt', async () => {
    const { ask, source, clock, events, info } = await expired(door);
    await ask();
    expect([await ask(), await ask()]).toEqual(['value 1', 'value 1']);
    expect(source.calls).toBe(2);
    const told = events.at(-1) as Extract<CacheEvent, { type: 'stale-if-error' }>;
    expect(RecentlyFailedError.isInstance(told.error.cause)).toBe(true);
    expect(counted(info())).toEqual({ hits: 0, misses: 4, joins: 0, failures: 1, staleIfErrors: 3 });
    await clock.advance(94);
    source.failure = undefined;
    expect(await ask()).toBe('value 3');
    expect(clock.pendingTimers).toBe(clock.pendingBackgroundTimers);
  });

  it('asks again with all attempts after the rest, and then rests for longer', async () => {
    const { ask, source, clock } = await expired(door, { retry: 1 });
    await ask();
    expect(source.calls).toBe(3);
    await clock.advance(94);
    await ask();
    expect(source.calls).toBe(5);
    await clock.advance(94);
    await ask();
    expect(source.calls).toBe(5);
    await clock.advance(94);
    await ask();
    expect(source.calls).toBe(7);
  });

  it('never serves what was deleted', async () => {
    const subject = await expired(door);
    await subject.ask();
    await subject.delete();
    expect(causeOf(await subject.failure())).toBe(down);
    expect(subject.source.calls).toBe(3);
  });

  it('never serves what was deleted, to a call that comes while an older load still runs', async () => {
    const subject = await expired(door);
    const { ask, failure, source } = subject;
    const releases: (() => void)[] = [];
    source.before = () => new Promise<void>((resolve) => void releases.push(resolve));
    const before = ask();
    await turn();
    await subject.delete();
    const after = failure();
    await turn();
    for (const release of releases) release();
    // Who came before the delete may have what was there then.
    expect(await before).toBe('value 1');
    expect(causeOf(await after)).toBe(down);
    expect(source.calls).toBe(3);
  });

  it('serves what was set instead, when that has expired', async () => {
    const subject = await expired(door);
    await subject.set('put there');
    await subject.clock.advance('10 seconds');
    expect(await subject.ask()).toBe('put there');
  });

  it('serves no other revision than was asked for', async () => {
    const { ask, failure, source, clock } = subjectAt(door, options);
    await ask({ etag: 'a' });
    source.failure = down;
    expect(causeOf(await failure({ etag: 'b' }))).toBe(down);
    await clock.advance(rest);
    expect(await ask({ etag: 'a' })).toBe('value 1');
    await clock.advance('10 seconds');
    expect(await ask({ etag: 'a' })).toBe('value 1');
    await clock.advance(rest);
    expect(causeOf(await failure({ etag: 'b' }))).toBe(down);
    await clock.advance(rest);
    expect(await ask()).toBe('value 1');
  });

  it('counts from the age that was asked for, where that is shorter', async () => {
    const { ask, failure, source, clock } = subjectAt(door, { ...options, expireAfter: '1 hour', maxAge: '5 seconds' });
    await ask();
    source.failure = down;
    await clock.advance(5_000 + 59_999);
    expect(await ask()).toBe('value 1');
    await clock.advance(1);
    await failure();
    await clock.advance(rest);
    expect(causeOf(await failure())).toBe(down);
  });

  it('is no answer to a forced refresh, nor to who asks what is there', async () => {
    const subject = await expired(door);
    await expect(subject.refresh()).rejects.toMatchObject({ cause: down });
    expect([await subject.exists(), await subject.ttl(), await subject.expire(1_000)]).toEqual([
      false,
      undefined,
      false,
    ]);
    expect(await subject.ask()).toBe('value 1');
  });

  it('counts from the new deadline where that was changed', async () => {
    const subject = subjectAt(door, options);
    await subject.ask();
    await subject.expire(1_000);
    subject.source.failure = down;
    await subject.clock.advance(1_000 + 59_999);
    expect(await subject.ask()).toBe('value 1');
    await subject.clock.advance(1);
    expect(await subject.failure()).toMatchObject({ code: 'CACHED_METHOD_FAILED' });
  });

  it('hands over the original failure after that where it is asked for', async () => {
    const { ask, failure, clock } = await expired(door, { errors: 'original' });
    expect(await ask()).toBe('value 1');
    await clock.advance('1 minute');
    expect(await failure()).toBe(down);
  });

  it('is preferred to a remembered failure, which comes after it', async () => {
    const { ask, failure, clock, source } = await expired(door, { negative: { expireAfter: '1 hour' } });
    expect(await ask()).toBe('value 1');
    await clock.advance('1 minute');
    expect(causeOf(await failure())).toBe(down);
    const { calls } = source;
    await clock.advance('59 minutes');
    expect(causeOf(await failure())).toBe(down);
    expect(source.calls).toBe(calls);
  });

  it('does nothing for the failures of callers: whoever leaves is told so', async () => {
    const { failure, source, clock } = await expired(door);
    source.before = () => new Promise(() => undefined);
    const controller = new AbortController();
    const failing = failure({ signal: controller.signal });
    await turn();
    controller.abort(new Error('gone'));
    expect(await failing).toMatchObject({ message: 'gone' });
    await turn();
    expect(clock.pendingTimers).toBe(clock.pendingBackgroundTimers);
  });

  it('serves from a shared storage, too', async () => {
    const clock = new ManualClock(1_000_000);
    const { ask, failure, source } = await expired(door, { clock, storage: new SharedStorage({ clock }) });
    expect(await ask()).toBe('value 1');
    expect(await ask()).toBe('value 1');
    expect(source.calls).toBe(2);
    await clock.advance('1 minute');
    expect(causeOf(await failure())).toBe(down);
  });

  it('bridges failures of what is loaded anew for each call', async () => {
    for (const Storage of [LocalInMemoryCacheStorage, SharedStorage]) {
      const clock = new ManualClock(1_000_000);
      const { ask, source } = subjectAt(door, {
        clock,
        storage: new Storage({ clock }),
        expireAfter: 0,
        staleIfError: '1 hour',
      });
      expect([await ask(), await ask()]).toEqual(['value 1', 'value 2']);
      source.failure = down;
      expect(await ask()).toBe('value 2');
      await clock.advance(rest);
      source.failure = undefined;
      expect(await ask()).toBe('value 4');
    }
  });

  it('is of no use without it: the caller gets the failure', async () => {
    const { failure } = await expired(door, { staleIfError: undefined });
    expect(causeOf(await failure())).toBe(down);
  });
});

describe('an entry that is kept for failures', () => {
  it('is left by sweeps until its time has come', async () => {
    const clock = new ManualClock(1_000_000);
    const cached = memoize(async () => 'value', { clock, ...options });
    await cached();
    await clock.advance(10_000 + 59_999);
    expect([await cached.removeExpired(), cached.cacheInfo().size]).toEqual([0, 1]);
    await clock.advance(1);
    expect([await cached.removeExpired(), cached.cacheInfo().size]).toEqual([1, 0]);
  });

  it('goes as any other where room is made', async () => {
    const clock = new ManualClock(1_000_000);
    let fails = false;
    const load = async (id: number): Promise<number> => {
      if (fails) throw down;
      return id;
    };
    const cached = memoize(load, { clock, ...options, capacity: 1 });
    await cached(1);
    await cached(2);
    fails = true;
    await clock.advance('10 seconds');
    await expect(cached(1)).rejects.toMatchObject({ cause: down });
    expect(await cached(2)).toBe(2);
  });

  it('is not served where a delete could not be confirmed', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage({ clock }), {}, clock);
    let fails = false;
    const load = async (): Promise<string> => {
      if (fails) throw down;
      return 'value';
    };
    const cached = memoize(load, { name: 'loaded', clock, storage, ...options, onEvent: () => undefined });
    await cached();
    await clock.advance('10 seconds');
    fails = true;
    storage.plan = { invalidate: 'fail', release: 'fail' };
    await expect(cached.delete([])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await expect(cached()).rejects.toMatchObject({ cause: down });
  });

  it('is not served either to a call that came before such a delete', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage({ clock }), {}, clock);
    let answer: Promise<string> = Promise.resolve('value');
    const cached = memoize(() => answer, { name: 'loaded', clock, storage, ...options, onEvent: () => undefined });
    await cached();
    await clock.advance('10 seconds');
    const gate = deferred<string>();
    answer = gate.promise;
    const asking = cached();
    await turn();
    storage.plan = { invalidate: 'fail', release: 'fail' };
    await expect(cached.delete([])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    gate.reject(down);
    await expect(asking).rejects.toMatchObject({ cause: down });
  });

  it('says so, so that storages keep it: as long after each deadline that it gets', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new LocalInMemoryCacheStorage({ clock });
    const cached = memoize(async () => 'value', { name: 'loaded', clock, storage, ...options });
    const moments = async (): Promise<unknown> => {
      let entry: CacheEntry | undefined;
      for await (const [, kept] of storage.entries()) entry = kept;
      return [entry?.expiresAfter, entry?.keepUntil];
    };
    await cached();
    expect(await moments()).toEqual([1_010_000, 1_070_000]);
    await cached.expire([], '1 hour');
    expect(await moments()).toEqual([4_600_000, 4_660_000]);
    await cached.set([], 'put there');
    expect(await moments()).toEqual([1_010_000, 1_070_000]);
  });

  it('is served to each of many keys that has one', async () => {
    const clock = new ManualClock(1_000_000);
    const memo = new Memoizer(new LocalInMemoryCacheStorage({ clock }), { clock, ...options, jitter: 0 });
    const load = async (keys: readonly string[]): Promise<readonly string[]> => keys.map((key) => `value of ${key}`);
    await memo.getMany(['a', 'b'], load);
    await clock.advance('10 seconds');
    const failing = async (): Promise<never> => Promise.reject(down);
    expect([...(await memo.getMany(['a', 'b'], failing))]).toEqual([
      ['a', 'value of a'],
      ['b', 'value of b'],
    ]);
    await clock.advance(rest);
    await expect(memo.getMany(['a', 'c'], failing)).rejects.toMatchObject({ cause: down });
    expect(memo.cacheInfo().staleIfErrors).toBe(3);
  });

  it('is served in every process, by the failure of the one that loads', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    let calls = 0;
    let fails = false;
    const load = async (): Promise<string> => {
      calls++;
      if (fails) throw down;
      return 'value';
    };
    const processes = [1, 2, 3].map(() =>
      memoize(load, {
        name: 'shared',
        storage,
        clock,
        jitter: 0,
        ...options,
        updateStatuses: new InMemoryUpdateStatuses({ lockTimeout: Infinity, clock }),
      }),
    );
    await processes[0]!();
    await clock.advance('10 seconds');
    fails = true;
    const asking = Promise.all(processes.map((cached) => cached()));
    await clock.advance(1_000);
    expect(await asking).toEqual(['value', 'value', 'value']);
    expect(calls).toBe(2);
  });
});

describe('the option staleIfError', () => {
  it.each([
    [-1, /^memoize: option 'staleIfError' should be a duration .*, got -1\. A length of time cannot be negative\.$/],
    ['long', /^memoize: option 'staleIfError' should be a duration .*, got "long"/],
  ])('is refused when wrapping where it is %o', (staleIfError, message) => {
    expect(() => memoize(async () => 1, { staleIfError })).toThrow(message);
  });
});
