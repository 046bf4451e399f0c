import { type Clock, type Duration, type Lock, systemClock, toMilliseconds } from '@memo/core';

/** Locks by key, one for all who have this object: a lock of one's own as simple as it can be right. */
export class InProcessLocks {
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** A handle of the lock of `key`, as one process has it. */
  readonly of = (key: string): Lock => {
    const place = this.#places.get(key) ?? { holder: undefined, waiting: [] };
    this.#places.set(key, place);
    return new InProcessLock(place, this.#clock);
  };
}

/** What the handles of one lock share. */
interface Place {
  holder: Lock | undefined;
  /** In the order in which they came. */
  readonly waiting: Waiting[];
}

interface Waiting {
  readonly lock: Lock;
  granted(): void;
}

class InProcessLock implements Lock {
  readonly #place: Place;
  readonly #clock: Clock;

  constructor(place: Place, clock: Clock) {
    this.#place = place;
    this.#clock = clock;
  }

  async acquire(timeout: Duration): Promise<boolean> {
    if (this.#place.holder === undefined) {
      this.#place.holder = this;
      return true;
    }
    const milliseconds = toMilliseconds(timeout, { call: 'acquire', option: 'timeout' });
    return milliseconds > 0 && this.#turnWithin(milliseconds);
  }

  async release(): Promise<void> {
    if (this.#place.holder !== this) return;
    const next = this.#place.waiting.shift();
    this.#place.holder = next?.lock;
    next?.granted();
  }

  #turnWithin(milliseconds: number): Promise<boolean> {
    const { waiting } = this.#place;
    return new Promise((resolve) => {
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(place), 1);
        resolve(false);
      };
      const stopTimer = this.#clock.setTimer(giveUp, milliseconds);
      const granted = (): void => {
        stopTimer();
        resolve(true);
      };
      const place: Waiting = { lock: this, granted };
      waiting.push(place);
    });
  }
}
