import { type Capacity, checkedCapacity, defaultCapacity } from './capacity.js';
import type { EvictionStrategy } from './eviction-strategy.js';
import { KeyOrder } from './key-order.js';

/** An eviction strategy by which the key goes that was written longest ago; reading it changes nothing (M84). */
export class LeastRecentlyUpdatedEvictionStrategy implements EvictionStrategy {
  /** The most keys kept; `Infinity` for no bound. */
  readonly capacity: number;
  readonly #order = new KeyOrder();

  /** @throws InvalidOptionError */
  constructor(capacity: Capacity = defaultCapacity) {
    this.capacity = checkedCapacity('LeastRecentlyUpdatedEvictionStrategy', capacity);
  }

  markRead(_key: string): void {}

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
