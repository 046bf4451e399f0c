import KeyvRedis from '@keyv/redis';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** `wrap` with Redis as the only store. Values are JSON. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const store = new Keyv({ store: new KeyvRedis(`redis://${host}:${port}`), namespace, ttl: lifetime });
    const cache = createCache({ stores: [store], ttl: lifetime });
    return { find: (key) => cache.wrap(key, () => load(key)), close: () => cache.disconnect() };
  },
};
