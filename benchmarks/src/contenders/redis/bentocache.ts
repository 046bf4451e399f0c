import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** What is used of bentocache, whose own types need the types of databases that are not here. */
interface Bentocache {
  readonly BentoCache: new (options: object) => {
    getOrSet(options: { key: string; ttl: number; factory: () => Promise<unknown> }): Promise<unknown>;
    disconnectAll(): Promise<void>;
  };
  readonly bentostore: () => { useL2Layer(driver: object): object };
}

const require = createRequire(import.meta.url);
const { BentoCache, bentostore } = require('bentocache') as Bentocache;
const { redisDriver } = require('bentocache/drivers/redis') as { readonly redisDriver: (options: object) => object };

/** `getOrSet` over one layer in Redis and none in memory. Values are JSON. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const connection = new Redis({ host, port });
    const shared = bentostore().useL2Layer(redisDriver({ connection, prefix: namespace }));
    const cache = new BentoCache({ default: 'shared', stores: { shared } });
    return {
      find: (key) => cache.getOrSet({ key, ttl: lifetime, factory: () => load(key) }),
      close: () => cache.disconnectAll(),
    };
  },
};
