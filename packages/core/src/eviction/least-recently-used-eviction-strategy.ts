import { checkedCapacity } from './capacity.js';
import type { EvictionStrategy } from './eviction-strategy.js';

/** A strategy that lets the entry go whose last read or write is longest ago. */
export class LeastRecentlyUsedEvictionStrategy implements EvictionStrategy {
  /** The most keys kept. */
  readonly capacity: number;
  /** A Set keeps the order of insertion: the first key is the one used longest ago. */
  readonly #keys = new Set<string>();

  /** @throws InvalidOptionError */
  constructor(capacity: number | null = 4096) {
    this.capacity = checkedCapacity('LeastRecentlyUsedEvictionStrategy', capacity);
  }

  markRead(key: string): void {
    // A key that is not on the books was read in a storage shared with others; its room is not ours to give.
    if (this.#keys.delete(key)) this.#keys.add(key);
  }

  markWritten(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
  }

  markReleased(key: string): void {
    this.#keys.delete(key);
  }

  nextToRelease(): string | undefined {
    if (this.#keys.size <= this.capacity) return undefined;
    return this.#keys.values().next().value;
  }

  keys(): Iterable<string> {
    return this.#keys.values();
  }
}
