import {
  type CacheEntry,
  type CacheEvent,
  type CacheStorage,
  DefaultInMemoryCacheConfiguration,
  LeastRecentlyUpdatedEvictionStrategy,
  LeastRecentlyUsedEvictionStrategy,
  LocalInMemoryCacheStorage,
  memoize,
  MutableCacheConfiguration,
  S3FifoEvictionStrategy,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { turn } from '../support/deferred.js';

const clock = new ManualClock(1_000_000);
let events: CacheEvent[] = [];
const onEvent = (event: CacheEvent): void => void events.push(event);
const faults = (): readonly CacheEvent[] => events.filter(({ type }) => type.endsWith('failed'));
const evicted = (): number => events.filter(({ type }) => type === 'evicted').length;
beforeEach(() => void (events = []));

const strategies = [
  ['S3-FIFO', S3FifoEvictionStrategy],
  ['least recently used', LeastRecentlyUsedEvictionStrategy],
  ['least recently updated', LeastRecentlyUpdatedEvictionStrategy],
] as const;

describe('a strategy whose storage is replaced', () => {
  it.each(strategies)('bounds the new one as well, and names none for ever: %s', async (_title, Strategy) => {
    const former = new LocalInMemoryCacheStorage({ clock });
    const latter = new LocalInMemoryCacheStorage({ clock });
    const configuration = MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration())
      .setStorage(former)
      .setEvictionStrategy(new Strategy(3));
    const cached = memoize(async (key: number) => key, { name: 'replaced', configuration, clock, onEvent });
    for (let key = 0; key < 5; key++) await cached(key);
    configuration.setStorage(latter);
    for (let key = 100; key < 300; key++) await cached(key);
    expect(latter.size).toBeGreaterThan(0);
    expect(latter.size).toBeLessThanOrEqual(3);
    expect(evicted()).toBeLessThanOrEqual(205);
    expect(faults()).toEqual([]);
  });
});

describe('an entry that leaves while it is weighed', () => {
  it.each(strategies)('leaves nothing on the books: %s', async (_title, Strategy) => {
    const storage = new LocalInMemoryCacheStorage({ clock });
    const deletions: Promise<unknown>[] = [];
    const cached = memoize(async (key: number) => key, {
      name: 'weighed',
      storage,
      clock,
      onEvent,
      evictionStrategy: new Strategy({
        maxWeight: 5,
        weigh: ({ value }) => {
          if ((value as number) % 20 === 3) deletions.push(cached.delete([value as number]));
          return 1;
        },
      }),
    });
    for (let key = 0; key < 100; key++) await cached(key);
    await Promise.all(deletions);
    expect(deletions.length).toBeGreaterThan(0);
    expect(storage.size).toBeLessThanOrEqual(5);
    expect(storage.size).toBeGreaterThanOrEqual(4);
    expect(evicted()).toBeLessThanOrEqual(100);
    expect(faults()).toEqual([]);
  });
});

describe('what users see of an entry', () => {
  const namesOf = (entry: CacheEntry | undefined): readonly string[] => Object.keys(entry ?? {}).sort();

  it('is plain data, and none of the places where entries stand', async () => {
    const storage = new LocalInMemoryCacheStorage({ clock });
    const cached = memoize(async (key: number) => key, { name: 'seen', storage, clock, capacity: 5 });
    await cached(1);
    await cached(2);
    const seen: (CacheEntry | undefined)[] = [];
    for await (const [key, entry] of storage.entries()) {
      seen.push(entry, storage.peek(key), await storage.get(key), ...(await storage.getMany([key])));
    }
    expect(seen).toHaveLength(8);
    for (const entry of seen) {
      expect(namesOf(entry)).toEqual(['created', 'expiresAfter', 'updateAfter', 'value']);
      expect(structuredClone({ ...entry })).toEqual(entry);
      expect(JSON.parse(JSON.stringify(entry))).toMatchObject({ created: entry?.created });
    }
  });

  it('can be offered to another storage, which has its own books', async () => {
    const [first, second] = [new LocalInMemoryCacheStorage({ clock }), new LocalInMemoryCacheStorage({ clock })];
    const options = { name: 'shared', clock, onEvent, capacity: 5 };
    const cached = memoize(async (key: number) => key, { ...options, storage: first });
    const other = memoize(async (key: number) => key, { ...options, storage: second });
    for (let key = 0; key < 5; key++) await cached(key);
    for (let key = 10; key < 14; key++) await other(key);
    const keys: string[] = [];
    for await (const [key] of first.entries()) keys.push(key);
    for (const key of keys) await second.offer(key, first.peek(key)!);
    for (const key of keys) await second.release(key);
    for (let key = 20; key < 60; key++) await other(key);
    for (let key = 100; key < 150; key++) await cached(key);
    expect([first.size, second.size]).toEqual([5, 5]);
    expect(faults()).toEqual([]);
  });
});

describe('an entry', () => {
  const kept = async (entry: CacheEntry): Promise<CacheEntry | undefined> => {
    const storage = new LocalInMemoryCacheStorage({ clock });
    await storage.offer('key', storage.slots!.lean('key', entry));
    return storage.get('key');
  };

  it.each([
    0,
    -1,
    0.5,
    2 ** 53,
    -(2 ** 53),
    -9_007_199_254_740_001,
    -9_007_199_254_740_002,
    1e300,
    8_640_000_000_000_000,
  ])('comes back with its moments to the millisecond, created at %d', async (created) => {
    const entry = { value: 1, created, updateAfter: created, expiresAfter: Infinity };
    expect(await kept(entry)).toEqual(entry);
  });

  it.each([{ etag: 'A' }, { keepUntil: 900 }, { failed: true }])(
    'comes back with %o, also where it has no value',
    async (more) => {
      const entry = { created: 5, updateAfter: 6, expiresAfter: 7, ...more } as unknown as CacheEntry;
      expect(await kept(entry)).toEqual(entry);
    },
  );
});

describe('calls of one turn', () => {
  it('share a load only as long as each may wait', async () => {
    const configuration = MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration())
      .setStorage(new LocalInMemoryCacheStorage({ clock }))
      .setMethodTimeout(100);
    let loads = 0;
    const load = (): Promise<string> =>
      ++loads === 1 ? new Promise<string>(() => undefined) : Promise.resolve('second');
    const cached = memoize(load, { name: 'crowd', configuration, clock });
    const quick = [cached(), cached()].map((answer) => answer.catch(String));
    configuration.setMethodTimeout(10_000);
    const patient = [cached(), cached()];
    await turn();
    await clock.advance(100);
    for (const answer of quick) expect(await answer).toContain('100 ms');
    expect(await Promise.all(patient)).toEqual(['second', 'second']);
  });
});

describe('a storage that answers without promises', () => {
  it.each([{}, { deadline: 100 }])('is a storage like others: %o', async (options) => {
    const entries = new Map<string, CacheEntry>();
    const storage = {
      ...options,
      get: (key: string) => entries.get(key),
      offer: (key: string, entry: CacheEntry) => {
        entries.set(key, entry);
        return 'stored';
      },
      release: (key: string) => void entries.delete(key),
    } as unknown as CacheStorage;
    let loads = 0;
    const cached = memoize(async () => ++loads, { name: 'plain', storage, clock, onEvent });
    expect([await cached(), await cached()]).toEqual([1, 1]);
    expect(faults()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});
