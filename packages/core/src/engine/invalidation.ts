import { MissingAbilityError } from '../errors.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Cache } from './cache.js';
import { insist, readableEntry } from './storage-access.js';

/**
 * Takes the entry of `key` away: loads in flight are detached (I3), what is just being written is taken away, too, and
 * the eviction strategy is told (mends M93, M94).
 *
 * @returns whether there was a live entry.
 * @throws StorageFailedError when the storage could not confirm it.
 */
export async function invalidate(cache: Cache, key: string): Promise<boolean> {
  const { storage, evictionStrategy } = cache.configuration;
  const expiresAfter = await insist(storage, cache.settings.clock, 'invalidate', key, async () => {
    await cache.inFlightOver(storage).detach(key);
    return takeAway(storage, key);
  });
  cache.books.markReleased(evictionStrategy, key);
  cache.reports.invalidated(key);
  return expiresAfter !== undefined && cache.now(storage) < expiresAfter;
}

async function takeAway(storage: CacheStorage, key: string): Promise<number | undefined> {
  if (storage.invalidate !== undefined) return storage.invalidate(key);
  const entry = await readableEntry(storage, key);
  await storage.release(key);
  return entry?.expiresAfter;
}

/**
 * Takes all entries of the function away.
 *
 * @throws MissingAbilityError when its keys cannot be told from those of other functions.
 * @throws StorageFailedError when the storage could not confirm it.
 */
export async function clear(cache: Cache): Promise<void> {
  const { storage, evictionStrategy, methodTimeout } = cache.configuration;
  const scope = cache.scopeFor('clear()');
  const clearing = async (): Promise<void> => {
    await cache.inFlightOver(storage).detachScope(scope);
    await clearScope(storage, scope);
  };
  // Many keys take longer than one; a storage bounds its own steps, so this only ends what would never end.
  await insist(storage, cache.settings.clock, 'clear', undefined, clearing, methodTimeout);
  cache.books.markScopeReleased(evictionStrategy, scope);
  cache.reports.cleared(scope);
}

async function clearScope(storage: CacheStorage, scope: string): Promise<void> {
  if (storage.clear !== undefined) return storage.clear(scope);
  if (storage.entries === undefined) {
    throw new MissingAbilityError('clear()', `a storage with 'clear' or 'entries'`, `Add one of them to the storage.`);
  }
  for await (const [key] of storage.entries()) {
    if (key.startsWith(scope)) await takeAway(storage, key);
  }
}
