import type { CacheEntry } from './cache-entry.js';

/**
 * The place of an entry in a storage of this process, with room for the books of one eviction strategy. What the strategy
 * notes of an entry lives where the entry lives, so that no second table by the same keys is needed.
 *
 * Slots on the books stand in a ring; `before` and `after` are its links. A slot that is not on them has none.
 */
export interface EntrySlot {
  readonly key: string;
  /** What the strategy has noted, in bits of its own; `0`: it is not on its books. Less than 2^30, and never negative. */
  mark: number;
  before: EntrySlot | undefined;
  after: EntrySlot | undefined;
}

/** The books that a strategy keeps in slots, as the storage sees them: it tells them what leaves. */
export interface DeparturesFromSlots {
  markReleased(slot: EntrySlot): void;
}

/** The slots of a storage, as an eviction strategy needs them. */
export interface EntrySlots {
  /** Whose they are. What only stands before it, and may see to something itself, has no slots. */
  readonly owner: object;
  /** The books that are kept in the slots: those that first asked for it. */
  readonly books: DeparturesFromSlots | undefined;
  /** Keeps these books in the slots, unless it keeps others. */
  keep(books: DeparturesFromSlots): void;
  /** The slot of the entry that is kept under `key`. */
  of(key: string): EntrySlot | undefined;
  /**
   * The same entry as it takes least memory under `key`: made to be offered, for whoever does not need the very object back.
   */
  lean(key: string, entry: CacheEntry): CacheEntry;
}

/** The slots of a storage itself; `undefined` where it has none, or they are those of what it stands before. */
export function slotsOf<S extends Pick<EntrySlots, 'owner'>>(storage: {
  readonly slots?: S | undefined;
}): S | undefined {
  const { slots } = storage;
  return slots?.owner === storage ? slots : undefined;
}

/** The slot that an entry stands in; `undefined` for an entry by itself. */
export function slotOf(entry: CacheEntry): EntrySlot | undefined {
  return (entry as Partial<EntrySlot>).mark === undefined ? undefined : (entry as CacheEntry & EntrySlot);
}

/** Lets a slot stand on the books in the place of a former one of the same key. */
export function takePlaceOf(former: EntrySlot, slot: EntrySlot): void {
  slot.mark = former.mark;
  slot.before = former.before;
  slot.after = former.after;
  if (former.before !== undefined) former.before.after = slot;
  if (former.after !== undefined) former.after.before = slot;
  former.mark = 0;
  former.before = undefined;
  former.after = undefined;
}
