import type { CacheEntry } from '../entry/cache-entry.js';
import type { SlotBooks } from './slot-books.js';

/**
 * Decides which key goes when a cache is full. It keeps the books of one client; the entries are the storage's.
 *
 * All methods are synchronous and quick: `markRead` runs on every hit.
 */
export interface EvictionStrategy {
  /** The most keys kept, where there is such a bound. */
  readonly capacity?: number;
  /** An entry was found under `key`, fresh or not (M15). */
  markRead(key: string): void;
  /** An entry was stored under `key`. */
  markWritten(key: string, entry: CacheEntry): void;
  /** `key` is not in the storage any more, whoever took it away; forget it. */
  markReleased(key: string): void;
  /**
   * The key that should go next, `undefined` while there is room. It is named again until `markReleased` confirms that
   * it went, so that a release which failed is not lost (mends M37).
   */
  nextToRelease(): string | undefined;
  /** The keys on the books, the next to go first. */
  keys?(): Iterable<string>;
  /**
   * The same books, kept in the slots of a storage that offers that. `nextToRelease` and `keys` speak of what is noted here and
   * of what is noted by key alike.
   */
  readonly slots?: SlotBooks;
}
