import type { CacheEntry } from '../entry/cache-entry.js';
import type { EntrySlot } from '../entry/entry-slot.js';
import type { Room } from './room.js';
import type { SlotBooks } from './slot-books.js';
import { SlotRing, unlink } from './slot-ring.js';
import { throwIfFailed } from './slot-weights.js';

const onTheBooks = 1;

/** Entries in the order in which they were written, or written and read: the first in it is the next to go. */
export class OrderBooks implements SlotBooks {
  readonly #ring = new SlotRing();
  readonly #room: Room;
  readonly #readsCount: boolean;

  constructor(room: Room, readsCount: boolean) {
    this.#room = room;
    this.#readsCount = readsCount;
  }

  /** What all entries weigh together; their number, where they are not weighed. */
  get weight(): number {
    return this.#ring.weight;
  }

  get next(): EntrySlot | undefined {
    return this.#ring.weight > this.#room.limit ? this.#ring.first : undefined;
  }

  keys(): string[] {
    return this.#ring.keys();
  }

  markRead(slot: EntrySlot): void {
    if (this.#readsCount && slot.mark !== 0) this.#ring.moveLast(slot);
  }

  markWritten(slot: EntrySlot, entry: CacheEntry): void {
    const { weights } = this.#room;
    const weighing = weights.weigh(entry);
    if (slot.mark !== 0) this.#takeOut(slot);
    slot.mark |= onTheBooks;
    weights.note(slot, weighing);
    const weight = weights.of(slot);
    this.#ring.weight += weight;
    // No other entry goes for what there will never be room for.
    if (this.#room.isTooHeavy(weight)) this.#ring.addFirst(slot);
    else this.#ring.addLast(slot);
    throwIfFailed(weighing);
  }

  markReleased(slot: EntrySlot): void {
    if (slot.mark === 0) return;
    this.#takeOut(slot);
    this.#room.weights.forget(slot);
    slot.mark = 0;
  }

  #takeOut(slot: EntrySlot): void {
    this.#ring.weight -= this.#room.weights.of(slot);
    unlink(slot);
  }
}
