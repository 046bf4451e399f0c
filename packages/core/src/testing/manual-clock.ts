import { InvalidCallError } from '../errors.js';
import type { CancelTimer, Clock } from '../time/clock.js';
import { toMilliseconds, type Duration } from '../time/duration.js';

interface ManualTimer {
  readonly callback: () => void;
  /** When it rings, in milliseconds that were advanced since the clock was made. */
  readonly due: number;
  readonly background: boolean;
}

/**
 * A clock that stands still until a test moves it: nothing in the test has to sleep.
 *
 * `advance` lets time pass, `set` turns the hands. Timers measure the time that passed, so that setting the clock to
 * another moment neither rings nor delays them.
 */
export class ManualClock implements Clock {
  /** What the hands show beside the time that has passed. */
  #start: number;
  #passed = 0;
  /** In the order in which they were set. */
  readonly #timers = new Set<ManualTimer>();

  /** @param now - the moment at which the clock stands at first, epoch milliseconds. */
  constructor(now = 0) {
    this.#start = now;
  }

  now(): number {
    return this.#start + this.#passed;
  }

  steady(): number {
    return this.#passed;
  }

  setTimer(callback: () => void, delay: number, { background = false } = {}): CancelTimer {
    if (delay === Infinity) return () => {};
    const timer: ManualTimer = { callback, due: this.#passed + Math.max(0, delay), background };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many timers are set and have not rung: a test that ends with any left has found a leak. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** How many of the pending timers keep no process alive. */
  get pendingBackgroundTimers(): number {
    return [...this.#timers].filter((timer) => timer.background).length;
  }

  /**
   * Lets `duration` pass: every timer that is due rings at its own moment, in order, also those that are set meanwhile.
   * Before, between and after, all promises that can settle without time passing do.
   */
  async advance(duration: Duration): Promise<void> {
    const milliseconds = toMilliseconds(duration, { call: 'ManualClock.advance', option: 'duration' });
    if (milliseconds === Infinity) throw new InvalidCallError('ManualClock.advance', 'a finite duration', duration);
    await settle();
    const end = this.#passed + milliseconds;
    for (let timer = this.#nextDue(end); timer !== undefined; timer = this.#nextDue(end)) {
      this.#moveTo(timer.due);
      this.#timers.delete(timer);
      timer.callback();
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  /** Turns the hands to the moment `now`, forwards or backwards, without any time passing. */
  set(now: number): void {
    this.#start = now - this.#passed;
  }

  #nextDue(end: number): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= end && (next === undefined || timer.due < next.due)) next = timer;
    }
    return next;
  }

  #moveTo(passed: number): void {
    this.#passed = Math.max(passed, this.#passed);
  }
}

/**
 * One turn of the event loop: it begins only when no promise is left that could go on, however deeply they are nested.
 * A message takes microseconds where `setTimeout` takes a millisecond, and fake timers do not stop it.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}
