import {
  type CacheEntry,
  DefaultInMemoryCacheConfiguration,
  LeastRecentlyUpdatedEvictionStrategy,
  LeastRecentlyUsedEvictionStrategy,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  memoizeSync,
  type EvictionStrategy,
  S3FifoEvictionStrategy,
} from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

interface Page {
  readonly bytes: Uint8Array;
}

declare function fetchPage(path: string): Promise<Page>;
declare function lengthOf(entry: CacheEntry<string>): number;
declare function render(path: string): Page;

const memo = new Memoizer(new LocalInMemoryCacheStorage());

describe('a bound by weight', () => {
  it('knows what the function returns', () => {
    memoize(fetchPage, { maxWeight: 1_000, weigh: ({ value }) => value.bytes.length });
    memoizeSync(render, { maxWeight: 1_000, weigh: ({ value }) => value.bytes.length });
    memo.memoize(fetchPage, { maxWeight: 1_000, weigh: ({ value }) => value.bytes.length });
    // @ts-expect-error a page is no text
    memoize(fetchPage, { maxWeight: 1_000, weigh: lengthOf });
    // @ts-expect-error a weight is a number
    memoize(fetchPage, { maxWeight: 1_000, weigh: () => '5' });
    // @ts-expect-error a weight is known at once
    memoize(fetchPage, { maxWeight: 1_000, weigh: async () => 5 });
    // @ts-expect-error a weight is a number
    memoize(fetchPage, { maxWeight: '1 MB' });
  });

  it('holds for all kinds of values where many functions share it', () => {
    const weigh = ({ value }: CacheEntry): number => String(value).length;
    new Memoizer(new LocalInMemoryCacheStorage(), { maxWeight: 1_000, weigh });
    new DefaultInMemoryCacheConfiguration({ maxWeight: 1_000, weigh });
    new S3FifoEvictionStrategy({ maxWeight: 1_000, weigh });
    // @ts-expect-error nobody says that they are text
    new Memoizer(new LocalInMemoryCacheStorage(), { maxWeight: 1, weigh: lengthOf });
    // @ts-expect-error a call does not bound a storage
    void memo.get('home', () => 1, { maxWeight: 7 });
  });
});

describe('the strategies', () => {
  it('are told a capacity, or options', () => {
    for (const Strategy of [
      LeastRecentlyUpdatedEvictionStrategy,
      LeastRecentlyUsedEvictionStrategy,
      S3FifoEvictionStrategy,
    ]) {
      const strategies = [new Strategy(), new Strategy(5), new Strategy(null), new Strategy({ capacity: 5 })];
      expectTypeOf(strategies).items.toExtend<EvictionStrategy>();
      expectTypeOf(new Strategy().slots).not.toBeUndefined();
      expectTypeOf(new Strategy().weight).toBeNumber();
    }
    new S3FifoEvictionStrategy({ promoteAfter: 2, smallShare: 0.2, ghostShare: 1, mostSteps: null, largestEntry: 5 });
    // @ts-expect-error two bits are enough
    new S3FifoEvictionStrategy({ promoteAfter: 4 });
    // @ts-expect-error only S3-FIFO has two queues
    new LeastRecentlyUsedEvictionStrategy({ smallShare: 0.2 });
  });
});
