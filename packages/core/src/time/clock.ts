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
   * Calls `callback` once after `delay` milliseconds; `Infinity` never rings.
   * @param options - `background`: nobody waits for it, so it must not keep the process alive.
   */
  setTimer(callback: () => void, delay: number, options?: { readonly background?: boolean }): CancelTimer;
}
