import type { Awaitable } from '../serde.js';
import type { Duration } from '../time/duration.js';
import type { TemporalInstantLike } from '../time/moment.js';

/** What is known of a result when it is judged whether it has expired (aquiche Q49). */
export interface CachedItem<V = unknown> {
  /** What the function returned; what it threw where `isError`. */
  readonly value: V;
  /** When the result was there, epoch milliseconds. */
  readonly lastFetched: number;
  /** Whether it is a remembered failure. */
  readonly isError: boolean;
}

/** A time of day, at which something expires day after day: `{ at: '11:05' }`, which is UTC, or `{ at: '11:05+02:00' }`. */
export interface DailyTime {
  readonly at: string;
}

/** What finds out when an item expires, at each read. */
export type ExpirationFunction<V = unknown> = (item: CachedItem<V>) => Awaitable<Expiration<V>>;

/**
 * When something expires, as a user writes it:
 *
 * - `null` or `false`: never. `true`: at once.
 * - a length of time, counted from when the result was there: `'10 minutes'`, `'PT5M'`, `'1:15:30'`, `{ hours: 1 }`, a number
 *   of milliseconds, a `Temporal.Duration`.
 * - a moment: `'2030-01-01'`, `'2030-01-01T09:15Z'`, a `Date`, a `Temporal.Instant`. Once it has passed, nothing is kept.
 * - a time of day, the next one after the result was there: `'11:05Z'`, `'11:05:30+02:00'`, `{ at: '11:05' }`.
 * - a data pointer to any of them in the value, judged at each read: `'$.token.expiresAt'`. A number there needs its unit:
 *   `'$.expires_in:seconds'`, `':milliseconds'`, or `':unix'` for seconds since 1970. With `:ignore_missing` it may point to
 *   nothing, which counts as if nothing were said.
 * - a function of the item that returns any of them, or a promise of it, judged at each read.
 */
export type Expiration<V = unknown, Text extends string = string> =
  null | boolean | Text | Exclude<Duration, string> | Date | TemporalInstantLike | DailyTime | ExpirationFunction<V>;

/** When items expire, where that is the same for all: it is settled when their entries are built. */
export interface SettledExpirationPolicy {
  /** Milliseconds until items expire: `Infinity` never, `0` at once. `undefined` where they expire at a moment. */
  readonly after: number | undefined;
  readonly isJudgedAtReads: false;
  /** From which instant on `item` has expired, epoch milliseconds; `Infinity`: never. */
  deadlineOf(item: CachedItem): number;
}

/** When items expire, where that depends on the item, such as on a part of its value: it is judged again at each read. */
export interface JudgedExpirationPolicy {
  readonly after: undefined;
  readonly isJudgedAtReads: true;
  /**
   * From which instant on `item` has expired, epoch milliseconds; `Infinity`: never.
   *
   * @throws, or rejects with, whatever a function throws, DataPointerError for what does not stand where a pointer points,
   * and InvalidCallError for what is no expiration.
   */
  deadlineOf(item: CachedItem): Awaitable<number>;
}

/** When items expire. However an expiration is written, it comes to this: item → deadline. */
export type ExpirationPolicy = SettledExpirationPolicy | JudgedExpirationPolicy;
