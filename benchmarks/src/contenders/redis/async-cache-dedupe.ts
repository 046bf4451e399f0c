import { createCache } from 'async-cache-dedupe';
import { Redis } from 'ioredis';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** A function that is defined in a cache in Redis. Values are JSON. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const client = new Redis({ host, port });
    const cache = createCache({ ttl: lifetime / 1000, storage: { type: 'redis', options: { client } } });
    const find = cache.define('find', (name: string) => load(name.slice(namespace.length + 1)));
    return { find: (key) => find.find(`${namespace}:${key}`), close: async () => client.disconnect() };
  },
};
