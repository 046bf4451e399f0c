import { checkOptions } from '../check-options.js';
import type { CacheEntry } from './cache-entry.js';
import type { CacheEntryBuilder } from './cache-entry-builder.js';
import { type LifetimeOptions, lifetimeRules, type Lifetimes, lifetimesOf } from './lifetimes.js';

const itsName = 'ProvidedLifeSpanCacheEntryBuilder';

/**
 * An entry builder that gives every entry the same two lifetimes, 10 and 30 minutes if nothing is said (M80). It keeps
 * values as they are.
 */
export class ProvidedLifeSpanCacheEntryBuilder implements CacheEntryBuilder {
  #lifetimes: Lifetimes;

  /** @throws InvalidOptionError when one is no duration, or entries would expire before they are refreshed. */
  constructor(lifetimes: LifetimeOptions = {}) {
    checkOptions(itsName, lifetimes, lifetimeRules);
    this.#lifetimes = lifetimesOf(lifetimes, itsName);
  }

  /** After how many milliseconds entries are refreshed; `Infinity` when they never are. */
  get updateAfter(): number {
    return this.#lifetimes.updateAfter;
  }

  /** After how many milliseconds entries expire; `Infinity` when they never do. */
  get expireAfter(): number {
    return this.#lifetimes.expireAfter;
  }

  /**
   * Changes the lifetimes of entries that are built from now on; the one that is not given stays.
   * @throws InvalidOptionError as the constructor does; then both stay as they were.
   */
  updateTimeouts(lifetimes: LifetimeOptions): void {
    const call = `${itsName}.updateTimeouts`;
    checkOptions(call, lifetimes, lifetimeRules);
    const { updateAfter = this.updateAfter, expireAfter = this.expireAfter } = lifetimes;
    this.#lifetimes = lifetimesOf({ updateAfter, expireAfter }, call);
  }

  build<V>(_key: string, value: V, now: number): CacheEntry<V> {
    return { value, created: now, updateAfter: now + this.updateAfter, expiresAfter: now + this.expireAfter };
  }
}
