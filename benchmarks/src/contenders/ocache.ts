import { createMemoryStorage, defineCachedFunction } from 'ocache';
import { age, lifetime, type Contender } from './contender.js';

/** A cached function over the memory of ocache. Its argument is its key, or a key is made of its arguments. */
export const contender: Contender = {
  cached: (load, { capacity }) => defineCachedFunction(load, { ...options(capacity), getKey: (key: string) => key }),
  byPrimitives: (load, { capacity }) => defineCachedFunction(load, options(capacity)),
  byObject: (load, { capacity }) => defineCachedFunction(load, options(capacity)),

  refreshed: (load, { capacity }) =>
    defineCachedFunction(load, {
      ...options(capacity),
      ...{ maxAge: age / 1000, swr: true, staleMaxAge: lifetime / 1000, getKey: (key: string) => key },
    }),
};

function options(capacity: number): object {
  // Bounded by entries, as all others are: it need not measure how many bytes each takes.
  const storage = createMemoryStorage({ maxSize: capacity, maxBytes: Infinity });
  return { maxAge: lifetime / 1000, swr: false, name: 'find', storage };
}
