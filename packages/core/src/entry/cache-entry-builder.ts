import type { Awaitable } from '../serde.js';
import type { CacheEntry } from './cache-entry.js';

/**
 * Turns a loaded value into an entry: settles its lifetime and may transform the value (M81).
 *
 * Called once per load. What it returns is what the caller, everyone who joined and the storage get. Whatever it
 * throws fails the load like a failure of the function itself.
 */
export interface CacheEntryBuilder<V = unknown> {
  /** Milliseconds until its entries are refreshed, where that is the same for all. */
  readonly updateAfter?: number | undefined;
  /** Milliseconds until its entries expire, where that is the same for all. */
  readonly expireAfter?: number | undefined;
  /** The most by which the lifetimes of an entry are shortened at random; a fraction. */
  readonly jitter?: number | undefined;
  /** @param now - the moment of building, epoch milliseconds, by the clock of the cache. */
  build(key: string, value: V, now: number): CacheEntry<V>;
  /**
   * From which instant on `entry` is not served, epoch milliseconds. A builder has it where that is to be judged anew at each
   * read; it is asked, too, once the entry is built. What it throws, or rejects with, is an event, and the entry has expired.
   */
  deadlineOf?(entry: CacheEntry): Awaitable<number>;
}
