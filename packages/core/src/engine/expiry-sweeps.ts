import { StorageFailedError } from '../errors.js';
import { steadyNow } from '../time/clock.js';
import type { Cache } from './cache.js';
import { removeExpired } from './lifetime-operations.js';

/**
 * Looks for expired entries from time to time, to remove them. No timer does that: it begins with a call, behind the
 * caller's back, the very first one included (aquiche Q75).
 */
export class ExpirySweeps {
  readonly #cache: Cache;
  readonly #every: number;
  /** By `steadyNow`. */
  #due = -Infinity;
  #isUnderWay = false;

  /** @param every - milliseconds. */
  constructor(cache: Cache, every: number) {
    this.#cache = cache;
    this.#every = every;
  }

  /**
   * Begins one if the last was long enough ago.
   *
   * @param scopeOf - what the keys to be looked at begin with; `undefined` if they cannot be told from those of others.
   */
  beginIfDue(scopeOf: () => string | undefined): void {
    const now = steadyNow(this.#cache.settings.clock);
    if (now < this.#due || this.#isUnderWay) return;
    this.#due = now + this.#every;
    const scope = scopeOf();
    if (scope === undefined) return;
    this.#isUnderWay = true;
    removeExpired(this.#cache, scope, 'background')
      .catch((error: unknown) => this.#report(scope, error))
      .finally(() => (this.#isUnderWay = false));
  }

  #report(scope: string, error: unknown): void {
    const failure = StorageFailedError.isInstance(error)
      ? error
      : new StorageFailedError('removeExpired', undefined, error);
    this.#cache.reports.storageFailed(scope, 'removeExpired', failure);
  }
}
