import {
  type CacheEvent,
  type CacheStorage,
  DefaultInMemoryCacheConfiguration,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  memoizeSync,
  NoEvictionStrategy,
  S3FifoEvictionStrategy,
} from '@memo/core';
import { describe, expect, it } from 'vitest';
import { evictionStrategyFrom } from '../../src/configuration/bound-options.js';
import { turn } from '../support/deferred.js';

const textOf = (length: number): Promise<string> => Promise.resolve('x'.repeat(length));
const thrice = { maxWeight: 30, weigh: ({ value }: { readonly value: unknown }) => (value as string).length };

describe('what bounds the entries of a storage', () => {
  it.each<
    [title: string, storage: Pick<CacheStorage, 'shared'>, options: object, capacity: unknown, maxWeight: unknown]
  >([
    ['4096 entries in this process', { shared: false }, {}, 4096, undefined],
    ['as many as it is told', { shared: false }, { capacity: 7 }, 7, undefined],
    ['as many as it is told, if the storage is shared as well', {}, { capacity: 7 }, 7, undefined],
    ['a weight', { shared: false }, { maxWeight: 7 }, Infinity, 7],
    ['a weight, if the storage is shared as well', {}, { maxWeight: 7, weigh: () => 1 }, Infinity, 7],
  ])('is %s, and S3-FIFO decides what goes', (_title, storage, options, capacity, maxWeight) => {
    const strategy = evictionStrategyFrom('test', storage, options);
    expect(strategy).toBeInstanceOf(S3FifoEvictionStrategy);
    expect(strategy).toMatchObject({ capacity, maxWeight });
  });

  it.each<[title: string, storage: Pick<CacheStorage, 'shared'>, options: object]>([
    ['without a bound', { shared: false }, { capacity: null }],
    ['in a shared storage of which nothing is said', { shared: true }, {}],
    ['in a storage that does not say whether it is shared', {}, { capacity: undefined, maxWeight: undefined }],
  ])('is nothing %s', (_title, storage, options) => {
    expect(evictionStrategyFrom('test', storage, options)).toBeInstanceOf(NoEvictionStrategy);
  });
});

describe('a bound by weight', () => {
  it('holds for a function', async () => {
    const cached = memoize(textOf, thrice);
    for (const length of [10, 11, 9, 12]) await cached(length);
    expect(await Promise.all([10, 11, 9, 12].map((length) => cached.exists([length])))).toEqual([
      ...[false, false, true, true],
    ]);
    expect(cached.cacheInfo()).toMatchObject({ size: 2, evictions: 2 });
  });

  it('holds for a synchronous function', () => {
    const cached = memoizeSync((length: number) => 'x'.repeat(length), thrice);
    for (const length of [10, 11, 9, 12]) cached(length);
    expect([10, 11, 9, 12].map((length) => cached.exists([length]))).toEqual([false, false, true, true]);
  });

  it('holds for a Memoizer, for a region, and for a function that has a bound of its own', async () => {
    const [storage, elsewhere] = [new LocalInMemoryCacheStorage(), new LocalInMemoryCacheStorage()];
    const memo = new Memoizer(storage, {
      ...thrice,
      regions: { here: { ...thrice, maxWeight: 15, storage: elsewhere } },
    });
    const cached = memo.memoize(textOf, { ...thrice, name: 'f', maxWeight: 9 });
    for (const length of [9, 8, 7]) await cached(length);
    for (const length of [10, 11, 9, 12]) await memo.get(`key ${length}`, () => textOf(length));
    for (const length of [10, 11, 9]) await memo.get(`key ${length}`, () => textOf(length), { region: 'here' });
    await turn();
    expect([storage.size, elsewhere.size]).toEqual([3, 1]);
  });

  it('holds for a configuration', async () => {
    const configuration = new DefaultInMemoryCacheConfiguration(thrice);
    const cached = memoize(textOf, { configuration });
    for (const length of [10, 11, 9, 12]) await cached(length);
    expect(configuration.storage.size).toBe(2);
    expect(configuration.evictionStrategy).toMatchObject({ maxWeight: 30, weight: 21 });
  });

  it('weighs bytes and text by itself', async () => {
    const bytes = memoize(async (length: number) => new Uint8Array(length), { maxWeight: 100 });
    for (const length of [60, 40, 1]) await bytes(length);
    expect(bytes.cacheInfo().size).toBe(2);
    const text = memoize(textOf, { maxWeight: 100 });
    for (const length of [60, 40, 1]) await text(length);
    expect(text.cacheInfo().size).toBe(2);
  });

  it('keeps nothing that is too heavy, and lets nothing else go for it', async () => {
    const cached = memoize(textOf, thrice);
    for (const length of [10, 20, 31]) expect(await cached(length)).toHaveLength(length);
    expect(await Promise.all([10, 20, 31].map((length) => cached.exists([length])))).toEqual([true, true, false]);
  });

  it('does not keep what cannot be weighed for long, and says so', async () => {
    const events: CacheEvent[] = [];
    const cached = memoize(async (name: string) => ({ name }), {
      maxWeight: 100,
      onEvent: (event) => void events.push(event),
    });
    expect(await cached('a')).toEqual({ name: 'a' });
    const [failed] = events.filter(({ type }) => type === 'policy-failed');
    expect(failed).toMatchObject({
      policy: 'eviction',
      error: {
        cause: {
          message: `maxWeight: option 'weigh' should be given for values that are neither binary nor text, got undefined. Nobody else knows what an object weighs.`,
        },
      },
    });
    for (const name of ['b', 'c', 'd']) await cached(name);
    expect(cached.cacheInfo().size).toBe(0);
  });

  it('counts remembered failures, and does not ask what they weigh', async () => {
    const fail = (length: number): Promise<string> => Promise.reject(new Error(`no ${length}`));
    const cached = memoize(fail, { ...thrice, maxWeight: 2, negative: { expireAfter: '1 minute' } });
    for (const length of [1, 2, 3]) await cached(length).catch(() => undefined);
    expect(cached.cacheInfo()).toMatchObject({ size: 2, evictions: 1 });
  });
});
