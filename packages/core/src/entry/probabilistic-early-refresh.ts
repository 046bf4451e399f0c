import type { OptionRule } from '../check-options.js';
import { InvalidOptionError } from '../errors.js';
import type { CacheEntry } from './cache-entry.js';
import type { EarlyRefresh } from './early-refresh.js';

/** How eagerly entries are refreshed before they expire. */
export const aBeta: OptionRule = {
  expected: 'a finite number above 0',
  accepts: (value) => typeof value === 'number' && value > 0 && value < Infinity,
};

/**
 * Refreshes an entry before it expires, by a coin that each read throws: XFetch.
 *
 * When an entry that many ask for expires, all of them wait for the load. One of them should have begun it earlier, but
 * readers in different processes do not know of one another. So each read throws a coin for itself, and is the more
 * likely to begin the closer the expiry is and the longer a load takes. A refresh is due when
 *
 *     now − loadTime · beta · ln(random) ≥ expiresAfter
 *
 * with `random` uniform in (0, 1]. In other words: each read looks ahead by a random time, exponentially distributed with
 * the mean `loadTime · beta`, and acts as if it were so late already. A read at `remaining` milliseconds before the expiry
 * begins a refresh with the probability `exp(−remaining / (loadTime · beta))`: one load time before it in 37 % of the
 * cases, ten before it in 0.005 %. So an entry that is hardly read just expires, and the more often one is read, the
 * surer it is refreshed in time. The paper shows that no other distribution does better, and that a beta of 1 suits where
 * a load takes about as long as the last: with more it begins earlier, with less later.
 *
 * Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede Prevention. Proceedings of the VLDB Endowment
 * 8 (8), 2015. `loadTime` is their delta, `expiresAfter` their expiry.
 *
 * All times are in milliseconds. The load time is that of the load which brought the entry, from `started` to `created`.
 * An entry that does not tell it, or never expires, is never due.
 */
export class ProbabilisticEarlyRefresh implements EarlyRefresh {
  /** How eager it is; 1 is what the theory says. */
  readonly beta: number;
  readonly #random: () => number;

  /**
   * @param random - a number from 0 on and below 1, each time another.
   * @throws InvalidOptionError when beta is no finite number above 0.
   */
  constructor(beta = 1, random: () => number = () => Math.random()) {
    if (!aBeta.accepts(beta)) {
      const call = 'ProbabilisticEarlyRefresh';
      throw new InvalidOptionError({ call, option: 'beta', expected: aBeta.expected, received: beta });
    }
    this.beta = beta;
    this.#random = random;
  }

  isDue({ started, created, expiresAfter }: CacheEntry, now: number): boolean {
    if (started === undefined) return false;
    // A server's clock that was set back meanwhile makes a load seem to end before it began.
    const loadTime = Math.max(0, created - started);
    // The dice may show 0, which has no logarithm, but never 1.
    const random = this.#random() || 1;
    return now - loadTime * this.beta * Math.log(random) >= expiresAfter;
  }
}
