import type { InvalidationTarget } from './configuration/memoize-options.js';
import { InvalidCallError, UnboundInvalidationError } from './errors.js';

/**
 * Invalidates entries by the arguments of the calls they answer (py-memoize M90). Passed to `memoize` as the option
 * `invalidation`; passed to several, it reaches the entries of all of them (mends M91).
 *
 * It follows the configuration as it changes: what is invalidated is what a call would find now.
 */
export class InvalidationSupport<A extends readonly unknown[] = unknown[]> implements InvalidationTarget<A> {
  readonly #invalidations: ((args: readonly unknown[]) => Promise<unknown>)[] = [];

  /** Adds a function to those that are reached; `memoize` calls it. */
  bind(invalidate: (args: readonly unknown[]) => Promise<unknown>): void {
    this.#invalidations.push(invalidate);
  }

  /**
   * Resolves once no call with these arguments can be answered with a value whose load began before.
   *
   * @throws UnboundInvalidationError before any function was wrapped with this object.
   * @throws StorageFailedError when a storage could not confirm it; the other functions' entries are gone nevertheless.
   */
  async invalidateForArguments(args: A): Promise<void> {
    if (!Array.isArray(args)) {
      const advice = `Write invalidateForArguments(['42']).`;
      throw new InvalidCallError('invalidateForArguments', 'the arguments of a call as an array', args, advice);
    }
    if (this.#invalidations.length === 0) throw new UnboundInvalidationError();
    const outcomes = await Promise.allSettled(this.#invalidations.map((invalidate) => invalidate(args)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
  }
}
