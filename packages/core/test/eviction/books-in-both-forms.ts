import type { CacheEntry } from '../../src/entry/cache-entry.js';
import { type EntrySlot, takePlaceOf } from '../../src/entry/entry-slot.js';
import type { EvictionStrategy } from '../../src/eviction/eviction-strategy.js';
import type { SlotBooks } from '../../src/eviction/slot-books.js';

/** A slot as a storage keeps it. */
export class Slot implements EntrySlot {
  readonly key: string;
  mark = 0;
  before: EntrySlot | undefined = undefined;
  after: EntrySlot | undefined = undefined;

  constructor(key: string) {
    this.key = key;
  }
}

/** An entry that weighs so much, if it is weighed by `weigh`. */
export function entryOf(weight: number | undefined): CacheEntry {
  return { value: weight, created: 0, updateAfter: Infinity, expiresAfter: Infinity };
}

/** What an entry of these tests weighs. @throws if it has no weight. */
export function weigh({ value }: CacheEntry): number {
  if (value === undefined) throw new Error('Nobody knows.');
  return value as number;
}

/** A strategy that is told of some entries by key, and of others in the slots of a storage. */
export class BooksInBothForms {
  readonly strategy: EvictionStrategy & { readonly slots: SlotBooks; readonly weight: number };
  readonly #slots = new Map<string, Slot>();
  /** Slots that have left, or that others have replaced. */
  readonly #former: Slot[] = [];

  constructor(strategy: BooksInBothForms['strategy']) {
    this.strategy = strategy;
  }

  read(form: 'key' | 'slot', key: string): void {
    if (form === 'key') this.strategy.markRead(key);
    else this.strategy.slots.markRead(this.#slots.get(key) ?? new Slot(key));
  }

  /** What is thrown by weighing does not matter here. */
  write(form: 'key' | 'slot', key: string, weight: number | undefined): void {
    try {
      if (form === 'key') this.strategy.markWritten(key, entryOf(weight));
      else this.strategy.slots.markWritten(this.replace(key), entryOf(weight));
    } catch (error) {
      if (weight !== undefined) throw error;
    }
  }

  /** Puts another slot in the place of the former one, as a storage does when an entry is replaced. */
  replace(key: string): Slot {
    const slot = new Slot(key);
    const former = this.#slots.get(key);
    if (former !== undefined) {
      takePlaceOf(former, slot);
      this.#former.push(former);
    }
    this.#slots.set(key, slot);
    return slot;
  }

  release(form: 'key' | 'slot', key: string): void {
    if (form === 'key') {
      this.strategy.markReleased(key);
      return;
    }
    const slot = this.#slots.get(key) ?? new Slot(key);
    this.#slots.delete(key);
    this.strategy.slots.markReleased(slot);
    this.#former.push(slot);
  }

  /** Slots that are on the books no more, and yet not as they came. */
  notForgotten(): readonly Slot[] {
    return this.#former.filter(({ mark, before, after }) => mark !== 0 || before !== undefined || after !== undefined);
  }
}
