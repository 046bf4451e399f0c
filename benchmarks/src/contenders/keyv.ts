import { Keyv } from 'keyv';
import { lifetime, type Contender } from './contender.js';
import { readThroughKeyv } from './read-through-keyv.js';

/** `get`, and `set` after a load, over a `Map` that keeps all; values are kept as they are. */
export const contender: Contender = {
  cached(load) {
    const cache = new Keyv({ ttl: lifetime, useKeyPrefix: false });
    // Documented as the way to keep values in memory as they are.
    cache.serialize = undefined;
    cache.deserialize = undefined;
    return readThroughKeyv(cache, load);
  },
};
