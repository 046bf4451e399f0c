import { Cacheable, createKeyv } from 'cacheable';
import { lifetime, type Contender } from './contender.js';

/** `getOrSet` over the memory of cacheable itself, which keeps values as they are. */
export const contender: Contender = {
  cached(load, { capacity }) {
    const primary = createKeyv({ ttl: lifetime, lruSize: capacity, useClone: false });
    const cache = new Cacheable({ primary, ttl: lifetime });
    return (key) => cache.getOrSet(key, () => load(key), { ttl: lifetime });
  },
};
