import { Redis } from 'ioredis';
import { Loader, RedisCache } from 'layered-loader';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** A `Loader` with a cache in Redis and none in memory. Values are JSON. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const client = new Redis({ host, port });
    // Its types want the class of the ioredis that it brings along.
    const asyncCache = new RedisCache<unknown>(client as never, {
      prefix: namespace,
      json: true,
      ttlInMsecs: lifetime,
    });
    const loader = new Loader<unknown>({ asyncCache, dataSourceGetOneFn: load });
    return { find: (key) => loader.get(key), close: async () => client.disconnect() };
  },
};
