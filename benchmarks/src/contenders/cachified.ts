import { cachified, totalTtl, type Cache, type CacheEntry } from '@epic-web/cachified';
import { LRUCache } from 'lru-cache';
import { age, lifetime, type CacheSettings, type Contender } from './contender.js';

/** `cachified` over lru-cache, as its documentation shows it. */
export const contender: Contender = {
  cached(load, settings) {
    const cache = entriesIn(settings);
    return (key) => cachified({ key, cache, ttl: lifetime, getFreshValue: () => load(key) });
  },

  refreshed(load, settings) {
    const cache = entriesIn(settings);
    return (key) => cachified({ key, cache, ttl: age, swr: lifetime, getFreshValue: () => load(key) });
  },
};

function entriesIn({ capacity }: CacheSettings): Cache {
  const entries = new LRUCache<string, CacheEntry>({ max: capacity });
  return {
    set: (key, value) => {
      const ttl = totalTtl(value.metadata);
      entries.set(key, value, { ttl: ttl === Infinity ? 0 : ttl, start: value.metadata.createdTime });
    },
    get: (key) => entries.get(key),
    delete: (key) => entries.delete(key),
  };
}
