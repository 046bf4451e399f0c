import type { CacheEntry } from '../entry/cache-entry.js';
import { deadlineFor, type Demand, judge } from '../entry/demand.js';
import { isEntry } from '../entry/is-entry.js';
import { keepUntilOf } from '../entry/keep-until.js';
import { MissingAbilityError } from '../errors.js';
import type { Duration } from '../time/duration.js';
import { nextTurn } from '../time/next-turn.js';
import type { Moment } from '../time/moment.js';
import type { Cache } from './cache.js';
import { type Expiry, expiryAfter, expiryAt } from './expiry.js';
import { insist, readableEntry } from './storage-access.js';

/**
 * The entry of `key` if a call with this demand would be answered with it. Asking is no hit.
 *
 * @throws StorageFailedError
 */
async function findLive(cache: Cache, key: string, demand?: Demand): Promise<CacheEntry | undefined> {
  const { storage } = cache.configuration;
  if (cache.isAbsent(storage, key)) return undefined;
  const find = async (): Promise<CacheEntry | undefined> => storage.peek?.(key) ?? (await readableEntry(storage, key));
  const found = await insist(storage, cache.settings.clock, 'get', key, find);
  const entry = found && (await cache.judgement.anew(key, found, cache.configuration));
  if (entry === undefined || judge(entry, cache.now(storage), demand) === 'expired') return undefined;
  return entry;
}

/** Whether a call with this demand would be answered with the entry of `key`. @throws StorageFailedError */
export async function exists(cache: Cache, key: string, demand?: Demand): Promise<boolean> {
  return (await findLive(cache, key, demand)) !== undefined;
}

/**
 * For how many milliseconds calls with this demand will be answered with the entry of `key`; `undefined` if there is none.
 *
 * @throws StorageFailedError
 */
export async function timeToLive(cache: Cache, key: string, demand?: Demand): Promise<number | undefined> {
  const { storage } = cache.configuration;
  const entry = await findLive(cache, key, demand);
  if (entry === undefined) return undefined;
  const left = deadlineFor(entry, demand) - cache.now(storage);
  if (storage.ttl === undefined) return left;
  const kept = await insist(storage, cache.settings.clock, 'ttl', key, async () => storage.ttl?.(key));
  return kept === undefined ? left : Math.min(left, kept);
}

/** The etag of the entry of `key`, if there is an entry that is live and has one. @throws StorageFailedError */
export async function etagAt(cache: Cache, key: string, demand?: Demand): Promise<string | undefined> {
  const entry = await findLive(cache, key, demand);
  return entry?.etag;
}

/** Lets the entry of `key` expire so long from now, `null` for never. Answers and fails as `changeMoments` does. */
export async function expire(cache: Cache, key: string, after: Duration | null, demand?: Demand): Promise<boolean> {
  return changeMoments('expire()', cache, key, expiryAfter(after), demand);
}

/** Lets the entry of `key` expire at a moment, `null` for never. Answers and fails as `changeMoments` does. */
export async function expireAt(cache: Cache, key: string, moment: Moment | null, demand?: Demand): Promise<boolean> {
  const expiry = expiryAt(moment, cache.now(cache.configuration.storage));
  return changeMoments('expireAt()', cache, key, expiry, demand);
}

/** How often an entry may be replaced by another one while its moments are to be changed. */
const mostReplacements = 3;

/**
 * Lets the entry of `key` expire when `expiry` says, if it is live: what has expired is not brought back. `Infinity` makes
 * it permanent, so that it is not refreshed either, which would give it the usual lifetime again.
 *
 * @returns whether it was live.
 * @throws StorageFailedError, MissingAbilityError
 */
async function changeMoments(
  operation: string,
  cache: Cache,
  key: string,
  expiry: Expiry,
  demand: Demand | undefined,
): Promise<boolean> {
  const { storage } = cache.configuration;
  if (storage.changeMoments === undefined) {
    throw new MissingAbilityError(operation, `a storage with 'changeMoments'`, `Delete the entry or load it anew.`);
  }
  for (let replaced = 0; replaced <= mostReplacements; replaced++) {
    const entry = await findLive(cache, key, demand);
    if (entry === undefined) return false;
    // Only now: a storage that tells the time may know it no sooner than it was first asked.
    const expiresAfter = expiry(cache.now(storage));
    const updateAfter = expiresAfter === Infinity ? Infinity : Math.min(entry.updateAfter, expiresAfter);
    const keepUntil = cache.judgement.keepUntil(expiresAfter);
    const moments = { updateAfter, expiresAfter, ...(keepUntil !== expiresAfter && { keepUntil }) };
    const change = async (): Promise<boolean> =>
      (await storage.changeMoments?.(key, entry, moments, cache.now(storage))) ?? false;
    if (await insist(storage, cache.settings.clock, 'changeMoments', key, change)) return true;
  }
  return false;
}

/**
 * Takes the expired entries whose keys begin with `scope` out of the storage. Where the storage does not list its entries
 * there is nothing to do: it forgets what has expired by itself.
 *
 * @returns how many were taken.
 * @throws StorageFailedError
 */
export async function removeExpired(
  cache: Cache,
  scope: string,
  by: 'awaited' | 'background' = 'awaited',
): Promise<number> {
  const { storage, methodTimeout } = cache.configuration;
  let removed = 0;
  const remove = async (key: string, entry: CacheEntry): Promise<void> => {
    if (await removeIfExpired(cache, key, entry, by)) removed++;
  };
  const judging: Promise<void>[] = [];
  const failures: unknown[] = [];
  const note = (error: unknown): void => void failures.push(error);
  const sweep = async (): Promise<void> => {
    let listed = 0;
    for await (const [key, entry] of storage.entries?.() ?? []) {
      listed++;
      // A storage of this process lists without a pause, and others want their turn.
      if (listed % mostInOneTurn === 0) await nextTurn();
      if (!isEntry(entry) || !key.startsWith(scope)) continue;
      // One that takes long to be judged must not hold up the others.
      if (entry.judged !== undefined) judging.push(remove(key, entry).catch(note));
      else await remove(key, entry);
    }
  };
  try {
    await insist(storage, cache.settings.clock, 'removeExpired', undefined, sweep, { milliseconds: methodTimeout, by });
  } finally {
    await Promise.all(judging);
  }
  if (failures.length > 0) throw failures[0];
  cache.reports.expiredRemoved(scope, removed, cache.now(storage));
  return removed;
}

/** So many entries are looked at in one turn of the event loop. */
const mostInOneTurn = 1_000;

/** @param listed - the entry as it was listed. @returns whether it was removed */
async function removeIfExpired(
  cache: Cache,
  key: string,
  listed: CacheEntry,
  by: 'awaited' | 'background',
): Promise<boolean> {
  const { configuration, settings, judgement, books } = cache;
  const { storage, evictionStrategy } = configuration;
  // What another cache has put there under these keys may be kept for longer than this one would keep it.
  const kept =
    listed.judged === undefined
      ? keepUntilOf(listed)
      : judgement.keepUntil((await judgement.anew(key, listed, configuration, by)).expiresAfter);
  if (cache.now(storage) < kept) return false;
  // It may have been refreshed since it was listed; where one can look without waiting, nothing comes between.
  if (storage.peek !== undefined && storage.peek(key)?.created !== listed.created) return false;
  await insist(storage, settings.clock, 'release', key, () => storage.release(key));
  books.markReleased(evictionStrategy, key);
  return true;
}
