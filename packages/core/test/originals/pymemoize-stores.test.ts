import { storageOver } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { counter } from '../support/source.js';
import type { KeyedCache } from './pymemoize-library.js';
import { memo } from './pymemoize-memo.js';
import { mapLike, NativeCache, overModelledDjangoCache } from './pymemoize-native-cache.js';
import { outcome } from './pymemoize-scenario.js';
import { type Defect, testsAgainstTheOriginal, testsOfMendedDefects } from './scenario.js';

/** A cache over a new store that forgets by itself. */
interface World {
  readonly clock: ManualClock;
  readonly native: NativeCache;
  readonly cache: KeyedCache;
}

type Open = () => World;

const openMemo: Open = () => {
  const clock = new ManualClock();
  const native = new NativeCache(clock);
  return { clock, native, cache: memo.over(storageOver(mapLike(native), { clock }), clock) };
};

const openPyMemoize: Open = () => {
  const clock = new ManualClock();
  const native = new NativeCache(clock);
  return { clock, native, cache: overModelledDjangoCache(native, clock) };
};

const defects: readonly Defect<Open>[] = [
  {
    row: 'P75',
    title: 'what lives for less than a second is kept, and what lives for longer as long as it lives',
    mended: { short: true, shortOver: false, longer: true, longerOver: false },
    defective: { short: false, shortOver: false, longer: false, longerOver: false },
    async observe(open) {
      const { cache, clock } = open();
      await cache.get('short', counter().call, { expireAfter: 500 });
      await cache.get('longer', counter().call, { expireAfter: 1_900 });
      await clock.advance(499);
      const short = await cache.exists('short');
      await clock.advance(1_001);
      const [shortOver, longer] = [await cache.exists('short'), await cache.exists('longer')];
      await clock.advance(401);
      return { short, shortOver, longer, longerOver: await cache.exists('longer') };
    },
  },
  {
    row: 'P75',
    title: 'what is kept can be deleted',
    mended: { deleted: true, exists: false },
    defective: { deleted: 'TypeError: __delitem__() takes 1 positional argument', exists: true },
    async observe(open) {
      const { cache } = open();
      await cache.get('key', counter().call);
      return { deleted: await outcome(() => cache.delete('key')), exists: await cache.exists('key') };
    },
  },
  {
    row: 'P75',
    title: 'what is kept can be given another lifetime, and the store keeps it for that long',
    mended: { changed: true, left: 10 },
    defective: { changed: 'NotImplementedError', left: 60 },
    async observe(open) {
      const { cache, native } = open();
      await cache.get('key', counter().call, { expireAfter: '1 minute' });
      const changed = await outcome(() => cache.expire('key', '10 seconds'));
      return { changed, left: Math.max(native.secondsLeft('key'), native.secondsLeft('/:key')) };
    },
  },
];

describe('PyMemoize over a store that forgets by itself', () => {
  describe('defects, mended', () => testsOfMendedDefects(openMemo, defects));

  describe('the tests of mended defects fail against PyMemoize', () => testsAgainstTheOriginal(openPyMemoize, defects));

  describe.each([
    ['memo', openMemo, (key: string) => `/:${key}`],
    ['PyMemoize', openPyMemoize, (key: string) => key],
  ])('what it does well: %s', (_, open, storedKey) => {
    it('keeps what can be found there without it (test_django)', async () => {
      const { cache, native } = open();
      expect(await cache.exists('key')).toBe(false);
      await cache.get('key', async () => 'found');
      expect(await cache.exists('key')).toBe(true);
      expect(JSON.stringify(native.get(storedKey('key')))).toContain('"found"');
    });

    it('leaves nothing there that has expired', async () => {
      const { cache, clock, native } = open();
      await cache.get('key', counter().call, { expireAfter: '1 minute' });
      await clock.advance(60_000);
      expect(native.get(storedKey('key'))).toBe(undefined);
    });
  });

  it('is told lifetimes that are rounded up, and is believed where it promises less (P70)', async () => {
    const { cache, clock, native } = openMemo();
    await cache.get('key', counter().call, { expireAfter: 1_500 });
    expect(native.secondsLeft('/:key')).toBe(2);
    expect(await cache.ttl('key')).toBe(1_000);
    await clock.advance(1_499);
    expect(await cache.exists('key')).toBe(true);
    await clock.advance(1);
    expect(await cache.exists('key')).toBe(false);
  });
});

describe('PyMemoize over a dictionary', () => {
  it('is kept by any Map (P71)', async () => {
    const [map, clock] = [new Map<string, unknown>(), new ManualClock()];
    const cache = memo.over(storageOver(map, { clock }), clock);
    await cache.get('key', counter().call);
    expect([...map.keys()]).toEqual(['/:key']);
    await cache.delete('key');
    expect([...map.keys()]).toEqual([]);
  });

  it('needs nothing but get, set and delete, and leaves the rest alone (P70, P71)', async () => {
    const map = new Map<string, unknown>();
    const store = {
      get: (key: string) => map.get(key),
      set: (key: string, record: unknown) => map.set(key, record),
      delete: (key: string) => map.delete(key),
    };
    const clock = new ManualClock();
    const cache = memo.over(storageOver(store, { clock }), clock, { expireAfter: '1 minute' });
    expect(await cache.get('key', counter().call)).toBe('value 1');
    expect(await cache.get('key', counter().call)).toBe('value 1');
    expect(await cache.ttl('key')).toBe(60_000);
    await cache.delete('key');
    expect(await cache.exists('key')).toBe(false);
  });
});
