import { MissingAbilityError } from '../errors.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Cache } from './cache.js';
import { insist } from './storage-access.js';

/**
 * Takes the entry of `key` away: loads in flight are detached (I3), what is just being written is taken away, too, and
 * the eviction strategy is told (mends M93, M94).
 *
 * @returns whether there was a live entry.
 * @throws StorageFailedError when the storage could not confirm it.
 */
export async function invalidate(cache: Cache, key: string): Promise<boolean> {
  const { storage, evictionStrategy } = cache.configuration;
  await cache.inFlightOver(storage).detach(key);
  const expiresAfter = await insist(storage, cache.settings.clock, 'invalidate', key, () => takeAway(storage, key));
  evictionStrategy.markReleased(key);
  cache.statistics.invalidations++;
  if (cache.reporter.listening) cache.reporter.report({ type: 'invalidated', key });
  return expiresAfter !== undefined && cache.settings.clock.now() < expiresAfter;
}

async function takeAway(storage: CacheStorage, key: string): Promise<number | undefined> {
  if (storage.invalidate !== undefined) return storage.invalidate(key);
  const entry = await storage.get(key);
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
  const { storage, keyExtractor, evictionStrategy, methodTimeout } = cache.configuration;
  const scope = keyExtractor.scope?.(cache.fn);
  if (scope === undefined) {
    throw new MissingAbilityError('clear()', `a KeyExtractor with 'scope'`, `Give it one, or clear the storage itself.`);
  }
  await cache.inFlightOver(storage).detachScope(scope);
  // Many keys take longer than one; a storage bounds its own steps, so this only ends what would never end.
  await insist(storage, cache.settings.clock, 'clear', undefined, () => clearScope(storage, scope), methodTimeout);
  forgetScope(evictionStrategy, scope);
  if (cache.reporter.listening) cache.reporter.report({ type: 'cleared', key: scope });
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

function forgetScope(strategy: EvictionStrategy, scope: string): void {
  for (const key of [...(strategy.keys?.() ?? [])]) {
    if (key.startsWith(scope)) strategy.markReleased(key);
  }
}
