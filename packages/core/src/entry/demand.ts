import type { CacheEntry } from './cache-entry.js';
import { type Freshness, freshness } from './freshness.js';

/** What one call demands of an entry, beside what the entry says of itself. It tightens, and never loosens. */
export interface Demand {
  /** The revision that the value must have been made from; `undefined`: any. */
  readonly etag?: string | undefined;
  /** How many milliseconds the entry may be old at most. */
  readonly maxAge?: number | undefined;
}

/**
 * Judges an entry for a call at the moment `now`, epoch milliseconds. One with another etag, or without the etag that is
 * demanded, has expired for that call (PyMemoize P21); so has one of the age `maxAge` (P23, but inclusive).
 */
export function judge(entry: CacheEntry, now: number, demand: Demand | undefined): Freshness {
  if (demand !== undefined && !(hasEtag(entry, demand) && isYoungEnough(entry, now, demand))) return 'expired';
  return freshness(entry, now);
}

/** Whether the value was made from the revision that is demanded. */
export function hasEtag(entry: CacheEntry, demand: Demand | undefined): boolean {
  return demand?.etag === undefined || entry.etag === demand.etag;
}

/** From when on `entry` is not served to such a call, if only its age is asked for; epoch milliseconds. */
export function deadlineFor(entry: CacheEntry, demand: Demand | undefined): number {
  return demand?.maxAge === undefined
    ? entry.expiresAfter
    : Math.min(entry.expiresAfter, entry.created + demand.maxAge);
}

function isYoungEnough({ created }: CacheEntry, now: number, { maxAge }: Demand): boolean {
  return maxAge === undefined || now < created + maxAge;
}
