import { checkedCapacity } from './capacity.js';
import type { EvictionStrategy } from './eviction-strategy.js';

/** A strategy that lets the entry go whose last write is longest ago; reading changes nothing (py-memoize M84). */
export class LeastRecentlyUpdatedEvictionStrategy implements EvictionStrategy {
  /** The most keys kept. */
  readonly capacity: number;
  /** A Set keeps the order of insertion: the first key is the one written longest ago. */
  readonly #keys = new Set<string>();

  /** @throws InvalidOptionError */
  constructor(capacity: number | null = 4096) {
    this.capacity = checkedCapacity('LeastRecentlyUpdatedEvictionStrategy', capacity);
  }

  markRead(): void {
    // The order is that of writes.
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
