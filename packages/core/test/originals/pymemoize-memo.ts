import { Memoizer } from '@memo/core';
import type { KeyedCache, KeyedLibrary } from './pymemoize-library.js';

/** memo itself. */
export const memo: KeyedLibrary = {
  name: 'memo',
  sees: (storage) => storage,
  over: (storage, clock, options) =>
    // Scenarios know no types of arguments.
    new Memoizer<string>(storage, { expireAfter: null, jitter: 0, clock, onEvent: () => {}, ...options }) as KeyedCache,
  lifetime: (lifetime) => ({ expireAfter: lifetime }),
  storedKey: (key, namespace = '') => `${namespace}/:${key}`,
};
