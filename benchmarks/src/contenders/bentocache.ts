import { createRequire } from 'node:module';
import { lifetime, type Contender } from './contender.js';

/** What is used of bentocache, whose own types need the types of databases that are not here. */
interface Bentocache {
  readonly BentoCache: new (options: object) => {
    getOrSet(options: { key: string; ttl: number; factory: () => Promise<unknown> }): Promise<unknown>;
  };
  readonly bentostore: () => { useL1Layer(driver: object): object };
}

const require = createRequire(import.meta.url);
const { BentoCache, bentostore } = require('bentocache') as Bentocache;
const { memoryDriver } = require('bentocache/drivers/memory') as { readonly memoryDriver: (options: object) => object };

/** `getOrSet` over one layer in memory, which keeps values as they are. */
export const contender: Contender = {
  cached(load, { capacity }) {
    const memory = bentostore().useL1Layer(memoryDriver({ maxItems: capacity, serialize: false }));
    const cache = new BentoCache({ default: 'memory', stores: { memory } });
    return (key) => cache.getOrSet({ key, ttl: lifetime, factory: () => load(key) });
  },
};
