import type { CancelTimer, Clock } from '@memo/core';

/** Rings when nothing has been heard for too long. It keeps no process alive. */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #ring: () => void;
  #cancelTimer: CancelTimer | undefined;

  /** @param limit - milliseconds. */
  constructor(clock: Clock, limit: number, ring: () => void) {
    this.#clock = clock;
    this.#limit = limit;
    this.#ring = ring;
  }

  /** From here on somebody listens. Does nothing while somebody does: who comes later does not prolong the silence. */
  begin(): void {
    this.#cancelTimer ??= this.#clock.setTimer(() => this.#wait(), this.#limit, { background: true });
  }

  /** Nobody listens any more, or something was heard. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** A process that was busy has not read yet what arrived meanwhile: one more turn of the event loop, and it has. */
  #wait(): void {
    this.#cancelTimer = this.#clock.setTimer(this.#ring, 0, { background: true });
  }
}
