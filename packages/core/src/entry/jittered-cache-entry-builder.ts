import type { OptionRule } from '../check-options.js';
import { InvalidOptionError } from '../errors.js';
import type { Awaitable } from '../serde.js';
import type { CacheEntry } from './cache-entry.js';
import type { CacheEntryBuilder } from './cache-entry-builder.js';

/** By how much lifetimes may be shortened. */
export const aJitter: OptionRule = {
  expected: 'a fraction from 0 on and below 1, such as 0.05',
  accepts: (value) => typeof value === 'number' && value >= 0 && value < 1,
};

/** What entries in shared storages get if nothing else is said. */
export const defaultJitter = 0.05;

/**
 * An entry builder around another that shortens the lifetimes of each entry by a random fraction.
 *
 * Entries that were loaded together, after a deployment or by a batch, would else expire together, and be loaded
 * together again, each time anew. With a jitter of 0.05 those of an hour expire within three minutes of one another.
 *
 * Both lifetimes of an entry are shortened by the same fraction, so their order stays. They never become longer, and
 * what has no end stays without. What is judged anew at each read stays as it is judged.
 */
export class JitteredCacheEntryBuilder<V = unknown> implements CacheEntryBuilder<V> {
  /** The most by which a lifetime is shortened; a fraction. */
  readonly jitter: number;
  /** What it is for the builder inside. */
  readonly deadlineOf?: (entry: CacheEntry) => Awaitable<number>;
  readonly #builder: CacheEntryBuilder<V>;
  readonly #random: () => number;

  /**
   * @param random - a number from 0 on and below 1, each time another.
   * @throws InvalidOptionError when the jitter is no fraction.
   */
  constructor(builder: CacheEntryBuilder<V>, jitter = defaultJitter, random: () => number = () => Math.random()) {
    if (!aJitter.accepts(jitter)) {
      const call = 'JitteredCacheEntryBuilder';
      throw new InvalidOptionError({ call, option: 'jitter', expected: aJitter.expected, received: jitter });
    }
    this.#builder = builder;
    this.jitter = jitter;
    this.#random = random;
    if (builder.deadlineOf !== undefined) this.deadlineOf = (entry) => builder.deadlineOf!(entry);
  }

  /** What it is for the builder inside: no entry is refreshed later. */
  get updateAfter(): number | undefined {
    return this.#builder.updateAfter;
  }

  /** What it is for the builder inside: no entry expires later. */
  get expireAfter(): number | undefined {
    return this.#builder.expireAfter;
  }

  build(key: string, value: V, now: number): CacheEntry<V> {
    const entry = this.#builder.build(key, value, now);
    const kept = 1 - this.jitter * this.#random();
    const sooner = (moment: number): number => shortened(entry.created, moment, kept);
    return { ...entry, updateAfter: sooner(entry.updateAfter), expiresAfter: sooner(entry.expiresAfter) };
  }
}

/** In whole milliseconds. Each step keeps the order of two moments, also where it rounds. */
function shortened(created: number, moment: number, kept: number): number {
  return Math.min(moment, Math.ceil(created + (moment - created) * kept));
}
