import { seededRandom } from '../support/seeded-random.js';

/** Chance that can be repeated: the same seed and index throw the same numbers, whatever was thrown before. */
export class Dice {
  readonly index: number;
  readonly #random: () => number;

  constructor(seed: number, index: number) {
    this.index = index;
    this.#random = seededRandom(Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(index + 1, 0x85eb_ca6b));
  }

  /** A whole number from 0 up to, and without, `end`; 0 where there is none. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  /** Whether something happens that does so with this probability. */
  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** One of several. */
  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  /** From 1 to `most` random bytes. */
  noise(most: number): Uint8Array {
    return Uint8Array.from({ length: 1 + this.below(most) }, () => this.below(256));
  }
}
