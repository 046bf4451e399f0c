import type { Moment, Recorded } from './record.js';

/**
 * Operations that forbid older values once they have ended, ordered so that the strictest one for a reader is found by
 * bisection: of all that had ended before the read started, the one that was called last.
 */
export class Barriers {
  /** By their end. */
  readonly #barriers: readonly Recorded[];
  /** At each place the one that was called last, of those up to there. */
  readonly #strictest: readonly Recorded[];

  constructor(barriers: readonly Recorded[]) {
    this.#barriers = barriers.toSorted((one, other) => one.end - other.end);
    const strictest: Recorded[] = [];
    for (const barrier of this.#barriers) {
      const before = strictest.at(-1);
      strictest.push(before !== undefined && before.start >= barrier.start ? before : barrier);
    }
    this.#strictest = strictest;
  }

  /** The one called last among those that had ended before `start`. */
  before(start: Moment): Recorded | undefined {
    let low = 0;
    let high = this.#barriers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#barriers[middle]!.end < start) low = middle + 1;
      else high = middle;
    }
    return this.#strictest[low - 1];
  }
}
