import type { EntryResource } from '../entry/entry-resource.js';
import type { Awaitable } from '../serde.js';

/** A loaded value as it is to be kept, and what closes it. */
export interface Taken {
  /** What the entry is built from: the loaded value, or what opening it has given. */
  readonly value: unknown;
  /** For the entry. Whoever does not keep the entry says `left('declined')`. */
  readonly resource: EntryResource;
}

/**
 * Takes charge of what loaded values keep open.
 *
 * Each value that it was given is closed once: after its entry has left, nobody holds it and the grace is over. What is in
 * several entries is closed after the last of them. Whatever closing throws is an event.
 */
export interface ResourcePolicy {
  /**
   * Opens a loaded value, where it is to be opened, and takes charge of it. Answers at once where nothing has to be waited
   * for.
   *
   * @returns rejects, and never throws, where the value cannot be opened or closed; then all of it that could be closed has
   *   been closed again.
   */
  take(key: string, value: unknown): Awaitable<Taken>;
  /**
   * Closes a loaded value that was never taken and that nobody gets: it came too late, or its load was given up. What would
   * have to be opened first is not closed.
   */
  discard(key: string, value: unknown): void;
}
