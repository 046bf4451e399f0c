import { type CancelTimer, type Clock, steadyNow } from './clock.js';

/** One that waits, and what is to be done when it has waited for too long. */
export interface Wait {
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
  /** Who came first ends first. */
  readonly #waits = new Set<Wait>();
  #stopTimer: CancelTimer | undefined;

  /** @param milliseconds - how long each may wait; `Infinity` for no limit. */
  constructor(clock: Clock, milliseconds: number) {
    this.#clock = clock;
    this.#milliseconds = milliseconds;
  }

  /** @param giveUp - called when it has waited for too long; then it waits no more. */
  enter(giveUp: () => void): Wait {
    const wait = { giveUp, end: steadyNow(this.#clock) + this.#milliseconds };
    this.#waits.add(wait);
    this.#stopTimer ??= this.#clock.setTimer(() => this.#oneMoreTurn(), this.#milliseconds);
    return wait;
  }

  /** @returns whether it was still waiting. */
  leave(wait: Wait): boolean {
    const waited = this.#waits.delete(wait);
    if (this.#waits.size === 0) this.#stop();
    return waited;
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

  #stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
