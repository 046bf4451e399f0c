import { LRUCache } from 'lru-cache';
import { age, lifetime, type Contender } from './contender.js';

/** `fetch` with a `fetchMethod`. */
export const contender: Contender = {
  cached(load, { capacity }) {
    const fetchMethod = async (key: string): Promise<object> => (await load(key)) as object;
    const cache = new LRUCache<string, object>({ max: capacity, ttl: lifetime, fetchMethod });
    return (key) => cache.fetch(key);
  },

  refreshed(load, { capacity }) {
    const fetchMethod = async (key: string): Promise<object> => (await load(key)) as object;
    const cache = new LRUCache<string, object>({ max: capacity, ttl: age, allowStale: true, fetchMethod });
    return (key) => cache.fetch(key);
  },
};
