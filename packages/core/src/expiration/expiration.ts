import type { Awaitable } from '../serde.js';

/** What is known of a result when it is judged whether it has expired (aquiche Q49). */
export interface CachedItem<V = unknown> {
  /** What the function returned; what it threw where `isError`. */
  readonly value: V;
  /** When the result was there, epoch milliseconds. */
  readonly lastFetched: number;
  /** Whether it is a remembered failure. */
  readonly isError: boolean;
}

/**
 * When items expire. However an expiration is written, it comes to this: item → deadline.
 *
 * What is the same for every item is settled when its entry is built. What depends on the item, such as a pointer into its
 * value or a function, is judged again at each read.
 */
export interface ExpirationPolicy {
  /**
   * Milliseconds until items expire, where that is the same for all: `Infinity` never, `0` at once. `undefined` where it is
   * not.
   */
  readonly after: number | undefined;
  /** Whether it is to be judged again at each read. */
  readonly isJudgedAtReads: boolean;
  /**
   * From which instant on `item` has expired, epoch milliseconds; `Infinity`: never.
   *
   * @throws, or rejects with, whatever a function throws, and InvalidCallError for what is no expiration.
   */
  deadlineOf(item: CachedItem): Awaitable<number>;
}
