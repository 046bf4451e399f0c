import type { DemandOptions, Etag } from '../entry/demand-options.js';
import type { Weigh } from '../eviction/weigh.js';
import type { CachedItem, Expiration, ExpirationFunction } from '../expiration/expiration.js';
import type { ReadableExpiration } from '../expiration/expiration-literal.js';
import type { RetryOptions } from '../loading/retry.js';
import type { Duration } from '../time/duration.js';
import type { FailureOptions, NegativeOptions } from './failure-options.js';
import type { MemoizeOptions } from './memoize-options.js';

/** When something expires, as an `Expiration`; where a function says so, it answers at once. */
export type ExpirationAtOnce<V = unknown, Text extends string = string> =
  Exclude<Expiration<V, Text>, ExpirationFunction<V>> | ((item: CachedItem<V>) => ExpirationAtOnce<V>);

/** How failures of a synchronous function are remembered. `As` says whether callers get them thrown or as values. */
export interface NegativeAtOnceOptions<As extends 'throw' | 'value' = 'throw'> extends Pick<NegativeOptions, 'when'> {
  /**
   * What a caller gets: the failure again, as from the call that failed, or what was thrown, as the value.
   * @defaultValue 'throw'
   */
  readonly as?: As;
  /**
   * How long a failure is remembered. What is told of it to a function is `isError: true`, and as the `value` what was thrown.
   * @defaultValue the option `expireAfter` of the function where that is a function, else 10 seconds
   */
  readonly expireAfter?: ExpirationAtOnce;
}

/**
 * What `memoizeSync` can be told; every option may be left out. `A` are the arguments of the function, `V` is what it
 * returns, `Text` is the text of its expiration where a compiler knows it, and `As` says whether callers get remembered
 * failures thrown or as values.
 */
export interface MemoizeSyncOptions<
  A extends readonly unknown[] = readonly unknown[],
  V = unknown,
  Text extends string = string,
  As extends 'throw' | 'value' = 'throw',
>
  extends
    Pick<
      MemoizeOptions<A>,
      | 'key'
      | 'params'
      | 'evictionStrategy'
      | 'postprocessing'
      | 'normalize'
      | 'enabled'
      | 'errors'
      | 'onEvent'
      | 'clock'
    >,
    Pick<DemandOptions<A>, 'maxAge'>,
    Pick<FailureOptions, 'staleIfError'> {
  /**
   * What the function is called in events and messages.
   * @defaultValue the function's own name
   */
  readonly name?: string;
  /**
   * The most entries that are kept; `null` for no bound.
   * @defaultValue 4096
   */
  readonly capacity?: number | null;
  /** The most that all entries may weigh together, instead of a capacity: a whole number. */
  readonly maxWeight?: number;
  /**
   * What an entry weighs: a whole number from 0 on. Asked whenever one is written; a remembered failure weighs 1.
   * @defaultValue bytes of binary values, the length of text, 1 for numbers and the like; objects must be weighed
   */
  readonly weigh?: Weigh<V>;
  /**
   * When an entry is not served any more: after a length of time, at a moment or a time of day, or when its value or a
   * function says so. `null`: never. `0`: never served.
   * @defaultValue 30 minutes
   */
  readonly expireAfter?: ExpirationAtOnce<V, ReadableExpiration<Text>>;
  /**
   * The revision that the value must have been made from. An entry with another has expired for this call, and what is
   * loaded then is kept with this one.
   * @defaultValue any revision
   */
  readonly etag?: Etag | ((...args: A) => Etag | null | undefined) | undefined;
  /**
   * How often a load is tried again at once after it has failed, or how often, and when. A key whose load has failed with all
   * of them is left alone for a while.
   * @defaultValue 0
   */
  readonly retry?: number | Pick<RetryOptions, 'count' | 'when'>;
  /**
   * Remembers failures, so that what has just failed is not tried at once again. A failure never takes the place of an entry
   * that is still served.
   * @defaultValue failures are not remembered
   */
  readonly negative?: NegativeAtOnceOptions<As>;
  /**
   * How often expired entries are looked for to be removed. The call that comes when it is due does that, at its own cost; no
   * timer does.
   * @defaultValue never
   */
  readonly removeExpiredEvery?: Duration;
}
