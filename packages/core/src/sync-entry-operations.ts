import { argumentsOf } from './call-naming.js';
import { expiryAfter, expiryAt } from './engine/expiry.js';
import type { SyncCache } from './engine/sync-cache.js';
import type { CacheInfo } from './engine/statistics.js';
import { deadlineFor, type Demand } from './entry/demand.js';
import { demandsOf } from './entry/demands.js';
import type { CacheParameters } from './entry-operations.js';
import type { SyncCachedFunction } from './sync-cached-function.js';
import type { Duration } from './time/duration.js';
import type { Moment } from './time/moment.js';

/**
 * What can be done with the entries of a cached synchronous function, each addressed by the arguments of the call it
 * answers. All of it takes effect at once.
 */
export interface SyncEntryOperations<A extends readonly unknown[], V, Answer = V> {
  /** Whether a call with these arguments would be answered from the cache. */
  exists(args: A): boolean;
  /** Milliseconds until the entry expires, `Infinity` if it never does; `undefined` if there is none. */
  ttl(args: A): number | undefined;
  /**
   * Lets the entry expire so long from now; `null`: never.
   * @returns whether there was a live entry.
   */
  expire(args: A, after: Duration | null): boolean;
  /**
   * Lets the entry expire at a moment: a `Date`, epoch milliseconds, ISO text; `null`: never.
   * @returns whether there was a live entry.
   */
  expireAt(args: A, moment: Moment | null): boolean;
  /** The etag that the entry was kept with, if there is an entry that is live and has one. */
  etag(args: A): string | undefined;
  /**
   * Takes the entry away. What the function loads just now for these arguments is not kept.
   * @returns whether there was a live entry.
   */
  delete(args: A): boolean;
  /** Puts a value in the place of whatever the cache holds, and of what the function loads just now. */
  set(args: A, value: V): void;
  /** Loads anew, whatever the cache holds. */
  refresh(...args: A): Answer;
  /** Takes all entries away. */
  clear(): void;
  /** Takes the expired entries away. @returns how many. */
  removeExpired(): number;
  /** What has been counted so far; a frozen copy. */
  cacheInfo(): CacheInfo;
  /** How the function is cached; a frozen copy. */
  cacheParameters(): SyncCacheParameters;
}

/** How a synchronous function is cached. Times are in milliseconds. */
export type SyncCacheParameters = Pick<
  CacheParameters,
  | 'name'
  | 'capacity'
  | 'expireAfter'
  | 'maxAge'
  | 'retries'
  | 'negative'
  | 'staleIfError'
  | 'removeExpiredEvery'
  | 'errors'
>;

/** Does something with the entry of a call. */
type SyncEntryOperation<R> = (key: string, demand: Demand | undefined) => R;

/** The operations of a cached synchronous function. */
export function syncEntryOperations(cached: SyncCachedFunction): SyncEntryOperations<readonly unknown[], unknown> {
  const { cache } = cached;
  const { demands } = cache.settings;
  // Who asks for the etag that is kept does not ask which one it should be.
  const demandsOnAge = demandsOf({ etag: null }, 'etag', demands);
  const at = <R>(name: string, args: readonly unknown[], operation: SyncEntryOperation<R>): R => {
    const call = cached.named(argumentsOf(name, args));
    return operation(call.key, cached.demandOf(call, demands));
  };
  return {
    exists: (args) => at('exists', args, (key, demand) => cache.findLive(key, demand) !== undefined),
    ttl: (args) => at('ttl', args, (key, demand) => timeToLive(cache, key, demand)),
    expire: (args, after) => at('expire', args, (key, demand) => cache.changeDeadline(key, expiryAfter(after), demand)),
    expireAt: (args, moment) =>
      at('expireAt', args, (key, demand) => cache.changeDeadline(key, expiryAt(moment, cache.now()), demand)),
    etag: (args) => {
      const call = cached.named(argumentsOf('etag', args));
      return cache.findLive(call.key, cached.demandOf(call, demandsOnAge))?.etag;
    },
    delete: (args) => cache.delete(cached.named(argumentsOf('delete', args)).key),
    set: (args, value) => at('set', args, (key, demand) => cache.set(key, value, demand?.etag)),
    refresh: (...args) => cached.refresh(undefined, args, demands),
    clear: () => cache.clear(),
    removeExpired: () => cache.removeExpired(),
    cacheInfo: () => cacheInfoOf(cache),
    cacheParameters: () => cacheParametersOf(cache),
  };
}

function timeToLive(cache: SyncCache, key: string, demand: Demand | undefined): number | undefined {
  const entry = cache.findLive(key, demand);
  return entry === undefined ? undefined : deadlineFor(entry, demand) - cache.now();
}

function cacheInfoOf({ reports, size, settings }: SyncCache): CacheInfo {
  return Object.freeze({ ...reports.statistics, size, capacity: settings.evictionStrategy.capacity });
}

function cacheParametersOf({ settings }: SyncCache): SyncCacheParameters {
  const { name, evictionStrategy, expiration, demands, failure, removeExpiredEvery, errors } = settings;
  return Object.freeze({
    name,
    capacity: evictionStrategy.capacity,
    expireAfter: expiration.after,
    maxAge: demands?.maxAge,
    retries: failure.retry === undefined ? 0 : failure.retry.count,
    negative: failure.negative !== undefined,
    staleIfError: failure.staleIfError,
    removeExpiredEvery,
    errors,
  });
}
