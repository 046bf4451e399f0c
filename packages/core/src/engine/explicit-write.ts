import type { CacheEntry } from '../entry/cache-entry.js';
import { UnstorableValueError } from '../errors.js';
import type { CacheStorage, OfferResult } from '../storage/cache-storage.js';
import { steadyNow } from '../time/clock.js';
import type { Cache } from './cache.js';
import { confirmed } from './invalidation.js';
import { insist, readableEntry, StorageAccess } from './storage-access.js';

/**
 * Puts a value in the place of whatever the cache holds under `key`. It wins over every load that began before: those in
 * flight are detached, their leases are void. Until it is confirmed the key counts as absent in this process.
 *
 * @throws StorageFailedError when the storage could not confirm it.
 * @throws UnstorableValueError when the storage cannot keep the value.
 */
export async function set(cache: Cache, key: string, value: unknown): Promise<void> {
  const { configuration, settings, books, reports } = cache;
  const { storage, evictionStrategy } = configuration;
  const { clock } = settings;
  const inFlight = cache.inFlightOver(storage);
  const writing = async (): Promise<CacheEntry> => {
    const landed = inFlight.detach(key, steadyNow(clock));
    // A storage that tells the time learns it with its first answer, and the entry is dated by it.
    if (storage.now !== undefined) await readableEntry(storage, key);
    const now = cache.now(storage);
    const entry = { ...configuration.entryBuilder.build(key, value, now), started: now };
    await keep(storage, key, entry);
    if (landed === undefined) return entry;
    await landed;
    await keep(storage, key, entry);
    return entry;
  };
  const entry = await confirmed(cache, key, insist(storage, clock, 'set', key, writing));
  inFlight.published(key);
  reports.set(key, entry);
  await books.markWritten(evictionStrategy, key, entry, new StorageAccess(storage, settings, reports));
}

async function keep(storage: CacheStorage, key: string, entry: CacheEntry): Promise<void> {
  const result: OfferResult = await (storage.set?.(key, entry) ?? storage.offer(key, entry));
  if (result === 'declined') throw new UnstorableValueError(key, new Error('The storage declined it.'));
}
