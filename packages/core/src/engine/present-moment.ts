import type { CacheStorage } from '../storage/cache-storage.js';
import { type Clock, recentNow } from '../time/clock.js';
import { systemClock } from '../time/system-clock.js';

/**
 * The present moment by the one clock that entries in `storage` are judged by (I5): the storage's own where processes
 * share it, else this process's. A clock that a user injected replaces both.
 */
export function presentMoment(clock: Clock, storage: CacheStorage): number {
  if (storage.now === undefined || clock !== systemClock) return clock.now();
  try {
    return storage.now();
  } catch {
    // A storage that cannot tell the time must not fail the call; its other operations have the place to say so.
    return clock.now();
  }
}

/** The same for a hit that waits for nothing: where the clock can spare itself a reading, it does. */
export function recentMoment(clock: Clock, storage: CacheStorage): number {
  return storage.now === undefined ? recentNow(clock) : presentMoment(clock, storage);
}
