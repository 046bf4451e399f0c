import { LRUCache } from 'lru-cache';
import { lifetime, type Contender, type Load } from './contender.js';

/** `get`, and `set` after a load: what many write around lru-cache by hand. Who asks at the same time loads twice. */
export const contender: Contender = {
  cached(load, { capacity }) {
    const cache = new LRUCache<string, object>({ max: capacity, ttl: lifetime });
    const loadAndKeep = keeping(cache, load);
    return (key) => cache.get(key) ?? loadAndKeep(key);
  },

  atOnce(load, { capacity }) {
    const cache = new LRUCache<string, object>({ max: capacity, ttl: lifetime });
    return (key) => {
      const found = cache.get(key);
      if (found !== undefined) return found;
      const value = load(key) as object;
      cache.set(key, value);
      return value;
    };
  },
};

function keeping(cache: LRUCache<string, object>, load: Load): Load {
  return async (key) => {
    const value = (await load(key)) as object;
    cache.set(key, value);
    return value;
  };
}
