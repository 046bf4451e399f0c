import type { CancelTimer, Clock } from '@memo/core';
import { setPatientTimer } from './patient-timer.js';

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
    this.#cancelTimer ??= setPatientTimer(this.#clock, this.#ring, this.#limit);
  }

  /** Nobody listens any more, or something was heard. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
