import type { EntrySlot } from '../entry/entry-slot.js';
import { BooksByKey } from './books-by-key.js';
import { type Capacity, defaultCapacity } from './capacity.js';
import { OrderBooks } from './order-books.js';
import { optionsFrom, Room, type RoomOptions, roomRules } from './room.js';
import type { SlotBooks } from './slot-books.js';

/** An eviction strategy by which the key goes that was read or written longest ago. */
export class LeastRecentlyUsedEvictionStrategy extends BooksByKey {
  /** The most keys kept; `Infinity` for no bound. */
  readonly capacity: number;
  /** The most that all entries may weigh together, where they are weighed. */
  readonly maxWeight: number | undefined;
  /** The same books, in the slots of a storage. */
  readonly slots: SlotBooks;
  readonly #books: OrderBooks;

  /** @throws InvalidOptionError */
  constructor(options: Capacity | RoomOptions = defaultCapacity) {
    super();
    const call = 'LeastRecentlyUsedEvictionStrategy';
    const room = Room.from(call, optionsFrom(call, options, roomRules));
    this.capacity = room.capacity;
    this.maxWeight = room.maxWeight;
    this.#books = new OrderBooks(room, true);
    this.slots = this.#books;
  }

  /** What all entries on the books weigh together; their number, where they are not weighed. */
  get weight(): number {
    return this.#books.weight;
  }

  protected override nextSlot(): EntrySlot | undefined {
    return this.#books.next;
  }

  keys(): Iterable<string> {
    return this.#books.keys();
  }
}
