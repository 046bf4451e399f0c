import { describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/entry/cache-entry.js';
import type { CacheEntryBuilder } from '../../src/entry/cache-entry-builder.js';
import { JitteredCacheEntryBuilder } from '../../src/entry/jittered-cache-entry-builder.js';
import { ProvidedLifeSpanCacheEntryBuilder } from '../../src/entry/provided-life-span-cache-entry-builder.js';
import type { CachedItem, Expiration } from '../../src/expiration/expiration.js';
import { ExpirationCacheEntryBuilder } from '../../src/expiration/expiration-cache-entry-builder.js';
import { expirationFrom } from '../../src/expiration/expiration-from.js';
import { expiringEntryBuilder, expiringLifetimesOf } from '../../src/expiration/expiring-lifetimes.js';

const minute = 60_000;
const day = 1_440 * minute;
const now = Date.UTC(2030, 0, 2, 12);

type Options = Parameters<typeof expiringLifetimesOf>[0];

function builderOf(options: Options, jitter = 0): CacheEntryBuilder {
  return expiringEntryBuilder(expiringLifetimesOf(options, 'memoize'), jitter);
}

function built(options: Options, jitter = 0): CacheEntry {
  return builderOf(options, jitter).build('key', { ttl: 5 }, now);
}

describe('lifetimes whose expiration is a length of time', () => {
  it.each<[Options, number, number]>([
    [{}, 10 * minute, 30 * minute],
    [{ updateAfter: '1 minute', expireAfter: '2 minutes' }, minute, 2 * minute],
    [{ expireAfter: '5 minutes' }, Infinity, 5 * minute],
    [{ updateAfter: '1 minute' }, minute, 30 * minute],
    [{ updateAfter: '1 hour' }, 60 * minute, 180 * minute],
    [{ updateAfter: Infinity }, Infinity, 30 * minute],
    [{ updateAfter: '2000 days' }, 2_000 * day, 6_000 * day],
    [{ expireAfter: '4000 days' }, Infinity, 4_000 * day],
    [{ expireAfter: null }, Infinity, Infinity],
    [{ updateAfter: '1 minute', expireAfter: null }, minute, Infinity],
    [{ updateAfter: '1 minute', expireAfter: false }, minute, Infinity],
    [{ expireAfter: true }, Infinity, 0],
    [{ expireAfter: 0 }, Infinity, 0],
    [{ updateAfter: 0, expireAfter: true }, 0, 0],
  ])('are those that are given, or stand for what is not: %j', (options, updateAfter, expireAfter) => {
    const builder = builderOf(options);
    expect(builder).toBeInstanceOf(ProvidedLifeSpanCacheEntryBuilder);
    expect([builder.updateAfter, builder.expireAfter]).toEqual([updateAfter, expireAfter]);
    expect(built(options)).toEqual({
      value: { ttl: 5 },
      created: now,
      updateAfter: now + updateAfter,
      expiresAfter: now + expireAfter,
    });
  });

  it.each<[Options, string]>([
    [{ updateAfter: '11 minutes', expireAfter: '10 minutes' }, 'expireAfter (600000 ms), got 660000.'],
    [{ updateAfter: 1, expireAfter: true }, 'expireAfter (0 ms), got 1.'],
  ])('are refused where entries would expire before they are refreshed: %j', (options, rest) => {
    expect(() => builderOf(options)).toThrow(`memoize: option 'updateAfter' should be no longer than ${rest}`);
  });

  it('are both shortened by the jitter', () => {
    const builder = builderOf({ updateAfter: '1 minute', expireAfter: '1 hour' }, 0.5);
    expect(builder).toBeInstanceOf(JitteredCacheEntryBuilder);
    const expirations = Array.from({ length: 20 }, () => builder.build('key', 1, now));
    expect(expirations.some(({ expiresAfter }) => expiresAfter < now + 60 * minute)).toBe(true);
    for (const { updateAfter, expiresAfter } of expirations) {
      expect(expiresAfter).toBeGreaterThanOrEqual(now + 30 * minute);
      // Whole milliseconds, of which the one has sixty times as many.
      expect(Math.abs((updateAfter - now) * 60 - (expiresAfter - now))).toBeLessThanOrEqual(60);
    }
  });
});

describe('lifetimes whose expiration is a moment', () => {
  it.each<[Expiration, number]>([
    ['2035-01-01', Date.UTC(2035, 0, 1)],
    [new Date(Date.UTC(2012, 3, 23)), Date.UTC(2012, 3, 23)],
    ['11:05Z', Date.UTC(2030, 0, 3, 11, 5)],
    [{ at: '13:05' }, Date.UTC(2030, 0, 2, 13, 5)],
  ])('are settled when the entry is built, and no jitter shortens them: %j', (expireAfter, expiresAfter) => {
    for (const jitter of [0, 0.9]) {
      const builder = builderOf({ expireAfter }, jitter);
      expect(builder.deadlineOf).toBeUndefined();
      expect([builder.updateAfter, builder.expireAfter, builder.jitter ?? 0]).toEqual([Infinity, undefined, jitter]);
      expect(builder.build('key', 1, now)).toEqual({ value: 1, created: now, updateAfter: Infinity, expiresAfter });
    }
  });

  it('are refreshed after any time', () => {
    expect(built({ updateAfter: '1 hour', expireAfter: '12:05Z' })).toMatchObject({
      updateAfter: now + 60 * minute,
      expiresAfter: now + 5 * minute,
    });
    const { updateAfter } = built({ updateAfter: '1 hour', expireAfter: '2035-01-01' }, 0.5);
    expect(updateAfter).toBeGreaterThanOrEqual(now + 30 * minute);
    expect(updateAfter).toBeLessThanOrEqual(now + 60 * minute);
  });
});

describe('lifetimes whose expiration depends on the item', () => {
  it.each<[string, Expiration<{ ttl: number }>, number]>([
    ['a function', ({ value }) => value.ttl, 5],
    ['a pointer', '$.ttl:seconds', 5_000],
    ['a function that returns a time of day', () => '13:05Z', 65 * minute],
  ])('are judged by whoever asks: %s', (_, expireAfter, after) => {
    for (const jitter of [0, 0.9]) {
      const builder = builderOf({ updateAfter: '1 hour', expireAfter }, jitter);
      const entry = builder.build('key', { ttl: 5 }, now);
      expect(entry.expiresAfter).toBe(Infinity);
      expect(builder.deadlineOf?.(entry)).toBe(now + after);
      expect(builder.expireAfter).toBeUndefined();
    }
  });

  it('are judged from when the entry was built, whatever was said of it since', async () => {
    const items: CachedItem[] = [];
    const { deadlineOf } = builderOf({
      expireAfter: async (item: CachedItem) => {
        items.push(item);
        return '1 minute';
      },
    });
    const entry: CacheEntry = { value: 'a', created: now, updateAfter: 5, expiresAfter: 7, judged: 7, etag: 'b' };
    expect(await deadlineOf?.(entry)).toBe(now + minute);
    expect(await deadlineOf?.({ ...entry, value: 'refused', failed: true })).toBe(now + minute);
    expect(items).toEqual([
      { value: 'a', lastFetched: now, isError: false },
      { value: 'refused', lastFetched: now, isError: true },
    ]);
  });

  it.each<[string | undefined, number, number]>([
    [undefined, Infinity, 30 * minute],
    ['1 minute', minute, 30 * minute],
    ['1 hour', 60 * minute, 180 * minute],
  ])(
    'are those of an entry of which nothing is said where a pointer may find nothing: %j',
    (written, updateAfter, after) => {
      const builder = builderOf({
        expireAfter: '$.nothing:ignore_missing',
        ...(written !== undefined && { updateAfter: written }),
      });
      expect(builder.updateAfter).toBe(updateAfter);
      expect(builder.deadlineOf?.(builder.build('key', {}, now))).toBe(now + after);
    },
  );

  it('are as the builder inside says beside that', () => {
    const inside: CacheEntryBuilder = {
      build: (_key, value, created) => ({ value: [value], created, updateAfter: 1, expiresAfter: 2, etag: 'etag' }),
    };
    const expiration = expirationFrom('2035-01-01', { call: 'test', option: 'expireAfter' });
    expect(new ExpirationCacheEntryBuilder(inside, expiration).build('key', 'a', now)).toEqual({
      value: ['a'],
      created: now,
      updateAfter: 1,
      expiresAfter: Date.UTC(2035, 0, 1),
      etag: 'etag',
    });
  });
});
