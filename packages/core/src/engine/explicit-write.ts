import type { CacheEntry } from '../entry/cache-entry.js';
import type { EntryResource } from '../entry/entry-resource.js';
import { entryIn } from '../entry/is-entry.js';
import { UnstorableValueError } from '../errors.js';
import type { ResourcePolicy } from '../resources/resource-policy.js';
import { type Awaitable, isPromise } from '../serde.js';
import type { CacheStorage, OfferResult } from '../storage/cache-storage.js';
import { steadyNow } from '../time/clock.js';
import type { Cache } from './cache.js';
import { confirmed } from './invalidation.js';
import { deadlineOf, insist, readableEntry, StorageAccess } from './storage-access.js';

/**
 * Puts a value in the place of whatever the cache holds under `key`. It wins over every load that began before: those in
 * flight are detached, their leases are void. Where it is not confirmed the key counts as absent in this process.
 *
 * @param etag - the revision that the value was made from.
 * @throws StorageFailedError when the storage could not confirm it.
 * @throws UnstorableValueError when the storage cannot keep the value: then what was there stays.
 * @throws InvalidCallError when the entry builder builds no entry, and whatever it throws: then nothing has changed.
 */
export async function set(cache: Cache, key: string, value: unknown, etag?: string): Promise<void> {
  const { configuration, settings, books, reports } = cache;
  const { storage } = configuration;
  const inFlight = cache.inFlightOver(storage);
  const called = inFlight.nextTurn();
  const landed = inFlight.detach(key, steadyNow(settings.clock));
  const entry = await confirmed(cache, key, called, write(cache, key, { value, etag }, landed));
  inFlight.published(key);
  reports.set(key, entry);
  await books.markWritten(configuration, key, entry, new StorageAccess(storage, settings, reports));
}

/** What is to be kept: a value, and the revision that it was made from. */
interface Written {
  readonly value: unknown;
  readonly etag: string | undefined;
}

/**
 * Writes step by step: after a step that was given up none is begun, lest it took effect when the caller has been told that
 * it failed.
 */
async function write(
  cache: Cache,
  key: string,
  what: Written,
  landed: Promise<unknown> | undefined,
): Promise<CacheEntry> {
  const { storage } = cache.configuration;
  const { clock } = cache.settings;
  // A storage that tells the time learns it with its first answer, and the entry is dated by it.
  if (storage.now !== undefined) await insist(storage, clock, 'get', key, () => readableEntry(storage, key));
  // What is replaced by the entry, and then replaced by it again, would be closed while it is kept.
  if (landed !== undefined && cache.resources !== undefined) await insist(storage, clock, 'set', key, () => landed);
  const making = entryFor(cache, key, what);
  // A write begins in the turn in which it was asked for, where nothing has to be found out before.
  const entry = isPromise(making) ? await making : making;
  try {
    await keep(cache, key, entry);
    if (landed === undefined) return entry;
    await insist(storage, clock, 'set', key, () => landed);
    await keep(cache, key, entry);
    return entry;
  } catch (error) {
    // A storage of this process either has it, or tells that it has left.
    if (storage.peek?.(key)?.resource !== entry.resource) entry.resource?.left('declined');
    throw error;
  }
}

function entryFor(cache: Cache, key: string, { value, etag }: Written): Awaitable<CacheEntry> {
  const { resources } = cache;
  const { entryBuilder, storage } = cache.configuration;
  const build = (kept: unknown, resource?: EntryResource): Awaitable<CacheEntry> => {
    const now = cache.now(storage);
    const entry = entryIn(entryBuilder.build(key, kept, now));
    const dated = { ...entry, started: now, ...(etag !== undefined && { etag }), ...(resource && { resource }) };
    return cache.judgement.settle(key, dated, cache.configuration);
  };
  return resources === undefined ? build(value) : take(resources, key, value, build);
}

async function take(
  resources: ResourcePolicy,
  key: string,
  given: unknown,
  build: (value: unknown, resource: EntryResource) => Awaitable<CacheEntry>,
): Promise<CacheEntry> {
  const { value, resource } = await resources.take(key, given);
  try {
    return await build(value, resource);
  } catch (error) {
    resource.left('declined');
    throw error;
  }
}

/** A storage ends its own `set` in time, which then takes no effect any more; this only ends what would never end. */
const patience = 3;

async function keep(
  { configuration: { storage }, settings: { clock } }: Cache,
  key: string,
  entry: CacheEntry,
): Promise<void> {
  const setting = (): Promise<OfferResult> => setOrOffer(storage, key, entry);
  const result = await insist(storage, clock, 'set', key, setting, { milliseconds: patience * deadlineOf(storage) });
  if (result !== 'declined') return;
  throw new UnstorableValueError(key, new Error('the storage declined it, as it does with what is too large for it.'));
}

function setOrOffer(storage: CacheStorage, key: string, entry: CacheEntry): Promise<OfferResult> {
  return storage.set === undefined ? storage.offer(key, entry) : storage.set(key, entry);
}
