import { InvalidOptionError } from '../errors.js';
import { type Duration, toMilliseconds } from '../time/duration.js';
import type { CacheEntryBuilder } from './cache-entry-builder.js';
import type { CacheEntry } from './cache-entry.js';

/** The life span of entries. */
export interface LifeSpan {
  /**
   * After this long an entry is refreshed behind the caller's back; `Infinity`: never.
   * @defaultValue 10 minutes
   */
  readonly updateAfter?: Duration;
  /**
   * After this long an entry is not served any more.
   * @defaultValue 30 minutes
   */
  readonly expireAfter?: Duration;
}

/** A builder that gives every entry the same life span, whatever its value (py-memoize M80). */
export class ProvidedLifeSpanCacheEntryBuilder implements CacheEntryBuilder {
  #updateAfter!: number;
  #expireAfter!: number;

  /** @throws InvalidOptionError */
  constructor(lifeSpan: LifeSpan = {}) {
    this.updateTimeouts({ updateAfter: '10 minutes', expireAfter: '30 minutes', ...lifeSpan });
  }

  /** Milliseconds until an entry is refreshed. */
  get updateAfter(): number {
    return this.#updateAfter;
  }

  /** Milliseconds until an entry expires. */
  get expireAfter(): number {
    return this.#expireAfter;
  }

  build<V>(_key: string, value: V, now: number): CacheEntry<V> {
    return { value, created: now, updateAfter: now + this.#updateAfter, expiresAfter: now + this.#expireAfter };
  }

  /**
   * Changes the life span of the entries that are built from now on; what is not given stays.
   *
   * @throws InvalidOptionError
   */
  updateTimeouts({ updateAfter, expireAfter }: LifeSpan): void {
    const call = 'ProvidedLifeSpanCacheEntryBuilder';
    const update =
      updateAfter === undefined ? this.#updateAfter : toMilliseconds(updateAfter, { call, option: 'updateAfter' });
    const expire =
      expireAfter === undefined ? this.#expireAfter : toMilliseconds(expireAfter, { call, option: 'expireAfter' });
    if (update > expire && update !== Infinity) {
      throw new InvalidOptionError({
        call,
        option: 'updateAfter',
        expected: `no longer than expireAfter (${expire} ms)`,
        received: updateAfter,
        advice: 'Infinity means that entries are never refreshed in the background.',
      });
    }
    this.#updateAfter = update;
    this.#expireAfter = expire;
  }
}
