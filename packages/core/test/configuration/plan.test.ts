import {
  type CacheStorage,
  DefaultInMemoryCacheConfiguration,
  JitteredCacheEntryBuilder,
  LocalInMemoryCacheStorage,
  type MemoizeOptions,
  MutableCacheConfiguration,
  ProbabilisticEarlyRefresh,
  ProvidedLifeSpanCacheEntryBuilder,
} from '@memo/core';
import { describe, expect, it } from 'vitest';
import { planFor } from '../../src/configuration/plan.js';

const load = async (): Promise<number> => 1;
const planOf = (options: MemoizeOptions) => planFor('memoize', load, options);
const builderOf = (options: MemoizeOptions) => planOf(options).configuration.entryBuilder;

/** A storage that says `shared`, or nothing of it. */
function storageThatSays(shared?: boolean): CacheStorage {
  const { get, offer, release } = LocalInMemoryCacheStorage.prototype;
  return shared === undefined ? { get, offer, release } : { shared, get, offer, release };
}

describe('jitter', () => {
  it.each<[title: string, options: MemoizeOptions, jitter: number | undefined]>([
    ['a storage made for the function', {}, undefined],
    ['a storage of this process', { storage: new LocalInMemoryCacheStorage() }, undefined],
    ['a storage that is shared', { storage: storageThatSays(true) }, 0.05],
    ['a storage that does not say', { storage: storageThatSays() }, 0.05],
    ['a shared storage and a jitter', { storage: storageThatSays(true), jitter: 0.2 }, 0.2],
    ['a shared storage and no jitter', { storage: storageThatSays(true), jitter: 0 }, undefined],
    ['a storage of this process and a jitter', { jitter: 0.2 }, 0.2],
  ])('of %s', (_, options, jitter) => {
    const builder = builderOf({ name: 'load', updateAfter: '1 minute', expireAfter: '1 hour', ...options });
    expect(builder.jitter).toBe(jitter);
    expect(builder).toBeInstanceOf(
      jitter === undefined ? ProvidedLifeSpanCacheEntryBuilder : JitteredCacheEntryBuilder,
    );
    expect([builder.updateAfter, builder.expireAfter]).toEqual([60_000, 3_600_000]);
  });

  it('shortens what is kept', () => {
    const builder = builderOf({ expireAfter: '1 hour', jitter: 0.5 });
    const lifetimes = Array.from({ length: 50 }, () => builder.build('key', 1, 0).expiresAfter);
    expect(Math.min(...lifetimes)).toBeGreaterThanOrEqual(1_800_000);
    expect(Math.max(...lifetimes)).toBeLessThanOrEqual(3_600_000);
    expect(new Set(lifetimes).size).toBeGreaterThan(25);
  });

  it('is not put around the entry builder of a configuration', () => {
    const configuration = MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration());
    configuration.setStorage(storageThatSays(true));
    expect(builderOf({ configuration })).toBe(configuration.entryBuilder);
  });
});

describe('earlyRefresh', () => {
  it('is off unless it is asked for', () => {
    expect(planOf({}).settings.earlyRefresh).toBeUndefined();
  });

  it.each([
    [true, 1],
    [0.5, 0.5],
    [2, 2],
  ] as const)('%s is the probabilistic one with beta %d', (earlyRefresh, beta) => {
    const policy = planOf({ earlyRefresh }).settings.earlyRefresh;
    expect(policy).toBeInstanceOf(ProbabilisticEarlyRefresh);
    expect(policy).toMatchObject({ beta });
  });

  it('may be a policy of its own', () => {
    const earlyRefresh = { isDue: () => true };
    expect(planOf({ earlyRefresh }).settings.earlyRefresh).toBe(earlyRefresh);
  });
});
