import type { CacheEntry } from '../entry/cache-entry.js';
import type { CacheEntryBuilder } from '../entry/cache-entry-builder.js';
import type { Awaitable } from '../serde.js';
import type { CachedItem, ExpirationPolicy } from './expiration.js';

/**
 * An entry builder around another whose entries expire when an expiration says so: it builds them as the other one does, but
 * for the deadline. One that depends on the entry is judged anew at each read.
 */
export class ExpirationCacheEntryBuilder<V = unknown> implements CacheEntryBuilder<V> {
  /** Only where it is judged anew at each read. */
  readonly deadlineOf?: (entry: CacheEntry) => Awaitable<number>;
  readonly #builder: CacheEntryBuilder<V>;
  readonly #expiration: ExpirationPolicy;

  constructor(builder: CacheEntryBuilder<V>, expiration: ExpirationPolicy) {
    this.#builder = builder;
    this.#expiration = expiration;
    if (expiration.isJudgedAtReads) this.deadlineOf = (entry) => expiration.deadlineOf(itemIn(entry));
  }

  get updateAfter(): number | undefined {
    return this.#builder.updateAfter;
  }

  get expireAfter(): number | undefined {
    return this.#expiration.after;
  }

  get jitter(): number | undefined {
    return this.#builder.jitter;
  }

  build(key: string, value: V, now: number): CacheEntry<V> {
    const entry = this.#builder.build(key, value, now);
    return { ...entry, expiresAfter: this.#settledDeadlineOf(entry) };
  }

  /** `Infinity` for one that is judged once the entry is built. */
  #settledDeadlineOf(entry: CacheEntry): number {
    if (this.#expiration.isJudgedAtReads) return Infinity;
    return this.#expiration.deadlineOf(itemIn(entry));
  }
}

function itemIn({ value, created, failed }: CacheEntry): CachedItem {
  return { value, lastFetched: created, isError: failed === true };
}
