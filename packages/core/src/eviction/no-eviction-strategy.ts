import type { EvictionStrategy } from './eviction-strategy.js';

/** A strategy that lets nothing go: the storage looks after its own size (py-memoize M87). */
export class NoEvictionStrategy implements EvictionStrategy {
  markRead(): void {
    // Nothing is kept in mind, so there is nothing to note.
  }

  markWritten(): void {
    // As above.
  }

  markReleased(): void {
    // As above.
  }

  nextToRelease(): undefined {
    return undefined;
  }
}
