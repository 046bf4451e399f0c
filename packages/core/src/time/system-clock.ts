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

/** Timers of one turn of the event loop that ring together, by one timer of the platform. */
class TimerGroup {
  readonly delay: number;
  readonly background: boolean;
  readonly #timers = new Set<{ readonly ring: () => void }>();
  #stop: CancelTimer = nothingToCancel;

  constructor(delay: number, background: boolean) {
    this.delay = delay;
    this.background = background;
  }

  add(ring: () => void): CancelTimer {
    // The same function may be asked for twice.
    const timer = { ring };
    this.#timers.add(timer);
    return () => {
      if (this.#timers.delete(timer) && this.#timers.size === 0) this.#stop();
    };
  }

  /** Starts them, if any is left. */
  start(): void {
    if (this.#timers.size > 0) this.#stop = startTimer(() => this.#ring(), this.delay, this.background);
  }

  /** One that throws keeps the others from nothing, and one may stop another. */
  #ring(): void {
    for (const timer of this.#timers) {
      queueMicrotask(() => {
        if (this.#timers.delete(timer)) timer.ring();
      });
    }
  }
}

/** Those that were asked for in this turn, by their delay; those of nobody's are kept apart. */
let newGroups = { awaited: new Map<number, TimerGroup>(), background: new Map<number, TimerGroup>() };
let isStarting = false;

/**
 * Starts a timer in the next turn, unless it is stopped before: what guards a load is, if the load is quick, and to start and
 * stop a timer takes longer than all the rest of a miss. What guards a thousand reads of one turn is one timer then.
 */
function startUnlessStopped(callback: () => void, delay: number, background: boolean): CancelTimer {
  isStarting ||= inNextTurn(startNewGroups);
  if (!isStarting) return startTimer(callback, delay, background);
  const groups = background ? newGroups.background : newGroups.awaited;
  const milliseconds = Math.ceil(delay);
  let group = groups.get(milliseconds);
  if (group === undefined) {
    group = new TimerGroup(milliseconds, background);
    groups.set(milliseconds, group);
  }
  return group.add(callback);
}

function startNewGroups(): void {
  const { awaited, background } = newGroups;
  newGroups = { awaited: new Map(), background: new Map() };
  isStarting = false;
  for (const group of awaited.values()) group.start();
  for (const group of background.values()) group.start();
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
