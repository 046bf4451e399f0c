import type { Clock } from './clock.js';

/** The longest delay that `setTimeout` keeps; a longer one would ring at once. */
const longestDelay = 2 ** 31 - 1;

const nothingToCancel = (): void => {};

/** The clock of the computer: `Date.now`, `performance.now` and `setTimeout`, with delays of any length. */
export const systemClock: Clock = {
  now: () => Date.now(),

  steady: () => performance.now(),

  setTimer(callback, delay, { background = false } = {}) {
    if (delay === Infinity) return nothingToCancel;
    let stop = nothingToCancel;
    const wait = (left: number): void => {
      const ring = left > longestDelay ? () => wait(left - longestDelay) : callback;
      stop = startTimeout(ring, Math.min(left, longestDelay), background);
    };
    wait(delay);
    return () => stop();
  },
};

function startTimeout(ring: () => void, delay: number, background: boolean): () => void {
  const timeout = setTimeout(ring, delay);
  if (background) unref(timeout);
  return () => clearTimeout(timeout);
}

/** Browsers and edge runtimes name a timeout by a number, and have no process to keep alive. */
function unref(timeout: number | { unref?(): unknown }): void {
  if (typeof timeout === 'object') timeout.unref?.();
}
