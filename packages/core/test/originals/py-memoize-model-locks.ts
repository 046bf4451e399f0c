import type { CacheEntry, Clock } from '@memo/core';
import { Future, PythonError } from './asyncio-model.js';

/** How an update ended: the entry, what was thrown, or nothing at all when the lock timer rang. */
export type ModelledOutcome = CacheEntry | { readonly thrown: unknown } | undefined;

/** A model of py-memoize 3.1.1's `InMemoryLocks`, with its defects (M60 to M64). */
export class ModelledLocks {
  readonly #updates = new Map<string, Future<ModelledOutcome>>();
  readonly #clock: Clock;
  readonly #lockTimeout: number;

  constructor(clock: Clock, lockTimeout: number) {
    this.#clock = clock;
    this.#lockTimeout = lockTimeout;
  }

  isBeingUpdated(key: string): boolean {
    return this.#updates.has(key);
  }

  markBeingUpdated(key: string): void {
    if (this.#updates.has(key)) throw new PythonError('ValueError', `Key ${key} is already being updated`);
    const update = new Future<ModelledOutcome>();
    this.#updates.set(key, update);
    // Nothing ever stops this timer (M64), and those who wait are left with nothing (M63).
    this.#clock.setTimer(
      () => {
        if (this.#updates.get(key) !== update || update.done) return;
        update.setResult(undefined);
        this.#updates.delete(key);
      },
      this.#lockTimeout,
      { background: true },
    );
  }

  /** Knows the update by its key alone: a late leader ends the update of the next one (M63). */
  markUpdated(key: string, entry: CacheEntry): void {
    this.#end(key, entry);
  }

  markUpdateAborted(key: string, thrown: unknown): void {
    this.#end(key, { thrown });
  }

  awaitUpdated(key: string): Future<ModelledOutcome> {
    const update = this.#updates.get(key);
    if (update === undefined) throw notBeingUpdated(key);
    return update;
  }

  #end(key: string, outcome: ModelledOutcome): void {
    const update = this.#updates.get(key);
    if (update === undefined) throw notBeingUpdated(key);
    this.#updates.delete(key);
    update.setResult(outcome);
  }
}

function notBeingUpdated(key: string): PythonError {
  return new PythonError('ValueError', `Key ${key} is not being updated`);
}
