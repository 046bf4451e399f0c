import type { EntrySlot } from '../entry/entry-slot.js';
import { checkedWhenUsed, type OptionRule, type OptionRules } from '../check-options.js';
import { BooksByKey } from './books-by-key.js';
import { type Capacity, defaultCapacity } from './capacity.js';
import { checkedWeight, optionsFrom, Room, type RoomOptions, roomRules, weighedInVain } from './room.js';
import { S3FifoBooks, type S3FifoSettings } from './s3-fifo-books.js';
import type { SlotBooks } from './slot-books.js';

/** What a `S3FifoEvictionStrategy` may be told; every option may be left out. */
export interface S3FifoOptions extends RoomOptions {
  /**
   * How often a new entry must be read to be kept when its turn to go comes: 1, 2 or 3. More is better against keys that
   * come twice and never again, and worse where little is asked for often.
   * @defaultValue 1
   */
  readonly promoteAfter?: 1 | 2 | 3;
  /**
   * How much of the room is for new entries while the others need theirs: from 0 to 1.
   * @defaultValue 0.1
   */
  readonly smallShare?: number;
  /**
   * For how many entries that went as new ones the keys are remembered, as a share of the room: from 0 on.
   * @defaultValue 0.9
   */
  readonly ghostShare?: number;
  /**
   * How many entries one write lets stay, as they were read, before the next goes as it is. That bounds how long a write may
   * take. `null` or `Infinity`: no bound.
   * @defaultValue 64
   */
  readonly mostSteps?: number | null;
  /**
   * The most that one entry may weigh, where entries are weighed; one that weighs more goes at once.
   * @defaultValue `maxWeight`
   */
  readonly largestEntry?: number;
}

const aShare: OptionRule = { expected: 'a number from 0 to 1', accepts: (value) => isWithin(value, 0, 1) };

const rules = {
  ...roomRules,
  promoteAfter: { expected: '1, 2 or 3', accepts: (value) => value === 1 || value === 2 || value === 3 },
  smallShare: aShare,
  ghostShare: { expected: 'a number from 0 on', accepts: (value) => isWithin(value, 0, Number.MAX_VALUE) },
  mostSteps: {
    expected: 'a whole number from 1 on, or null for no bound',
    accepts: (value) =>
      value === null || value === Infinity || (Number.isInteger(value) && isWithin(value, 1, Infinity)),
  },
  largestEntry: checkedWhenUsed,
} as const satisfies OptionRules & Record<keyof S3FifoOptions, OptionRule>;

/**
 * An eviction strategy by which the key goes that has not been read while it was new, or not for long: S3-FIFO. What is read
 * once and never again, such as by a scan, does not drive out what is read all the time.
 */
export class S3FifoEvictionStrategy extends BooksByKey {
  /** The most keys kept; `Infinity` for no bound. */
  readonly capacity: number;
  /** The most that all entries may weigh together, where they are weighed. */
  readonly maxWeight: number | undefined;
  /** The same books, in the slots of a storage. */
  readonly slots: SlotBooks;
  readonly #books: S3FifoBooks;

  /** @throws InvalidOptionError */
  constructor(options: Capacity | S3FifoOptions = defaultCapacity) {
    super();
    const call = 'S3FifoEvictionStrategy';
    const checked: S3FifoOptions = optionsFrom(call, options, rules);
    const room = Room.from(call, checked);
    this.capacity = room.capacity;
    this.maxWeight = room.maxWeight;
    this.#books = new S3FifoBooks(room, settingsFrom(call, room, checked));
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

function settingsFrom(call: string, { limit, maxWeight }: Room, options: S3FifoOptions): S3FifoSettings {
  const { promoteAfter = 1, smallShare = 0.1, ghostShare = 0.9, mostSteps = 64 } = options;
  const isBounded = limit !== Infinity;
  return {
    promoteAfter,
    mainLimit: isBounded ? limit - Math.floor(limit * smallShare) : Infinity,
    ghostLimit: isBounded ? Math.floor(limit * ghostShare) : 0,
    largestEntry: largestEntryFrom(call, maxWeight, options.largestEntry),
    mostSteps: mostSteps ?? Infinity,
  };
}

function largestEntryFrom(call: string, maxWeight: number | undefined, largestEntry: number | undefined): number {
  if (largestEntry === undefined) return maxWeight ?? Infinity;
  if (maxWeight === undefined) throw weighedInVain(call, 'largestEntry', largestEntry);
  return Math.min(maxWeight, checkedWeight(call, 'largestEntry', largestEntry));
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
