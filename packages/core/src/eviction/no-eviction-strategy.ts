import type { EvictionStrategy } from './eviction-strategy.js';

/** An eviction strategy by which nothing ever goes: the storage itself sees to its room (M87). It keeps no books. */
export class NoEvictionStrategy implements EvictionStrategy {
  markRead(_key: string): void {}

  markWritten(_key: string): void {}

  markReleased(_key: string): void {}

  nextToRelease(): undefined {
    return undefined;
  }
}
