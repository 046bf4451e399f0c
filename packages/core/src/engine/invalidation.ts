import { MissingAbilityError, StorageFailedError } from '../errors.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { steadyNow } from '../time/clock.js';
import type { Cache } from './cache.js';
import { exists } from './lifetime-operations.js';
import { insist, readableEntry } from './storage-access.js';

/**
 * Takes the entry of `key` away: loads in flight are detached (I3), what is just being written without a lease, or into a
 * storage of this process, is taken away, too, and the eviction strategy is told (mends M93, M94). Where that is not
 * confirmed the key counts as absent in this process.
 *
 * @returns whether there was a live entry.
 * @throws StorageFailedError when the storage could not confirm it.
 */
export async function invalidate(cache: Cache, key: string): Promise<boolean> {
  const { storage, evictionStrategy } = cache.configuration;
  const { clock } = cache.settings;
  const inFlight = cache.inFlightOver(storage);
  const called = inFlight.nextTurn();
  const taking = async (): Promise<number | undefined> => {
    const landed = inFlight.detach(key, steadyNow(clock));
    const taken = await takeAway(storage, key);
    if (landed === undefined) return taken;
    await landed;
    return (await takeAway(storage, key)) ?? taken;
  };
  const wasLive = isJudgedAtReads(cache) ? exists(cache, key).catch(() => false) : undefined;
  const expiresAfter = await cache.books.strikeOff(evictionStrategy, [key], () =>
    confirmed(cache, key, called, insist(storage, clock, 'invalidate', key, taking)),
  );
  cache.reports.invalidated(key);
  return (await wasLive) ?? (expiresAfter !== undefined && cache.now(storage) < expiresAfter);
}

function isJudgedAtReads({ configuration: { entryBuilder } }: Cache): boolean {
  return entryBuilder.deadlineOf !== undefined;
}

/**
 * Lets `key` count as absent in this process where `operation` fails, until it succeeds or an entry loaded since is kept.
 *
 * @param called - the turn in which it was called.
 */
export async function confirmed<R>(cache: Cache, key: string, called: number, operation: Promise<R>): Promise<R> {
  const { absences } = cache.inFlightOver(cache.configuration.storage);
  try {
    const result = await operation;
    absences.delete(key, called);
    return result;
  } catch (error) {
    if (StorageFailedError.isInstance(error)) absences.add(key, called);
    throw error;
  }
}

const cannotRelease = `Its 'release' leaves the entry to other processes.`;

async function takeAway(storage: CacheStorage, key: string): Promise<number | undefined> {
  if (storage.invalidate !== undefined) return storage.invalidate(key);
  if (storage.shared !== false)
    throw new MissingAbilityError('delete()', `a shared storage with 'invalidate'`, cannotRelease);
  const entry = await readableEntry(storage, key);
  await storage.release(key);
  return entry?.expiresAfter;
}

/**
 * Takes all entries whose keys begin with `scope` away. Until that is confirmed they count as absent in this process.
 *
 * @throws MissingAbilityError when the storage can neither clear nor list its entries.
 * @throws StorageFailedError when the storage could not confirm it.
 */
export async function clear(cache: Cache, scope: string): Promise<void> {
  const { storage, evictionStrategy, methodTimeout } = cache.configuration;
  const { clock } = cache.settings;
  const inFlight = cache.inFlightOver(storage);
  const called = inFlight.nextTurn();
  const keys = cache.books.keysWithin(evictionStrategy, scope);
  const clearing = async (): Promise<void> => {
    const landed = inFlight.detachScope(scope, steadyNow(clock));
    await clearScope(storage, scope);
    if (landed === undefined) return;
    await landed;
    await clearScope(storage, scope);
  };
  try {
    // Many keys take longer than one; a storage bounds its own steps, so this only ends what would never end.
    await cache.books.strikeOff(evictionStrategy, keys, () =>
      insist(storage, clock, 'clear', undefined, clearing, { milliseconds: methodTimeout }),
    );
    inFlight.absences.deleteScope(scope, called);
  } catch (error) {
    if (StorageFailedError.isInstance(error)) inFlight.absences.addScope(scope, called);
    throw error;
  }
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
