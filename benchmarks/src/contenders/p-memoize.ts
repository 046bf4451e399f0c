import { LRUCache } from 'lru-cache';
import pMemoize from 'p-memoize';
import { lifetime, type Contender } from './contender.js';

/** p-memoize, which leaves capacity and lifetimes to the map that it is given: here, to lru-cache. */
export const contender: Contender = {
  cached(load, { capacity }) {
    const cache = new LRUCache<string, object>({ max: capacity, ttl: lifetime });
    return pMemoize(async (key: string) => (await load(key)) as object, { cache });
  },
};
