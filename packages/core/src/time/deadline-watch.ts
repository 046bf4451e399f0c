import { StorageTimeoutError } from '../errors.js';
import { type CancelTimer, type Clock, steadyNow } from './clock.js';

/** One that waits. */
interface Wait {
  readonly giveUp: () => void;
  /** By `steadyNow`. */
  readonly end: number;
}

/**
 * Watches over many that wait, each for as long: with one timer, for the one that has waited longest. A timer for each would
 * cost more than what they wait for.
 */
export class DeadlineWatch {
  readonly #clock: Clock;
  readonly #milliseconds: number;
  readonly #operation: string;
  /** Who came first ends first. */
  readonly #waits = new Set<Wait>();
  #stopTimer: CancelTimer | undefined;

  /**
   * @param milliseconds - how long each may wait; `Infinity` for no limit.
   * @param operation - what they wait for, for the message.
   */
  constructor(clock: Clock, milliseconds: number, operation: string) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
    this.#operation = operation;
  }

  /**
   * What `attempt` settles to, unless that takes too long. It need not be a promise, nor one of this kind: anybody may write
   * what is waited for.
   *
   * @returns rejects with a `StorageTimeoutError` after the deadline; also where `attempt` throws instead of rejecting.
   */
  within<R>(attempt: () => R | PromiseLike<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(new StorageTimeoutError(this.#operation, this.#milliseconds));
      const wait = this.#enter(giveUp);
      const succeed = (answer: R): void => {
        this.#leave(wait);
        resolve(answer);
      };
      const fail = (error: unknown): void => {
        this.#leave(wait);
        reject(error);
      };
      try {
        Promise.resolve(attempt()).then(succeed, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  #enter(giveUp: () => void): Wait {
    const wait = { giveUp, end: steadyNow(this.#clock) + this.#milliseconds };
    this.#waits.add(wait);
    this.#stopTimer ??= this.#clock.setTimer(() => this.#oneMoreTurn(), this.#milliseconds);
    return wait;
  }

  #leave(wait: Wait): void {
    if (!this.#waits.delete(wait) || this.#waits.size > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** A process that was busy has not read yet what arrived meanwhile: one more turn of the event loop, and it has. */
  #oneMoreTurn(): void {
    const now = steadyNow(this.#clock);
    this.#stopTimer = this.#clock.setTimer(() => this.#endUpTo(now), 0);
  }

  #endUpTo(now: number): void {
    this.#stopTimer = undefined;
    for (const wait of this.#waits) {
      if (wait.end > now) {
        this.#stopTimer = this.#clock.setTimer(() => this.#oneMoreTurn(), wait.end - steadyNow(this.#clock));
        return;
      }
      this.#waits.delete(wait);
      wait.giveUp();
    }
  }
}
