import type { Cache } from './engine/cache.js';
import { set } from './engine/explicit-write.js';
import { clear, invalidate } from './engine/invalidation.js';
import { changeMoments, findLive, removeExpired } from './engine/lifetime-operations.js';
import type { CacheInfo } from './engine/statistics.js';
import { InvalidCallError } from './errors.js';
import { type Duration, toMilliseconds } from './time/duration.js';

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
   * Lets the entry expire at a moment, a `Date` or epoch milliseconds.
   * @returns whether there was a live entry.
   */
  expireAt(args: A, moment: Date | number): Promise<boolean>;
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
  readonly errors: 'wrapped' | 'original';
  readonly onStorageError: 'bypass' | 'throw';
  readonly coordination: 'lease' | 'none';
  readonly leaseTime: number;
  readonly waitLimit: number;
  readonly onWaitLimit: 'compute' | 'throw' | 'stale';
  /** The largest fraction by which lifetimes are shortened; `undefined` where the entry builder does not say. */
  readonly jitter: number | undefined;
}

/** The operations over `cache`. @param receiver - the `this` that a refresh calls the function with. */
export function entryOperations(cache: Cache, receiver: unknown): EntryOperations<readonly unknown[], unknown> {
  const keyAt = (operation: string, args: readonly unknown[]): string => cache.keyOf(argumentsOf(operation, args));
  return {
    exists: async (args) => (await findLive(cache, keyAt('exists', args))) !== undefined,
    ttl: async (args) => {
      const entry = await findLive(cache, keyAt('ttl', args));
      return entry === undefined ? undefined : entry.expiresAfter - cache.now(cache.configuration.storage);
    },
    expire: async (args, after) => {
      const lifetime = after === null ? Infinity : toMilliseconds(after, { call: 'expire', option: 'after' });
      return changeMoments(cache, keyAt('expire', args), (now) => now + lifetime);
    },
    expireAt: async (args, moment) => {
      const expiresAfter = epochMilliseconds(moment);
      return changeMoments(cache, keyAt('expireAt', args), () => expiresAfter);
    },
    delete: async (args) => invalidate(cache, keyAt('delete', args)),
    set: async (args, value) => set(cache, keyAt('set', args), value),
    refresh: (...args) => cache.refresh(receiver, args),
    clear: () => clear(cache),
    removeExpired: () => removeExpired(cache),
    cacheInfo: () => cacheInfoOf(cache),
    cacheParameters: () => cacheParametersOf(cache),
  };
}

function argumentsOf(operation: string, args: unknown): readonly unknown[] {
  if (Array.isArray(args)) return args;
  throw new InvalidCallError(operation, 'the arguments of a call as an array', args, `Write ${operation}(['42']).`);
}

function epochMilliseconds(moment: unknown): number {
  const milliseconds = moment instanceof Date ? moment.getTime() : moment;
  if (typeof milliseconds === 'number' && !Number.isNaN(milliseconds)) return milliseconds;
  throw new InvalidCallError('expireAt', 'a valid Date or epoch milliseconds', moment);
}

function cacheInfoOf(cache: Cache): CacheInfo {
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
  return Object.freeze({
    name: settings.name,
    capacity: evictionStrategy.capacity,
    timeout: methodTimeout,
    updateAfter: entryBuilder.updateAfter,
    expireAfter: entryBuilder.expireAfter,
    errors: settings.errors,
    onStorageError: settings.onStorageError,
    coordination,
    leaseTime,
    waitLimit,
    onWaitLimit,
    jitter: entryBuilder.jitter,
  });
}
