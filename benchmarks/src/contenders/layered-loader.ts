import { Loader } from 'layered-loader';
import { age, lifetime, type Contender } from './contender.js';

/** A `Loader` with a cache in memory, of the faster of the two kinds for texts that know what was read. */
export const contender: Contender = {
  cached(load, { capacity }) {
    const loader = new Loader<object>({
      inMemoryCache: { cacheType: 'lru-map', maxItems: capacity, ttlInMsecs: lifetime },
      dataSourceGetOneFn: async (key: string) => (await load(key)) as object,
    });
    return (key) => loader.get(key);
  },

  refreshed(load, { capacity }) {
    const inMemoryCache = { cacheType: 'lru-map', maxItems: capacity, ttlInMsecs: lifetime } as const;
    const loader = new Loader<object>({
      inMemoryCache: { ...inMemoryCache, ttlLeftBeforeRefreshInMsecs: lifetime - age },
      dataSourceGetOneFn: async (key: string) => (await load(key)) as object,
    });
    return (key) => loader.get(key);
  },
};
