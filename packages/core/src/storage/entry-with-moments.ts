import type { CacheEntry } from '../entry/cache-entry.js';
import type { EntryMoments } from './cache-storage.js';

/** A copy of an entry that has other moments. */
export function entryWithMoments(
  { keepUntil: _, ...entry }: CacheEntry,
  { updateAfter, expiresAfter, keepUntil }: EntryMoments,
): CacheEntry {
  return { ...entry, updateAfter, expiresAfter, ...(keepUntil !== undefined && { keepUntil }) };
}
