import type { CacheEntry } from './cache-entry.js';

/** How an entry is judged: served; served and refreshed behind the caller's back; not served. */
export type Freshness = 'fresh' | 'stale' | 'expired';

/** Judges an entry at the instant `now`, epoch milliseconds. Both deadlines are inclusive (M19, M20). */
export function freshness(entry: CacheEntry, now: number): Freshness {
  if (entry.expiresAfter <= now) return 'expired';
  return entry.updateAfter <= now ? 'stale' : 'fresh';
}
