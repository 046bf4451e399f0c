import type { CancelTimer, Clock } from '../time/clock.js';
import { steadyNow } from '../time/clock.js';
import type { LoadSignal } from './load-signal.js';

/**
 * The wait before a load is tried again. Those that share one go on together, when the wait is over of the first that began
 * to, so that what they need can be asked for at once.
 */
export class RetryPause {
  readonly #clock: Clock;
  readonly #background: boolean;
  readonly #waiting = new Set<() => void>();
  #until = 0;
  #stopTimer: CancelTimer = doNothing;

  /** @param background - whether nobody waits for the loads, so that the timer must not keep the process alive. */
  constructor(clock: Clock, background: boolean) {
    this.#clock = clock;
    this.#background = background;
  }

  /** For how many milliseconds one waits that would wait for `delay` if it were alone. */
  lengthOf(delay: number): number {
    return this.#waiting.size === 0 ? delay : Math.max(0, this.#until - steadyNow(this.#clock));
  }

  /** @returns rejects with the reason of the signal when that fires; with the last who waits the timer goes. */
  wait(delay: number, signal: LoadSignal): Promise<void> {
    if (this.#waiting.size === 0) this.#begin(delay);
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve);
      signal.onAbort((reason) => {
        this.#waiting.delete(resolve);
        if (this.#waiting.size === 0) this.#stopTimer();
        reject(reason);
      });
    });
  }

  #begin(delay: number): void {
    this.#until = steadyNow(this.#clock) + delay;
    this.#stopTimer = this.#clock.setTimer(() => this.#end(), delay, { background: this.#background });
  }

  #end(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const goOn of waiting) goOn();
  }
}

function doNothing(): void {
  // There is no timer yet.
}
