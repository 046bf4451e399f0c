import type { CacheEventListener } from '../engine/cache-event.js';
import type { DemandOptions } from '../entry/demand-options.js';
import type { EarlyRefresh } from '../entry/early-refresh.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { Weigh } from '../eviction/weigh.js';
import type { ExpiringLifetimeOptions } from '../expiration/expiring-lifetimes.js';
import type { KeyExtractor } from '../key/key-extractor.js';
import type { UpdateStatuses } from '../loading/update-statuses.js';
import type { Postprocessing } from '../postprocessing/postprocessing.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Clock } from '../time/clock.js';
import type { Duration } from '../time/duration.js';
import type { CacheConfiguration } from './cache-configuration.js';
import type { CoordinationOptions } from './coordination-options.js';
import type { FailureOptions } from './failure-options.js';
import type { ResourceOptions } from './resource-options.js';

/** Adds one more function to those an invalidation reaches; implemented by `InvalidationSupport`. */
export interface InvalidationTarget<A extends readonly unknown[]> {
  bind(invalidate: (args: readonly unknown[]) => Promise<unknown>): void;
  invalidateForArguments(args: A): Promise<void>;
}

/**
 * The policies of a cache, written briefly. They are sugar: together they make a `CacheConfiguration`. `A` are the arguments
 * of the function, `V` is what it returns, and `Text` the text of its expiration, where a compiler knows it.
 */
export interface PolicyOptions<
  A extends readonly unknown[] = readonly unknown[],
  V = unknown,
  Text extends string = string,
> extends ExpiringLifetimeOptions<V, Text> {
  /**
   * Tells functions apart that share a storage. Processes that share a storage know a function by it.
   * @defaultValue the function's own name
   */
  readonly name?: string;
  /** Stands before the name in every key. */
  readonly namespace?: string;
  /**
   * Keeps the entries.
   * @defaultValue a new one in this process
   */
  readonly storage?: CacheStorage;
  /**
   * Names a call: a template such as `'user:{0.id}'`, a function of the arguments whose result is the key, or a whole
   * extractor.
   * @defaultValue all arguments, told apart by their content
   */
  readonly key?: string | ((...args: A) => unknown) | KeyExtractor;
  /** The names of the arguments, so that a template may say `'user:{user.id}'`; such arguments may be left out. */
  readonly params?: readonly string[];
  /**
   * The most entries this process keeps; `null` for no bound.
   * @defaultValue 4096 in a storage of this process, no bound in a shared one
   */
  readonly capacity?: number | null;
  /** The most that all entries this process keeps may weigh together, instead of a capacity: a whole number. */
  readonly maxWeight?: number;
  /**
   * What an entry weighs: a whole number from 0 on. Asked whenever one is written; a remembered failure weighs 1.
   * @defaultValue bytes of binary values, the length of text, 1 for numbers and the like; objects must be weighed
   */
  readonly weigh?: Weigh<V>;
  /**
   * Decides which entry goes when the cache is full, and has a bound of its own; instead of `capacity` and `maxWeight`.
   * @defaultValue S3-FIFO
   */
  readonly evictionStrategy?: EvictionStrategy;
  /**
   * How long a whole load may take.
   * @defaultValue 2 minutes
   */
  readonly timeout?: Duration;
  /**
   * By how much at most the lifetimes of each entry are shortened at random, so that entries which were loaded together
   * do not expire together. A fraction: with 0.05 an entry of an hour lives for 57 to 60 minutes. `0`: not at all.
   * @defaultValue 0.05 in a shared storage, 0 in one of this process
   */
  readonly jitter?: number;
  /** Transforms values just before they are handed to a caller. */
  readonly postprocessing?: Postprocessing;
}

/** What `memoize` can be told; every option may be left out. */
export interface MemoizeOptions<
  A extends readonly unknown[] = readonly unknown[],
  V = unknown,
  Text extends string = string,
  As extends 'throw' | 'value' = 'throw',
>
  extends PolicyOptions<A, V, Text>, CoordinationOptions, DemandOptions<A>, FailureOptions<As>, ResourceOptions<V> {
  /**
   * Turns the arguments of each call into those that name it, such as with defaults filled in or without what does not
   * matter. Everything sees these: the key, the etag, the age, and the function itself.
   */
  readonly normalize?: (args: A) => readonly unknown[];
  /** All policies as one object, instead of the options that write them briefly. */
  readonly configuration?: CacheConfiguration;
  /**
   * Whether the cache is used; a function is asked at each call. Where it is not, the function itself is called each time,
   * and nothing is looked up, kept or shared.
   * @defaultValue true
   */
  readonly enabled?: boolean | (() => boolean);
  /**
   * How often expired entries are looked for to be removed. A call begins that behind its caller's back when it is due; no
   * timer does.
   * @defaultValue never
   */
  readonly removeExpiredEvery?: Duration;
  /** Invalidates entries by their arguments, for one function or several. */
  readonly invalidation?: InvalidationTarget<A>;
  /**
   * What a caller gets when the function fails: a `CachedMethodFailedError` with the key and the cause, or the original.
   * @defaultValue 'wrapped'
   */
  readonly errors?: 'wrapped' | 'original';
  /**
   * What a failing storage means for a call: an event only, or the failure of the call as well.
   * @defaultValue 'bypass'
   */
  readonly onStorageError?: 'bypass' | 'throw';
  /**
   * Refreshes entries before they expire, the likelier the closer that is and the longer a load takes, so that nobody
   * waits for it. `true`: as the theory says. A number: its beta; twice as much begins twice as early. Or a policy.
   * @defaultValue no refresh before `updateAfter`
   */
  readonly earlyRefresh?: true | number | EarlyRefresh;
  /** Hears of everything that happens. */
  readonly onEvent?: CacheEventListener;
  /** Tells the time. */
  readonly clock?: Clock;
  /**
   * The table of loads in flight. Functions that share a storage should share it, too.
   * @defaultValue one for each storage
   */
  readonly updateStatuses?: UpdateStatuses;
}
