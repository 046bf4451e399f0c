import { type CacheStorage, type Clock, type Duration, type Lock, memoize } from '@memo/core';
import { type AskedFunction, watched } from './cache-under-test.js';

/** A cache in which a lock of the user's own decides who loads: memo, or a model of PyMemoize. */
export interface LockingCache {
  readonly name: string;
  wrap(fn: AskedFunction, options: LockingOptions): AskedFunction;
}

/** How a scenario wants a function cached behind a lock. */
export interface LockingOptions {
  readonly lock: (key: string) => Lock;
  readonly storage?: CacheStorage;
  readonly clock?: Clock;
  /** How long a call waits for the lock. */
  readonly lockWait?: Duration;
}

/** memo with the option `lock`. */
export const memoBehindLock: LockingCache = {
  name: 'memo',
  wrap(fn, { lockWait, ...options }) {
    const cached = memoize(fn, {
      name: 'asked',
      ...options,
      ...(lockWait !== undefined && { waitLimit: lockWait }),
      onEvent: () => {},
    });
    return (...args) => watched(cached(...args));
  },
};
