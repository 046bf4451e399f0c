import { LocalInMemoryCacheStorage } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { ByRegion } from '../src/by-region.js';
import { MemoizerPlans } from '../src/configuration/memoizer-plans.js';
import { Regions } from '../src/configuration/regions.js';
import { Reports } from '../src/engine/reports.js';
import { KeyedCaches } from '../src/keyed-caches.js';

function regions(): Regions<'short' | 'long'> {
  const storage = new LocalInMemoryCacheStorage();
  return new Regions<'short' | 'long'>({ storage }, { short: {}, long: {} });
}

describe('ByRegion', () => {
  it('derives once for each region, until regions change', () => {
    const some = regions();
    const derived: unknown[] = [];
    const byRegion = new ByRegion(some, (region) => {
      derived.push(region);
      return { region };
    });
    const short = byRegion.of('short');
    expect(byRegion.of('short')).toBe(short);
    expect([byRegion.of(), byRegion.of(null), byRegion.of()]).toEqual([
      { region: undefined },
      { region: null },
      { region: undefined },
    ]);
    expect(derived).toEqual(['short', undefined, null]);
    some.set('long', { expireAfter: '1 hour' });
    expect(byRegion.of('short')).not.toBe(short);
    byRegion.of('short');
    byRegion.of('short');
    expect(derived).toEqual(['short', undefined, null, 'short']);
  });
});

describe('KeyedCaches', () => {
  function subject(): KeyedCaches<'short' | 'long'> {
    const clock = new ManualClock();
    return new KeyedCaches('test', regions(), new MemoizerPlans({ clock }), new Reports('test', undefined));
  }

  it('has one cache for all calls of a region that say nothing else than what concerns them alone', () => {
    const caches = subject();
    const { signal } = new AbortController();
    const ofTheirOwn = { args: [1], signal, refresh: true, etag: 'a', maxAge: 5, expireAfter: undefined };
    expect(caches.of('get', {}).cache).toBe(caches.of('get', undefined).cache);
    expect(caches.of('get', ofTheirOwn).cache).toBe(caches.of('get', undefined).cache);
    expect(caches.of('get', { ...ofTheirOwn, region: 'short' })).toBe(caches.of('get', { region: 'short' }));
    expect(caches.of('get', { region: 'short' }).cache).not.toBe(caches.of('get', undefined).cache);
  });

  it('has one cache for calls of a region that say the same', () => {
    const caches = subject();
    const hour = caches.of('get', { expireAfter: '1 hour' });
    expect(caches.of('get', { expireAfter: '1 hour', etag: 'b', updateAfter: undefined })).toBe(hour);
    expect(caches.of('get', { expireAfter: '1 hour', region: 'short' })).not.toBe(hour);
    expect(caches.of('get', { expireAfter: '2 hours' })).not.toBe(hour);
    expect(caches.of('get', { expireAfter: '1 hour', namespace: 'n' })).not.toBe(hour);
    expect(caches.of('get', { namespace: 'n' })).not.toBe(caches.of('get', { expireAfter: '1 hour', namespace: 'n' }));
  });

  it('reads again what is written as an object, which may have changed', () => {
    const caches = subject();
    const expireAfter = { hours: 1 };
    const lifetimes = [1, 2].map((hours) => {
      expireAfter.hours = hours;
      return caches.of('get', { expireAfter }).cache.configuration.entryBuilder.expireAfter;
    });
    expect(lifetimes).toEqual([3_600_000, 7_200_000]);
  });

  it('forgets those that were not used for longest, where calls say very different things', () => {
    const caches = subject();
    const first = caches.of('get', { namespace: 'first' });
    const second = caches.of('get', { namespace: 'second' });
    for (let other = 0; other < 14; other++) caches.of('get', { namespace: `other ${other}` });
    expect(caches.of('get', { namespace: 'first' })).toBe(first);
    caches.of('get', { namespace: 'one too many' });
    expect(caches.of('get', { namespace: 'first' })).toBe(first);
    expect(caches.of('get', { namespace: 'second' })).not.toBe(second);
  });
});
