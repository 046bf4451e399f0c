import type { CacheEntry } from '../entry/cache-entry.js';
import type { EntrySlot } from '../entry/entry-slot.js';
import { NamedSlot } from './books-by-key.js';
import { type Weigh, weightFrom } from './weigh.js';

/** How many of the lower bits of a mark are the strategy's own; the others hold what the entry weighs. */
const bitsOfStrategies = 5;
const maskOfStrategies = (1 << bitsOfStrategies) - 1;
/** Stands for a weight that does not fit into a mark, where the largest is one less: 33,554,430. */
const isElsewhere = (1 << (30 - bitsOfStrategies)) - 1;

/** What an entry weighs, and why that is not known if it is not. */
export interface Weighing {
  readonly weight: number;
  readonly failure: { readonly error: unknown } | undefined;
}

const one: Weighing = { weight: 1, failure: undefined };

/** @throws what weighing an entry has thrown. */
export function throwIfFailed({ failure }: Weighing): void {
  if (failure !== undefined) throw failure.error;
}

/** What the entries on the books weigh. Noted in their marks, so that it takes no room beside them. */
export class SlotWeights {
  readonly #weigh: Weigh | undefined;
  readonly #unweighable: number;
  /** Kept by key, as another slot may take the place of one in a storage. */
  readonly #large = new Map<string, number>();
  /** Beside those of the storage, which may have the same keys. */
  readonly #largeNamed = new Map<string, number>();

  /**
   * @param weigh - `undefined`: each weighs 1.
   * @param unweighable - the weight of an entry that could not be weighed.
   */
  constructor(weigh: Weigh | undefined, unweighable: number) {
    this.#weigh = weigh;
    this.#unweighable = unweighable;
  }

  /** What the entry in a slot on the books weighs. */
  of(slot: EntrySlot): number {
    if (this.#weigh === undefined) return 1;
    const weight = slot.mark >>> bitsOfStrategies;
    return weight === isElsewhere ? this.#largeOf(slot).get(slot.key)! : weight;
  }

  /**
   * Weighs an entry, before anything is noted of it: what weighs it may take it away, or others.
   *
   * Where it cannot be weighed it weighs what is unweighable, and that is said by `throwIfFailed`, once all is noted.
   */
  weigh(entry: CacheEntry): Weighing {
    if (this.#weigh === undefined) return one;
    try {
      return { weight: weightFrom(this.#weigh, entry), failure: undefined };
    } catch (error) {
      return { weight: this.#unweighable, failure: { error } };
    }
  }

  /** Notes what the entry in a slot weighs. */
  note(slot: EntrySlot, { weight }: Weighing): void {
    if (this.#weigh !== undefined) this.#set(slot, weight);
  }

  /** Forgets the weight of a slot that leaves the books. */
  forget(slot: EntrySlot): void {
    if (slot.mark >>> bitsOfStrategies === isElsewhere) this.#largeOf(slot).delete(slot.key);
  }

  #set(slot: EntrySlot, weight: number): void {
    this.forget(slot);
    const fits = weight < isElsewhere;
    if (!fits) this.#largeOf(slot).set(slot.key, weight);
    slot.mark = (slot.mark & maskOfStrategies) | ((fits ? weight : isElsewhere) << bitsOfStrategies);
  }

  #largeOf(slot: EntrySlot): Map<string, number> {
    return slot instanceof NamedSlot ? this.#largeNamed : this.#large;
  }
}
