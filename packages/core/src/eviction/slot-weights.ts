import type { CacheEntry } from '../entry/cache-entry.js';
import type { EntrySlot } from '../entry/entry-slot.js';
import { NamedSlot } from './books-by-key.js';
import { type Weigh, weightFrom } from './weigh.js';

/** How many of the lower bits of a mark are the strategy's own; the others hold what the entry weighs. */
const bitsOfStrategies = 5;
const maskOfStrategies = (1 << bitsOfStrategies) - 1;
/** Stands for a weight that does not fit into a mark, where the largest is one less: 33,554,430. */
const isElsewhere = (1 << (30 - bitsOfStrategies)) - 1;

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
   * Weighs an entry, and notes it in its slot.
   *
   * @throws whatever weighing it throws; then it weighs what is unweighable.
   */
  note(slot: EntrySlot, entry: CacheEntry): void {
    if (this.#weigh === undefined) return;
    this.#set(slot, this.#unweighable);
    this.#set(slot, weightFrom(this.#weigh, entry));
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
