import { type Capacity, checkedCapacity, defaultCapacity } from './capacity.js';
import type { EvictionStrategy } from './eviction-strategy.js';
import { KeyOrder } from './key-order.js';

/** An eviction strategy by which the key goes that was read or written longest ago. */
export class LeastRecentlyUsedEvictionStrategy implements EvictionStrategy {
  /** The most keys kept; `Infinity` for no bound. */
  readonly capacity: number;
  readonly #order = new KeyOrder();

  /** @throws InvalidOptionError */
  constructor(capacity: Capacity = defaultCapacity) {
    this.capacity = checkedCapacity('LeastRecentlyUsedEvictionStrategy', capacity);
  }

  /** A key that is not on the books was written by another client, who keeps them. */
  markRead(key: string): void {
    this.#order.moveLast(key);
  }

  markWritten(key: string): void {
    this.#order.add(key);
  }

  markReleased(key: string): void {
    this.#order.delete(key);
  }

  nextToRelease(): string | undefined {
    return this.#order.size > this.capacity ? this.#order.first : undefined;
  }

  keys(): Iterable<string> {
    return this.#order.keys();
  }
}
