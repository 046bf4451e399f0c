import { StorageTimeoutError } from '../errors.js';
import { type CancelTimer, type Clock, steadyNow } from './clock.js';

/** One that waits, between those that came before and after it. */
interface Wait {
  readonly giveUp: () => void;
  /** By `steadyNow`. */
  readonly end: number;
  before: Wait | undefined;
  after: Wait | undefined;
}

/**
 * Watches over many that wait, each for as long: with one timer, for the one that has waited longest. A timer for each would
 * cost more than what they wait for.
 */
export class DeadlineWatch {
  readonly #clock: Clock;
  readonly #milliseconds: number;
  readonly #operation: string;
  /**
   * Who came first ends first. They are linked to one another, so that nothing long-lived refers to those that have left: a Set
   * that has grown old keeps what it had alive for a while, and with it the answers.
   */
  #first: Wait | undefined;
  #last: Wait | undefined;
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
    const end = steadyNow(this.#clock) + this.#milliseconds;
    const wait: Wait = { giveUp, end, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = wait;
    else this.#last.after = wait;
    this.#last = wait;
    this.#stopTimer ??= this.#clock.setTimer(() => this.#oneMoreTurn(), this.#milliseconds);
    return wait;
  }

  /** Takes one out, unless it is out already. */
  #leave(wait: Wait): void {
    const { before, after } = wait;
    if (before === undefined && this.#first !== wait) return;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    wait.before = undefined;
    wait.after = undefined;
    if (this.#first !== undefined) return;
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
    for (let wait = this.#first; wait !== undefined && wait.end <= now; wait = this.#first) {
      this.#leave(wait);
      wait.giveUp();
    }
    const next = this.#first;
    if (next === undefined) return;
    this.#stopTimer ??= this.#clock.setTimer(() => this.#oneMoreTurn(), next.end - steadyNow(this.#clock));
  }
}
