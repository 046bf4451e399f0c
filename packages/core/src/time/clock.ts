/** Stops a timer; does nothing once it has fired or been stopped. */
export type CancelTimer = () => void;

/**
 * Tells the time and rings when it is up. Everything in memo that depends on time asks a clock, so that tests can
 * advance it by hand.
 */
export interface Clock {
  /** The present moment, epoch milliseconds. */
  now(): number;
  /**
   * The present moment, or the one of a few readings ago, where reading the clock is what a hit costs most: nothing between
   * the two may have waited. Never before a moment that `now` has told.
   * @defaultValue `now`
   */
  recent?(): number;
  /**
   * Milliseconds since some beginning, which no one can set: what durations are measured by.
   * @defaultValue `now`, for a clock that nobody sets
   */
  steady?(): number;
  /**
   * Calls `callback` once after `delay` milliseconds; `Infinity` never rings.
   * @param options - `background`: nobody waits for it, so it must not keep the process alive.
   */
  setTimer(callback: () => void, delay: number, options?: { readonly background?: boolean }): CancelTimer;
}

/** Milliseconds by which to measure how long something takes, whatever is done to the clock meanwhile. */
export function steadyNow(clock: Clock): number {
  return clock.steady?.() ?? clock.now();
}

/** The present moment for a hit that waits for nothing, epoch milliseconds: where the clock can spare itself a reading, it does. */
export function recentNow(clock: Clock): number {
  return clock.recent === undefined ? clock.now() : clock.recent();
}
