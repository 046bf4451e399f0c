import KeyvRedis from '@keyv/redis';
import { Cacheable } from 'cacheable';
import { Keyv } from 'keyv';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** `getOrSet` with Redis as the first and only store. Values are JSON. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const primary = new Keyv({ store: new KeyvRedis(`redis://${host}:${port}`), namespace, ttl: lifetime });
    const cache = new Cacheable({ primary, ttl: lifetime });
    return {
      find: (key) => cache.getOrSet(key, () => load(key), { ttl: lifetime }),
      close: () => cache.disconnect(),
    };
  },
};
