import type { CacheEntry } from './cache-entry.js';

/** Whether something has the moments of an entry; what its value is does not matter. */
export function isEntry(something: unknown): something is CacheEntry {
  if (typeof something !== 'object' || something === null) return false;
  const { created, updateAfter, expiresAfter } = something as Partial<CacheEntry>;
  return typeof created === 'number' && typeof updateAfter === 'number' && typeof expiresAfter === 'number';
}
