import { InvalidCallError } from '../errors.js';
import type { CacheEntry } from './cache-entry.js';

/** Whether something has the moments of an entry; what its value is does not matter. */
export function isEntry(something: unknown): something is CacheEntry {
  if (typeof something !== 'object' || something === null) return false;
  const { created, updateAfter, expiresAfter } = something as Partial<CacheEntry>;
  return typeof created === 'number' && typeof updateAfter === 'number' && typeof expiresAfter === 'number';
}

/** What an entry builder has built. @throws InvalidCallError when it is no entry. */
export function entryIn(built: unknown): CacheEntry {
  if (isEntry(built)) return built;
  throw new InvalidCallError('CacheEntryBuilder.build', 'an entry with created, updateAfter and expiresAfter', built);
}
