import type { CacheEntry } from './cache-entry.js';

/** Decides whether a fresh entry is refreshed before its time. */
export interface EarlyRefresh {
  /** @param now - epoch milliseconds, by the clock that the entry's moments are of. */
  isDue(entry: CacheEntry, now: number): boolean;
}
