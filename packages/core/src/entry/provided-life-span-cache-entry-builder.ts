import { checkOptions } from '../check-options.js';
import type { CacheEntry } from './cache-entry.js';
import type { CacheEntryBuilder } from './cache-entry-builder.js';
import { toMilliseconds } from '../time/duration.js';
import {
  type LifetimeOptions,
  lifetimeRules,
  type Lifetimes,
  lifetimesInMilliseconds,
  lifetimesOf,
} from './lifetimes.js';

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

  /** One with lifetimes that are settled already. @internal */
  static of(lifetimes: Lifetimes): ProvidedLifeSpanCacheEntryBuilder {
    const builder = new ProvidedLifeSpanCacheEntryBuilder();
    builder.#lifetimes = lifetimes;
    return builder;
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
    const { updateAfter, expireAfter } = lifetimes;
    const changed = {
      updateAfter:
        updateAfter === undefined ? this.updateAfter : toMilliseconds(updateAfter, { call, option: 'updateAfter' }),
      expireAfter:
        expireAfter === undefined ? this.expireAfter : toMilliseconds(expireAfter, { call, option: 'expireAfter' }),
    };
    this.#lifetimes = lifetimesInMilliseconds(changed, call);
  }

  build<V>(_key: string, value: V, now: number): CacheEntry<V> {
    return { value, created: now, updateAfter: now + this.updateAfter, expiresAfter: now + this.expireAfter };
  }
}
