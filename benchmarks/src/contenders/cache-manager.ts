import { createCache } from 'cache-manager';
import { createKeyv } from 'cacheable';
import { age, lifetime, type Contender } from './contender.js';

/** `wrap` over the memory of cacheable, which its documentation recommends; values are kept as they are. */
export const contender: Contender = {
  cached(load, { capacity }) {
    const memory = createKeyv({ ttl: lifetime, lruSize: capacity, useClone: false });
    const cache = createCache({ stores: [memory], ttl: lifetime });
    return (key) => cache.wrap(key, () => load(key));
  },

  refreshed(load, { capacity }) {
    const memory = createKeyv({ ttl: lifetime, lruSize: capacity, useClone: false });
    const cache = createCache({ stores: [memory], ttl: lifetime, refreshThreshold: lifetime - age });
    return (key) => cache.wrap(key, () => load(key));
  },
};
