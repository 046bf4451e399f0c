import type { CacheEntry } from '../entry/cache-entry.js';
import type { EntrySlot } from '../entry/entry-slot.js';
import type { EvictionStrategy } from './eviction-strategy.js';
import type { SlotBooks } from './slot-books.js';

/** The slot of an entry whose storage has none. */
export class NamedSlot implements EntrySlot {
  readonly key: string;
  mark = 0;
  before: EntrySlot | undefined = undefined;
  after: EntrySlot | undefined = undefined;

  constructor(key: string) {
    this.key = key;
  }
}

/**
 * An eviction strategy that keeps its books in slots only: those of a storage, and for what is noted by key alone, slots of
 * its own.
 */
export abstract class BooksByKey implements EvictionStrategy {
  abstract readonly slots: SlotBooks;
  readonly #slots = new Map<string, NamedSlot>();

  abstract nextToRelease(): string | undefined;

  abstract keys(): Iterable<string>;

  /** A key that is not on the books was written by another client, who keeps them. */
  markRead(key: string): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.slots.markRead(slot);
  }

  markWritten(key: string, entry: CacheEntry): void {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = new NamedSlot(key);
      this.#slots.set(key, slot);
    }
    this.slots.markWritten(slot, entry);
  }

  markReleased(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    this.slots.markReleased(slot);
  }
}
