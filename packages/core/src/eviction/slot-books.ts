import type { CacheEntry } from '../entry/cache-entry.js';
import type { EntrySlot } from '../entry/entry-slot.js';

/**
 * The books of an eviction strategy, kept in the slots of a storage instead of under keys. All methods are synchronous and
 * quick: `markRead` runs on every hit.
 *
 * A storage keeps the books of one strategy, and tells it itself what leaves.
 */
export interface SlotBooks {
  /** The entry in `slot` was found, fresh or not. One that is not on the books was written by another client. */
  markRead(slot: EntrySlot): void;
  /** An entry was stored in `slot`; if it took the place of another, the slot has that one's place on the books already. */
  markWritten(slot: EntrySlot, entry: CacheEntry): void;
  /** The entry in `slot` has left the storage, whoever took it away. It may never have been on the books. */
  markReleased(slot: EntrySlot): void;
}
