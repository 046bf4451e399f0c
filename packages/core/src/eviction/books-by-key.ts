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
  readonly #slots = new Map<string, EntrySlot>();
  /** The slot that was named last as the one to go. */
  #named: EntrySlot | undefined;

  /** The slot that should go next, `undefined` while there is room. */
  protected abstract nextSlot(): EntrySlot | undefined;

  abstract keys(): Iterable<string>;

  nextToRelease(): string | undefined {
    this.#named = this.nextSlot();
    return this.#named?.key;
  }

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

  /**
   * Strikes off what was named, too, though its storage would say that itself: it may be in a storage that is used no more, or
   * have left it unseen, and would be named for ever.
   */
  markReleased(key: string): void {
    const ofKey = this.#slots.get(key);
    const slot = ofKey ?? (this.#named?.key === key ? this.#named : undefined);
    if (slot === undefined) return;
    if (ofKey !== undefined) this.#slots.delete(key);
    if (slot === this.#named) this.#named = undefined;
    this.slots.markReleased(slot);
  }
}
