import { cachified, totalTtl, type Cache, type CacheEntry } from '@epic-web/cachified';
import { LRUCache } from 'lru-cache';
import { lifetime, type Contender } from './contender.js';

/** `cachified` over lru-cache, as its documentation shows it. */
export const contender: Contender = {
  cached(load, { capacity }) {
    const entries = new LRUCache<string, CacheEntry>({ max: capacity });
    const cache: Cache = {
      set: (key, value) => {
        const ttl = totalTtl(value.metadata);
        entries.set(key, value, { ttl: ttl === Infinity ? 0 : ttl, start: value.metadata.createdTime });
      },
      get: (key) => entries.get(key),
      delete: (key) => entries.delete(key),
    };
    return (key) => cachified({ key, cache, ttl: lifetime, getFreshValue: () => load(key) });
  },
};
