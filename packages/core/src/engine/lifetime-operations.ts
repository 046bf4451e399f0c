import type { CacheEntry } from '../entry/cache-entry.js';
import { freshness } from '../entry/freshness.js';
import { isEntry } from '../entry/is-entry.js';
import { MissingAbilityError } from '../errors.js';
import type { Cache } from './cache.js';
import { insist, readableEntry } from './storage-access.js';

/** The entry of `key` if a call would be answered with it. Asking is no hit. @throws StorageFailedError */
export async function findLive(cache: Cache, key: string): Promise<CacheEntry | undefined> {
  const { storage } = cache.configuration;
  if (cache.isAbsent(storage, key)) return undefined;
  const find = async (): Promise<CacheEntry | undefined> => storage.peek?.(key) ?? (await readableEntry(storage, key));
  const entry = await insist(storage, cache.settings.clock, 'get', key, find);
  if (entry === undefined || freshness(entry, cache.now(storage)) === 'expired') return undefined;
  return entry;
}

/**
 * Lets the entry of `key` expire when `expiry` says, if it is live: what has expired is not brought back. `Infinity` makes
 * it permanent, so that it is not refreshed either, which would give it the usual lifetime again.
 *
 * @returns whether it was live.
 * @throws StorageFailedError, MissingAbilityError
 */
export async function changeMoments(cache: Cache, key: string, expiry: (now: number) => number): Promise<boolean> {
  const { storage } = cache.configuration;
  if (storage.changeMoments === undefined) {
    throw new MissingAbilityError('expire()', `a storage with 'changeMoments'`, `Delete the entry or load it anew.`);
  }
  const entry = await findLive(cache, key);
  if (entry === undefined) return false;
  // Only now: a storage that tells the time may know it no sooner than it was first asked.
  const expiresAfter = expiry(cache.now(storage));
  const updateAfter = expiresAfter === Infinity ? Infinity : Math.min(entry.updateAfter, expiresAfter);
  const moments = { updateAfter, expiresAfter };
  const { clock } = cache.settings;
  return insist(
    storage,
    clock,
    'changeMoments',
    key,
    async () => (await storage.changeMoments?.(key, entry, moments, cache.now(storage))) ?? false,
  );
}

/**
 * Takes the function's expired entries out of the storage. Where the storage does not list its entries there is nothing
 * to do: it forgets what has expired by itself.
 *
 * @returns how many were taken.
 * @throws MissingAbilityError when its keys cannot be told from those of other functions.
 * @throws StorageFailedError
 */
export async function removeExpired(cache: Cache): Promise<number> {
  const { storage, evictionStrategy, methodTimeout } = cache.configuration;
  const scope = cache.scopeFor('removeExpired()');
  let removed = 0;
  const sweep = async (): Promise<void> => {
    for await (const [key, listed] of storage.entries?.() ?? []) {
      // It may have been refreshed since it was listed; where one can look without waiting, nothing comes between.
      const entry = storage.peek === undefined ? listed : storage.peek(key);
      if (!isEntry(entry) || !key.startsWith(scope) || freshness(entry, cache.now(storage)) !== 'expired') continue;
      await storage.release(key);
      cache.books.markReleased(evictionStrategy, key);
      removed++;
    }
  };
  await insist(storage, cache.settings.clock, 'removeExpired', undefined, sweep, methodTimeout);
  return removed;
}
