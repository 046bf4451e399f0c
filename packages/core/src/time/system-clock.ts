import type { CancelTimer, Clock } from './clock.js';
import { inNextTurn } from './next-turn.js';
import { RecentMoment } from './recent-moment.js';

/** The longest delay that `setTimeout` keeps; a longer one would ring at once. */
const longestDelay = 2 ** 31 - 1;
/** Shorter ones are started at once: in milliseconds. */
const shortestToWaitWith = 20;

const nothingToCancel = (): void => {};
const moments = new RecentMoment();
const startTimeoutOfPlatform = globalThis.setTimeout;

/** The clock of the computer: `Date.now`, `performance.now` and `setTimeout`, with delays of any length. */
export const systemClock: Clock = {
  now: () => moments.readAnew(),

  recent: () => moments.read(),

  steady: () => performance.now(),

  setTimer(callback, delay, { background = false } = {}) {
    if (delay === Infinity) return nothingToCancel;
    // Tests that replace timers expect theirs to be set at once.
    if (delay < shortestToWaitWith || setTimeout !== startTimeoutOfPlatform) {
      return startTimer(callback, delay, background);
    }
    return startUnlessStopped(callback, delay, background);
  },
};

/** A timer that was asked for in this turn of the event loop. */
interface NewTimer {
  readonly callback: () => void;
  readonly delay: number;
  readonly background: boolean;
  stop: CancelTimer | undefined;
  isStopped: boolean;
}

let newTimers: NewTimer[] = [];

/**
 * Starts a timer in the next turn, unless it is stopped before: what guards a load is, if the load is quick, and to start and
 * stop a timer takes longer than all the rest of a miss.
 */
function startUnlessStopped(callback: () => void, delay: number, background: boolean): CancelTimer {
  if (newTimers.length === 0 && !inNextTurn(startNewTimers)) return startTimer(callback, delay, background);
  const timer: NewTimer = { callback, delay, background, stop: undefined, isStopped: false };
  newTimers.push(timer);
  return () => {
    timer.isStopped = true;
    timer.stop?.();
  };
}

function startNewTimers(): void {
  const timers = newTimers;
  newTimers = [];
  for (const timer of timers) {
    if (!timer.isStopped) timer.stop = startTimer(timer.callback, timer.delay, timer.background);
  }
}

function startTimer(callback: () => void, delay: number, background: boolean): CancelTimer {
  let stop = nothingToCancel;
  const wait = (left: number): void => {
    const ring = left > longestDelay ? () => wait(left - longestDelay) : callback;
    stop = startTimeout(ring, Math.min(left, longestDelay), background);
  };
  wait(delay);
  return () => stop();
}

function startTimeout(ring: () => void, delay: number, background: boolean): () => void {
  const timeout = setTimeout(ring, delay);
  if (background) unref(timeout);
  return () => clearTimeout(timeout);
}

/** Browsers and edge runtimes name a timeout by a number, and have no process to keep alive. */
function unref(timeout: number | { unref?(): unknown }): void {
  if (typeof timeout === 'object') timeout.unref?.();
}
