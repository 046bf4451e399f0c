import { argumentsOf } from './call-naming.js';
import type { CachedFunction } from './cached-function.js';
import type { Cache } from './engine/cache.js';
import { set } from './engine/explicit-write.js';
import { clear, invalidate } from './engine/invalidation.js';
import { etagAt, exists, expire, expireAt, removeExpired, timeToLive } from './engine/lifetime-operations.js';
import type { CacheInfo } from './engine/statistics.js';
import type { Demand } from './entry/demand.js';
import type { OwnDemandOptions } from './entry/demands.js';
import { type HeldValue, heldValue } from './resources/held-value.js';
import { isPromise } from './serde.js';
import type { Duration } from './time/duration.js';
import type { Moment } from './time/moment.js';

/**
 * What can be done with the entries of a cached function, each addressed by the arguments of the call it answers.
 *
 * All that changes something rejects with `StorageFailedError` when the storage could not confirm it.
 */
export interface EntryOperations<A extends readonly unknown[], V> {
  /** Whether a call with these arguments would be answered from the cache. */
  exists(args: A): Promise<boolean>;
  /** Milliseconds until the entry expires, `Infinity` if it never does; `undefined` if there is none. */
  ttl(args: A): Promise<number | undefined>;
  /**
   * Lets the entry expire so long from now; `null`: never.
   * @returns whether there was a live entry.
   */
  expire(args: A, after: Duration | null): Promise<boolean>;
  /**
   * Lets the entry expire at a moment: a `Date`, epoch milliseconds, ISO text; `null`: never.
   * @returns whether there was a live entry.
   */
  expireAt(args: A, moment: Moment | null): Promise<boolean>;
  /** The etag that the entry was kept with, if there is an entry that is live and has one. */
  etag(args: A): Promise<string | undefined>;
  /**
   * Takes the entry away. Once it has resolved, nobody who asks is answered with a value whose load began before.
   * @returns whether there was a live entry.
   */
  delete(args: A): Promise<boolean>;
  /**
   * Puts a value in the place of whatever the cache holds. It wins over every load that began before, in any process.
   * @throws UnstorableValueError when the storage cannot keep it.
   */
  set(args: A, value: V): Promise<void>;
  /** Loads anew, whatever the cache holds; resolves to a value whose load began after this call. */
  refresh(...args: A): Promise<V>;
  /**
   * Answers like a call, with a value that stays open until it is let go, though its entry leaves the cache meanwhile:
   * `await using client = await getClient.lease();`.
   */
  lease(...args: A): Promise<HeldValue<V>>;
  /** Takes all entries of this function away. */
  clear(): Promise<void>;
  /** Takes the expired entries of this function out of a storage that lists its entries. @returns how many. */
  removeExpired(): Promise<number>;
  /** What has been counted so far; a frozen copy. */
  cacheInfo(): CacheInfo;
  /** How the function is cached now; a frozen copy. */
  cacheParameters(): CacheParameters;
}

/** How a function is cached. Times are in milliseconds. */
export interface CacheParameters {
  readonly name: string;
  /** The most entries the eviction strategy keeps; `undefined` if it has no such bound. */
  readonly capacity: number | undefined;
  readonly timeout: number;
  /** `undefined` where the entry builder decides for each entry. */
  readonly updateAfter: number | undefined;
  /** `undefined` where the entry builder decides for each entry. */
  readonly expireAfter: number | undefined;
  /** `undefined` where there is none, or it depends on the arguments. */
  readonly maxAge: number | undefined;
  /** How often a load is tried again at most; `undefined` where its policy does not say. */
  readonly retries: number | undefined;
  /** Whether failures are remembered. */
  readonly negative: boolean;
  readonly staleIfError: number;
  /** How often expired entries are looked for; `undefined`: never. */
  readonly removeExpiredEvery: number | undefined;
  /** Whether values are closed when they have left. */
  readonly disposes: boolean;
  readonly errors: 'wrapped' | 'original';
  readonly onStorageError: 'bypass' | 'throw';
  readonly coordination: 'lease' | 'none';
  readonly leaseTime: number;
  readonly waitLimit: number;
  readonly onWaitLimit: 'compute' | 'throw' | 'stale';
  /** The largest fraction by which lifetimes are shortened; `undefined` where the entry builder does not say. */
  readonly jitter: number | undefined;
}

/** Does something with the entry of a call. */
export type EntryOperation<R> = (cache: Cache, key: string, demand: Demand | undefined) => Promise<R>;

/** The operations of a cached function. @param receiver - the `this` that a refresh calls the function with. */
export function entryOperations(
  cached: CachedFunction,
  receiver: unknown,
): EntryOperations<readonly unknown[], unknown> {
  const at = async <R>(
    name: string,
    args: readonly unknown[],
    operation: EntryOperation<R>,
    own?: OwnDemandOptions,
  ): Promise<R> => {
    const call = cached.named(argumentsOf(name, args));
    const demand = cached.demandOf(call, own);
    // A write begins in the turn in which it was asked for, where nothing has to be found out before.
    return operation(call.cache, call.key, isPromise(demand) ? await demand : demand);
  };
  return {
    exists: (args) => at('exists', args, exists),
    ttl: (args) => at('ttl', args, timeToLive),
    expire: (args, after) => at('expire', args, (cache, key, demand) => expire(cache, key, after, demand)),
    expireAt: (args, moment) => at('expireAt', args, (cache, key, demand) => expireAt(cache, key, moment, demand)),
    // Who asks for the etag that is kept does not ask which one it should be.
    etag: (args) => at('etag', args, etagAt, { etag: null }),
    delete: async (args) => {
      const { cache, key } = cached.named(argumentsOf('delete', args));
      return invalidate(cache, key);
    },
    set: (args, value) => at('set', args, (cache, key, demand) => set(cache, key, value, demand?.etag)),
    refresh: (...args) => cached.readWith(receiver, args, { refresh: true }),
    lease: async (...args) => {
      const { value, letGo } = await cached.hold(receiver, args, {});
      return heldValue(value, letGo);
    },
    clear: async () => clear(cached.cache, cached.scopeFor('clear()')),
    removeExpired: async () => removeExpired(cached.cache, cached.scopeFor('removeExpired()')),
    cacheInfo: () => cacheInfoOf(cached.cache),
    cacheParameters: () => cacheParametersOf(cached.cache),
  };
}

/** What has been counted, and how much is kept. */
export function cacheInfoOf(cache: Cache): CacheInfo {
  const { storage, evictionStrategy } = cache.configuration;
  return Object.freeze({
    ...cache.reports.statistics,
    size: storage.size,
    capacity: evictionStrategy.capacity,
  });
}

function cacheParametersOf({ configuration, settings }: Cache): CacheParameters {
  const { entryBuilder, evictionStrategy, methodTimeout } = configuration;
  const { coordination, leaseTime, waitLimit = methodTimeout, onWaitLimit } = settings.coordination;
  const { retry } = settings.failure;
  return Object.freeze({
    name: settings.name,
    capacity: evictionStrategy.capacity,
    timeout: methodTimeout,
    updateAfter: entryBuilder.updateAfter,
    expireAfter: entryBuilder.expireAfter,
    maxAge: settings.demands?.maxAge,
    retries: retry === undefined ? 0 : retry.count,
    negative: settings.failure.negative !== undefined,
    staleIfError: settings.failure.staleIfError,
    removeExpiredEvery: settings.removeExpiredEvery,
    disposes: settings.resources !== undefined,
    errors: settings.errors,
    onStorageError: settings.onStorageError,
    coordination,
    leaseTime,
    waitLimit,
    onWaitLimit,
    jitter: entryBuilder.jitter,
  });
}
