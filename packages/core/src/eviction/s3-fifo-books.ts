import type { CacheEntry } from '../entry/cache-entry.js';
import type { EntrySlot } from '../entry/entry-slot.js';
import { GhostKeys } from './ghost-keys.js';
import type { Room } from './room.js';
import type { SlotBooks } from './slot-books.js';
import { SlotRing, unlink } from './slot-ring.js';
import { throwIfFailed, type Weighing } from './slot-weights.js';

/** What the books of S3-FIFO go by, as numbers that have been checked. */
export interface S3FifoSettings {
  /** How often an entry must have been read while it was in the small queue to come into the main one: 1 to 3. */
  readonly promoteAfter: number;
  /** The most that the main queue may weigh before the next to go is one of it. */
  readonly mainLimit: number;
  /** The most that those may have weighed whose keys are remembered. */
  readonly ghostLimit: number;
  /** The most that one entry may weigh. */
  readonly largestEntry: number;
  /** The most entries that one write lets stay though it was their turn to go. */
  readonly mostSteps: number;
}

/** The two lowest bits of a mark: how often the entry was read lately, 3 standing for more. */
const reads = 0b11;

/** The next three bits of a mark: the queue that the slot stands in. */
const queueBits = 0b11100;
const coming = 1 << 2;
const returning = 2 << 2;
const inSmall = 3 << 2;
const inMain = 4 << 2;
/** Named as the next to go, out of the small queue: its key will be remembered. */
const leaving = 5 << 2;
/** Named as the next to go. */
const going = 6 << 2;

/**
 * S3-FIFO (Yang, Zhang, Qiu, Yue and Vigfusson, SOSP 2023): three queues, first in, first out, and nothing is moved when an
 * entry is read.
 *
 * Most entries are never asked for again. So a new entry comes into the _small_ queue, and when it has got to the end of it
 * without having been read, it goes; only its key is remembered for a while, as a _ghost_. What was read meanwhile moves on
 * to the _main_ queue, and so does, at once, what comes back while its ghost is there. At the end of the main queue an entry
 * that was read since then has one of its reads taken off and begins again at the start; else it goes. That is what keeps
 * a scan, which reads much once, from driving out what is read all the time.
 *
 * Room is made before the new entry takes its place, so that it is not weighed against those it comes to stand behind: until
 * then it is a newcomer, or a returner.
 *
 * A write that finds many entries read would let all of them stay first. There is a most number of steps; then the next
 * goes as it is.
 */
export class S3FifoBooks implements SlotBooks {
  readonly #room: Room;
  readonly #settings: S3FifoSettings;
  readonly #ghosts: GhostKeys;
  readonly #small = new SlotRing();
  readonly #main = new SlotRing();
  readonly #newcomers = new SlotRing();
  readonly #returners = new SlotRing();
  readonly #leavers = new SlotRing();
  readonly #goners = new SlotRing();
  #weight = 0;
  #stepsLeft = 0;

  constructor(room: Room, settings: S3FifoSettings) {
    this.#room = room;
    this.#settings = settings;
    this.#ghosts = new GhostKeys(settings.ghostLimit);
  }

  /** What all entries weigh together; their number, where they are not weighed. */
  get weight(): number {
    return this.#weight;
  }

  /** The next to go; `undefined` while there is room. It is named until it has gone. */
  get next(): EntrySlot | undefined {
    const named = this.#goners.first ?? this.#leavers.first;
    if (named !== undefined) return named;
    if (this.#weight > this.#room.limit) return this.#nameOne();
    this.#settle();
    return undefined;
  }

  /** All keys: those named as the next to go, then queue by queue. */
  keys(): string[] {
    const rings = [this.#goners, this.#leavers, this.#small, this.#main, this.#newcomers, this.#returners];
    return rings.flatMap((ring) => ring.keys());
  }

  markRead(slot: EntrySlot): void {
    const { mark } = slot;
    if (mark !== 0 && (mark & reads) !== reads) slot.mark = mark + 1;
  }

  markWritten(slot: EntrySlot, entry: CacheEntry): void {
    const weighing = this.#room.weights.weigh(entry);
    this.#stepsLeft = this.#settings.mostSteps;
    if (slot.mark === 0) this.#comeIn(slot, weighing);
    else if (isNamed(slot)) this.#comeInAgain(slot, weighing);
    else this.#weighAgain(slot, weighing);
    throwIfFailed(weighing);
  }

  markReleased(slot: EntrySlot): void {
    if (slot.mark === 0) return;
    const weight = this.#weightOf(slot);
    if ((slot.mark & queueBits) === leaving) this.#ghosts.add(slot.key, weight);
    this.#takeOut(slot);
    this.#weight -= weight;
    this.#room.weights.forget(slot);
    slot.mark = 0;
  }

  #comeIn(slot: EntrySlot, weighing: Weighing): void {
    this.#settle();
    const queue = this.#ghosts.take(slot.key) ? returning : coming;
    this.#room.weights.note(slot, weighing);
    const weight = this.#weightOf(slot);
    this.#weight += weight;
    this.#putInto(weight > this.#settings.largestEntry ? going : queue, slot);
  }

  /** It was to go; written anew, it is another entry. */
  #comeInAgain(slot: EntrySlot, weighing: Weighing): void {
    this.#takeOut(slot);
    this.#weight -= this.#weightOf(slot);
    slot.mark &= ~reads;
    this.#comeIn(slot, weighing);
  }

  /** Written anew, it stays where it is, and may weigh more or less. */
  #weighAgain(slot: EntrySlot, weighing: Weighing): void {
    if (this.#room.maxWeight === undefined) return;
    const before = this.#weightOf(slot);
    this.#room.weights.note(slot, weighing);
    const weight = this.#weightOf(slot);
    this.#weight += weight - before;
    this.#queueOf(slot).weight += weight - before;
    if (weight > this.#settings.largestEntry) this.#moveTo(going, slot);
  }

  /** Lets those take their places that room was made for. */
  #settle(): void {
    const newcomer = this.#newcomers.first;
    if (newcomer !== undefined) this.#moveTo(inSmall, newcomer);
    const returner = this.#returners.first;
    if (returner !== undefined) this.#moveTo(inMain, returner);
  }

  #nameOne(): EntrySlot | undefined {
    return this.#nameOneOfSmall() ?? this.#nameOneOfMain() ?? this.#nameNewOne();
  }

  #nameOneOfSmall(): EntrySlot | undefined {
    const { mainLimit, promoteAfter } = this.#settings;
    if (this.#main.weight > mainLimit) return undefined;
    for (let slot = this.#small.first; slot !== undefined; slot = this.#small.first) {
      if (!this.#mayStay(slot, promoteAfter)) return this.#moveTo(leaving, slot);
      slot.mark &= ~reads;
      this.#moveTo(inMain, slot);
    }
    return undefined;
  }

  #nameOneOfMain(): EntrySlot | undefined {
    for (let slot = this.#main.first; slot !== undefined; slot = this.#main.first) {
      if (!this.#mayStay(slot, 1)) return this.#moveTo(going, slot);
      slot.mark--;
      this.#main.moveLast(slot);
    }
    return undefined;
  }

  /** Where there is room for nothing, what has just come goes. */
  #nameNewOne(): EntrySlot | undefined {
    const slot = this.#newcomers.first ?? this.#returners.first;
    return slot && this.#moveTo(going, slot);
  }

  #mayStay(slot: EntrySlot, leastReads: number): boolean {
    return (slot.mark & reads) >= leastReads && this.#stepsLeft-- > 0;
  }

  #moveTo(queue: number, slot: EntrySlot): EntrySlot {
    this.#takeOut(slot);
    return this.#putInto(queue, slot);
  }

  #putInto(queue: number, slot: EntrySlot): EntrySlot {
    slot.mark = (slot.mark & ~queueBits) | queue;
    const ring = this.#queueOf(slot);
    ring.addLast(slot);
    ring.weight += this.#weightOf(slot);
    return slot;
  }

  #takeOut(slot: EntrySlot): void {
    this.#queueOf(slot).weight -= this.#weightOf(slot);
    unlink(slot);
  }

  #weightOf(slot: EntrySlot): number {
    return this.#room.weights.of(slot);
  }

  #queueOf({ mark }: EntrySlot): SlotRing {
    switch (mark & queueBits) {
      case coming:
        return this.#newcomers;
      case returning:
        return this.#returners;
      case inSmall:
        return this.#small;
      case inMain:
        return this.#main;
      case leaving:
        return this.#leavers;
      default:
        return this.#goners;
    }
  }
}

function isNamed({ mark }: EntrySlot): boolean {
  return (mark & queueBits) >= leaving;
}
