import type { CacheEntry } from './cache-entry.js';
import { type DeparturesFromSlots, type EntrySlots, takePlaceOf } from './entry-slot.js';
import { type InMemorySlot, SlotMaker } from './in-memory-entry.js';

/** Entries by key in this process, each in a slot of its own, and the books of an eviction strategy in these. */
export class EntryTable implements EntrySlots {
  readonly owner: object;
  readonly #table = new Map<string, InMemorySlot>();
  readonly #maker = new SlotMaker();
  #books: DeparturesFromSlots | undefined;

  /** @param owner - as the slots say it. */
  constructor(owner: object) {
    this.owner = owner;
  }

  get size(): number {
    return this.#table.size;
  }

  get books(): DeparturesFromSlots | undefined {
    return this.#books;
  }

  keep(books: DeparturesFromSlots): void {
    this.#books ??= books;
  }

  of(key: string): InMemorySlot | undefined {
    return this.#table.get(key);
  }

  lean(key: string, entry: CacheEntry): CacheEntry {
    return this.#maker.lean(key, entry);
  }

  get(key: string): CacheEntry | undefined {
    return this.#table.get(key)?.entry;
  }

  /** Keeps `entry` under `key`, on the books in the place of what was there. @returns what was there. */
  set(key: string, entry: CacheEntry): CacheEntry | undefined {
    const former = this.#table.get(key);
    const kept = this.#maker.slotFor(key, entry);
    if (former !== undefined && former !== kept) takePlaceOf(former, kept);
    this.#table.set(key, kept);
    return former?.entry;
  }

  /** Takes the entry of `key` away, and tells the books. @returns what was there. */
  delete(key: string): CacheEntry | undefined {
    const former = this.#table.get(key);
    if (former === undefined) return undefined;
    this.#table.delete(key);
    this.#books?.markReleased(former);
    return former.entry;
  }

  keys(): IterableIterator<string> {
    return this.#table.keys();
  }

  values(): IterableIterator<InMemorySlot> {
    return this.#table.values();
  }
}
