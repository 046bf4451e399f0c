import type { CacheEntry } from './cache-entry.js';

/** Until when an entry is kept at least, epoch milliseconds: what storages count lifetimes by, and sweep by. */
export function keepUntilOf({
  expiresAfter,
  keepUntil = expiresAfter,
}: Pick<CacheEntry, 'expiresAfter' | 'keepUntil'>): number {
  return keepUntil > expiresAfter ? keepUntil : expiresAfter;
}
