import type { CancelTimer, Clock } from '../time/clock.js';

/** How long a call waits for somebody else's load, counted from its first wait. */
export class WaitLimit {
  /** Milliseconds. */
  readonly milliseconds: number;
  readonly #clock: Clock;
  readonly #background: boolean;
  #isReached: boolean;
  #stopTimer: CancelTimer | undefined;
  #listener: () => void = doNothing;

  /** @param background - whether the waits keep no process alive. */
  constructor(milliseconds: number, clock: Clock, background: boolean) {
    this.milliseconds = milliseconds;
    this.#clock = clock;
    this.#background = background;
    this.#isReached = milliseconds === 0;
  }

  get isReached(): boolean {
    return this.#isReached;
  }

  /** Whether it is being counted already. */
  get hasBegun(): boolean {
    return this.#stopTimer !== undefined;
  }

  begin(): void {
    const reach = (): void => {
      this.#isReached = true;
      this.#listener();
    };
    this.#stopTimer ??= this.#clock.setTimer(reach, this.milliseconds, { background: this.#background });
  }

  /** `listener` is called when it is reached, in place of the one before. */
  onReached(listener: () => void): void {
    this.#listener = listener;
  }

  end(): void {
    this.#stopTimer?.();
  }
}

function doNothing(): void {
  // Nobody listens yet.
}
