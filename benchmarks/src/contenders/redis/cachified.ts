import { cachified, totalTtl, type Cache, type CacheEntry } from '@epic-web/cachified';
import { Redis } from 'ioredis';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** `cachified` over `get` and `set` of ioredis. Values are JSON. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const client = new Redis({ host, port });
    const cache: Cache = {
      set: (key, entry) => client.set(`${namespace}:${key}`, JSON.stringify(entry), 'PX', totalTtl(entry.metadata)),
      get: async (key) => {
        const text = await client.get(`${namespace}:${key}`);
        return text === null ? null : (JSON.parse(text) as CacheEntry);
      },
      delete: (key) => client.del(`${namespace}:${key}`),
    };
    return {
      find: (key) => cachified({ key, cache, ttl: lifetime, getFreshValue: () => load(key) }),
      close: async () => client.disconnect(),
    };
  },
};
