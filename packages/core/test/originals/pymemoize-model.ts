import { LocalInMemoryCacheStorage, ProvidedLifeSpanCacheEntryBuilder, systemClock } from '@memo/core';
import { type AskedFunction, watched } from './cache-under-test.js';
import type { LockingCache, LockingOptions } from './locking-cache.js';

/**
 * A model of PyMemoize 1.0.3's `Memoizer.get` with its defects, written after the rows P10 to P20 that stand beside each
 * part; its threads are promises here. Tests of mended defects run against it to show that they would have failed there.
 */
export const pyMemoize: LockingCache = {
  name: 'PyMemoize',
  wrap: (fn, options) => modelled(fn, options),
};

const entryBuilder = new ProvidedLifeSpanCacheEntryBuilder();

/** P10: find, judge, lock, compute, release, store, in this order. */
function modelled(fn: AskedFunction, { lock: lockOf, storage, clock, lockWait }: LockingOptions): AskedFunction {
  const now = (): number => (clock ?? systemClock).now();
  const store = storage ?? new LocalInMemoryCacheStorage();
  const get = async (...args: string[]): Promise<unknown> => {
    const key = `${fn.name}(${args.join(', ')})`;
    const found = await store.get(key);
    // Still valid at the very instant (P20).
    if (found !== undefined && found.expiresAfter >= now()) return found.value;
    const lock = lockOf(key);
    // That the lock was not had stops nothing (P13), and nobody looks again once it was (P14).
    const had = await lock.acquire(lockWait ?? '10 seconds');
    let value: unknown;
    try {
      value = await fn(...args);
    } finally {
      if (had) await lock.release();
    }
    // The next holder may have looked by now (P14).
    await store.offer(key, entryBuilder.build(key, value, now()));
    return value;
  };
  return (...args) => watched(get(...args));
}
