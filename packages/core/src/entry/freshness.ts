import type { CacheEntry } from './cache-entry.js';

/** `fresh`: served. `stale`: served, and refreshed behind the caller's back. `expired`: not served. */
export type Freshness = 'fresh' | 'stale' | 'expired';

/**
 * Judges an entry at the moment `now`, epoch milliseconds. Both deadlines are inclusive (M19, M20), and a deadline that
 * is no number has passed.
 */
export function freshness(entry: Pick<CacheEntry, 'updateAfter' | 'expiresAfter'>, now: number): Freshness {
  if (!(now < entry.expiresAfter)) return 'expired';
  return now < entry.updateAfter ? 'fresh' : 'stale';
}

/** Whether `freshness` says `fresh`. */
export function isFresh(
  { updateAfter, expiresAfter }: Pick<CacheEntry, 'updateAfter' | 'expiresAfter'>,
  now: number,
): boolean {
  return now < updateAfter && now < expiresAfter;
}
