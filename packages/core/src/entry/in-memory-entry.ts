import type { CacheEntry } from './cache-entry.js';
import type { EntrySlot } from './entry-slot.js';

/** The slot of an entry in this process. */
export interface InMemorySlot extends EntrySlot {
  readonly entry: CacheEntry;
}

/** The entry as plain data, however it was kept. */
export function plainEntry(entry: CacheEntry): CacheEntry {
  return entry instanceof LeanEntry ? entry.plain() : entry;
}

/** Makes the slots of entries. */
export class SlotMaker {
  /** The last one: nearly always the next entry has the same. */
  #lifespan: Lifespan = { fresh: Infinity, served: Infinity };

  /** The slot for an entry, which is the entry itself if it was made lean for that. */
  slotFor(key: string, entry: CacheEntry): InMemorySlot {
    return entry instanceof LeanEntry && entry.key === key ? entry : new Slot(key, entry);
  }

  /** The same entry in as little memory as will do, to be kept under `key`. */
  lean(key: string, entry: CacheEntry): CacheEntry {
    const { value, created, updateAfter, expiresAfter } = entry;
    const fresh = updateAfter - created;
    const served = expiresAfter - created;
    const isExact = isWithinReach(created) && created + fresh === updateAfter && created + served === expiresAfter;
    if (!isExact || !hasNoMore(entry)) return entry;
    if (fresh !== this.#lifespan.fresh || served !== this.#lifespan.served) this.#lifespan = { fresh, served };
    return new LeanEntry(key, value, created, this.#lifespan);
  }
}

/** Whether an entry has a value and its three moments, and nothing else. */
function hasNoMore(entry: CacheEntry): boolean {
  let properties = 0;
  for (const _name in entry) properties++;
  return properties === 4 && 'value' in entry;
}

/** Whether a moment is the same again when it was kept as a distance. */
function isWithinReach(moment: number): boolean {
  return Number.isInteger(moment) && beginning + (moment - beginning) === moment;
}

/** For how many milliseconds after its creation an entry is fresh, and for how many it is served. */
interface Lifespan {
  readonly fresh: number;
  readonly served: number;
}

/** Moments are kept as their distance to this one: small whole numbers take no memory of their own, others do. */
const beginning = Date.now();

/**
 * An entry of which there is no more to say than its value and its moments, and its own slot. It takes 80 bytes; the plain
 * object, whose moments are boxed each, takes 100 without a slot. That is for the sake of hits as well: what a hit looks at lies in one or two lines
 * of the processor's cache.
 */
class LeanEntry implements CacheEntry, InMemorySlot {
  readonly value: unknown;
  /** Milliseconds from `beginning` to its creation. */
  readonly since: number;
  readonly lifespan: Lifespan;
  mark = 0;
  readonly key: string;
  before: EntrySlot | undefined = undefined;
  after: EntrySlot | undefined = undefined;

  constructor(key: string, value: unknown, created: number, lifespan: Lifespan) {
    this.value = value;
    this.since = created - beginning;
    this.lifespan = lifespan;
    this.key = key;
  }

  get entry(): CacheEntry {
    return this;
  }

  get created(): number {
    return beginning + this.since;
  }

  get updateAfter(): number {
    return beginning + this.since + this.lifespan.fresh;
  }

  get expiresAfter(): number {
    return beginning + this.since + this.lifespan.served;
  }

  plain(): CacheEntry {
    const { value, created, updateAfter, expiresAfter } = this;
    return { value, created, updateAfter, expiresAfter };
  }
}

/** The slot of an entry of any kind, beside it. */
class Slot implements InMemorySlot {
  readonly key: string;
  readonly entry: CacheEntry;
  mark = 0;
  before: EntrySlot | undefined = undefined;
  after: EntrySlot | undefined = undefined;

  constructor(key: string, entry: CacheEntry) {
    this.key = key;
    this.entry = entry;
  }
}
