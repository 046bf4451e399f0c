import type { Clock } from '../time/clock.js';
import { type Duration, toMilliseconds } from '../time/duration.js';
import { systemClock } from '../time/system-clock.js';

/** What is being closed in this process, as a number: nothing is remembered of what it was. */
interface Underway {
  count: number;
  readonly waiting: Set<() => void>;
}

/** All copies of this package in a process wait for the same closings. */
const underwayInProcess = Symbol.for('@memo/disposals/1');
const underway = commonUnderway();

/** Less than the longest delay of a timer. */
const oneDay = 86_400_000;

function commonUnderway(): Underway {
  const process = globalThis as { [underwayInProcess]?: Underway };
  const common = process[underwayInProcess] ?? { count: 0, waiting: new Set() };
  process[underwayInProcess] = common;
  return common;
}

/** Something has left and is to be closed. Each is followed by one `disposalEnded`. */
export function disposalBegan(): void {
  underway.count++;
}

/** It is closed, or its closing has failed. */
export function disposalEnded(): void {
  underway.count--;
  if (underway.count > 0) return;
  for (const wake of underway.waiting) wake();
}

/**
 * Waits until everything is closed that has left a cache of this process: what is being closed, what waits for its
 * `closeDelay`, and what somebody still holds. It hastens and cancels nothing, and the process stays alive meanwhile.
 *
 * ```ts
 * await clearAll();
 * await disposals('1 minute');
 * ```
 * Without a `timeout` it waits as long as that takes.
 *
 * @returns whether nothing is left to be closed: `false` when the `timeout` was over before.
 * @throws InvalidOptionError when the `timeout` is no duration.
 */
export async function disposals(timeout: Duration = Infinity): Promise<boolean> {
  return untilClosed(toMilliseconds(timeout, { call: 'disposals', option: 'timeout' }), systemClock);
}

/** @param timeout - milliseconds. */
export function untilClosed(timeout: number, clock: Clock): Promise<boolean> {
  if (underway.count === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (closed: boolean): void => {
      underway.waiting.delete(wake);
      stopTimer();
      resolve(closed);
    };
    const wake = (): void => settle(true);
    const wait = (left: number): (() => void) => {
      const ring = left > oneDay ? () => void (stopTimer = wait(left - oneDay)) : () => settle(false);
      return clock.setTimer(ring, Math.min(left, oneDay));
    };
    // Also where there is no timeout: closings in the background keep no process alive, and who waits for them does.
    let stopTimer = wait(timeout);
    underway.waiting.add(wake);
  });
}
