import { memoize, memoizeSync } from '@memo/core';
import { age, lifetime, type Contender } from './contender.js';

// What is measured is what is published: with the sources, TypeScript would be measured, too.
if (!import.meta.resolve('@memo/core').endsWith('/dist/index.js'))
  throw new Error('@memo/core is not the built package');

const options = { expireAfter: lifetime };

/** memo as it is without further options, but for a lifetime and a capacity. */
export const contender: Contender = {
  cached: (load, { capacity }) => memoize(load, { ...options, capacity }),
  byPrimitives: (load, { capacity }) => memoize(load, { ...options, capacity }),
  byObject: (load, { capacity }) => memoize(load, { ...options, capacity }),
  atOnce: (load, { capacity }) => memoizeSync(load, { ...options, capacity }),

  refreshed: (load, { capacity }) => memoize(load, { ...options, updateAfter: age, capacity }),
};
