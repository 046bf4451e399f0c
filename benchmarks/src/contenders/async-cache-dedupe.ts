import { createCache } from 'async-cache-dedupe';
import { age, lifetime, type CacheSettings, type Contender, type Filter } from './contender.js';

/** A function that is defined in a cache in memory. A key is made of its argument by the library. */
export const contender: Contender = {
  cached: (load, settings) => defined(load, settings),

  byPrimitives(load, settings) {
    const find = defined(([name, page, deleted]: [string, number, boolean]) => load(name, page, deleted), settings);
    return (name, page, deleted) => find([name, page, deleted]);
  },

  byObject: (load, settings) => defined((filter: Filter) => load(filter), settings),

  refreshed(load, { capacity }) {
    const storage = { type: 'memory', options: { size: capacity } } as const;
    const cache = createCache({ ttl: age / 1000, stale: lifetime / 1000, storage }).define('find', load);
    return (key) => cache.find(key);
  },
};

function defined<Argument>(
  load: (argument: Argument) => Promise<unknown>,
  { capacity }: CacheSettings,
): (argument: Argument) => Promise<unknown> {
  const storage = { type: 'memory', options: { size: capacity } } as const;
  const cache = createCache({ ttl: lifetime / 1000, storage }).define('find', load);
  return (argument) => cache.find(argument);
}
