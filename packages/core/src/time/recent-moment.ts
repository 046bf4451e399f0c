import { inNextTurn } from './next-turn.js';

/** How many readings may be answered with one moment. */
const mostReadings = 32;
/** How many readings in a row have to meet the same millisecond before others are spared. */
const enoughAlike = 4;

const dateNow = Date.now;

/**
 * The time of day for those who ask again and again without ever waiting, as a loop of hits does: of up to 32 readings, and
 * within one turn of the event loop, one reads the clock. It is a fifth of a hit otherwise.
 *
 * Who asks less often than a few times in a millisecond always reads the clock, and so does everyone where there are no
 * immediates by which to notice the next turn, or where `Date.now` is not the one of the platform: tests replace it.
 */
export class RecentMoment {
  #moment = 0;
  /** How many readings may still be spared. */
  #spare = 0;
  #alike = 0;
  #isTurnWatched = false;

  /** The present moment, or one of the same turn. */
  read(): number {
    if (Date.now !== dateNow) return this.#forget();
    if (this.#spare === 0) return this.#readAndCompare();
    this.#spare--;
    return this.#moment;
  }

  /** The present moment. */
  readAnew(): number {
    return (this.#moment = Date.now());
  }

  /** What another clock says must not be taken for a moment of this one. */
  #forget(): number {
    this.#spare = 0;
    this.#alike = 0;
    return Date.now();
  }

  #readAndCompare(): number {
    const before = this.#moment;
    const now = this.readAnew();
    this.#alike = now === before ? this.#alike + 1 : 0;
    this.#spare = this.#alike < enoughAlike || !this.#watchTurn() ? 0 : mostReadings - 1;
    return now;
  }

  /** @returns whether the end of this turn will be noticed. */
  #watchTurn(): boolean {
    this.#isTurnWatched ||= inNextTurn(() => {
      this.#isTurnWatched = false;
      this.#spare = 0;
      this.#alike = 0;
    });
    return this.#isTurnWatched;
  }
}
