import { createRequire } from 'node:module';
import { age, lifetime, type CacheSettings, type Contender } from './contender.js';

/** What is used of bentocache, whose own types need the types of databases that are not here. */
interface Bentocache {
  readonly BentoCache: new (options: object) => {
    getOrSet(options: {
      readonly key: string;
      readonly ttl: number;
      readonly grace?: number;
      readonly timeout?: number;
      readonly factory: () => Promise<unknown>;
    }): Promise<unknown>;
  };
  readonly bentostore: () => { useL1Layer(driver: object): object };
}

const require = createRequire(import.meta.url);
const { BentoCache, bentostore } = require('bentocache') as Bentocache;
const { memoryDriver } = require('bentocache/drivers/memory') as { readonly memoryDriver: (options: object) => object };

/** `getOrSet` over one layer in memory, which keeps values as they are. */
export const contender: Contender = {
  cached(load, settings) {
    const cache = cacheOf(settings);
    return (key) => cache.getOrSet({ key, ttl: lifetime, factory: () => load(key) });
  },

  refreshed(load, settings) {
    const cache = cacheOf(settings);
    const options = { ttl: age, grace: lifetime, timeout: 0 };
    return (key) => cache.getOrSet({ key, ...options, factory: () => load(key) });
  },
};

function cacheOf({ capacity }: CacheSettings): InstanceType<Bentocache['BentoCache']> {
  const memory = bentostore().useL1Layer(memoryDriver({ maxItems: capacity, serialize: false }));
  return new BentoCache({ default: 'memory', stores: { memory } });
}
