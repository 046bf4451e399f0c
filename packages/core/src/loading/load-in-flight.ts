import { LoadAbandonedError } from '../errors.js';
import type { Update, UpdateOutcome } from './update-statuses.js';

/** One load in flight, as those see it who wait for it. */
export class LoadInFlight {
  readonly update: Update;
  /** The turn in which the function was called; `undefined` before, and where the entry came from another process. */
  began: number | undefined;
  /**
   * Whoever asked in this turn or earlier may be answered with the outcome: up to then nothing can have invalidated it.
   * Those who came later have to look again.
   */
  answersUpTo = -Infinity;
  /** The revision that its value is made from, as far as its call has said so. */
  etag: string | undefined;
  /** For how many milliseconds it waited for another process, if it ended because that was too long. */
  waitedInVainFor: number | undefined;
  /** After how many milliseconds it was given up, if it was. */
  timedOutAfter: number | undefined;
  /** Called when another load takes the place of this one, which ran into the lock timeout of the table. */
  onSuperseded: () => void = doNothing;
  /** Called when the first one joins. */
  onJoined: () => void = doNothing;
  #interested = 0;
  #isConcluded = false;
  #abandoned: LoadAbandonedError | undefined;
  readonly #listeners: ((reason: LoadAbandonedError) => void)[] = [];
  readonly #detach: () => void;

  /** @param detach - takes it out of the table, so that nobody joins it any more. */
  constructor(update: Update, detach: () => void) {
    this.update = update;
    this.#detach = detach;
  }

  /** Whether more than one needs the outcome. */
  get isJoined(): boolean {
    return this.#interested > 1;
  }

  /** Whether nobody will get what the function still returns. */
  get isGivenUp(): boolean {
    return this.#abandoned !== undefined || this.timedOutAfter !== undefined;
  }

  /** One more needs the outcome. */
  enter(): void {
    this.#interested++;
    if (this.#interested === 2) this.onJoined();
  }

  /** One of those who entered needs it no more. After the last one the load is given up. */
  leave(): void {
    this.#interested--;
    if (this.#interested > 0 || this.#isConcluded || this.#abandoned !== undefined) return;
    this.#abandoned = new LoadAbandonedError(this.update.key);
    this.#detach();
    for (const listener of [...this.#listeners]) listener(this.#abandoned);
  }

  /** The value is there: who leaves from now on ends nothing. */
  conclude(): void {
    this.#isConcluded = true;
  }

  /** Calls `listener` when the load is given up, also if it has been already. @returns stops that. */
  onAbandoned(listener: (reason: LoadAbandonedError) => void): () => void {
    if (this.#abandoned !== undefined) listener(this.#abandoned);
    this.#listeners.push(listener);
    return () => {
      const place = this.#listeners.indexOf(listener);
      if (place >= 0) this.#listeners.splice(place, 1);
    };
  }

  /** @throws LoadAbandonedError once it has been given up. */
  throwIfAbandoned(): void {
    if (this.#abandoned !== undefined) throw this.#abandoned;
  }
}

/** How a load ended, for those who share it. */
export interface EndedLoad {
  /** `undefined` where the table does not know whose load it was. */
  readonly load: LoadInFlight | undefined;
  readonly outcome: UpdateOutcome;
}

function doNothing(): void {
  // There is nothing to let go yet.
}
