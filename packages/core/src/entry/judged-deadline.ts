import type { CacheEntry } from './cache-entry.js';

/**
 * From when on an entry has expired whose deadline was just judged anew. Where somebody has changed the one that it was
 * kept with, or may have, both count.
 */
export function judgedDeadline({ expiresAfter, judged }: CacheEntry, deadline: number): number {
  return judged === expiresAfter ? deadline : Math.min(expiresAfter, deadline);
}
