import KeyvRedis from '@keyv/redis';
import { Keyv } from 'keyv';
import { lifetime } from '../contender.js';
import { readThroughKeyv } from '../read-through-keyv.js';
import type { SharedContender } from '../shared-contender.js';

/** `get`, and `set` after a load, over its adapter, which has a client of its own. Values are JSON. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const cache = new Keyv({ store: new KeyvRedis(`redis://${host}:${port}`), namespace, ttl: lifetime });
    return { find: readThroughKeyv(cache, load), close: () => cache.disconnect() };
  },
};
