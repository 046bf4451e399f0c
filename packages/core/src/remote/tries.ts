import { steadyNow, type Clock } from '../time/clock.js';
import { type Duration, toMilliseconds } from '../time/duration.js';

/** Between two tries, in milliseconds: each pause is longer than the one before. */
const [shortestPause, longestPause, growth] = [20, 500, 1.5];

/**
 * Tries to acquire a lock, again and again, until that succeeds or the time is up. A `timeout` of 0 is one try.
 *
 * @returns whether it succeeded; rejects with what a try rejects with.
 * @throws InvalidOptionError when the timeout is no duration.
 */
export async function tryUntil(timeout: Duration, clock: Clock, attempt: () => Promise<boolean>): Promise<boolean> {
  const end = steadyNow(clock) + toMilliseconds(timeout, { call: 'acquire', option: 'timeout' });
  for (let pause = shortestPause; ; pause = Math.min(growth * pause, longestPause)) {
    if (await attempt()) return true;
    const left = end - steadyNow(clock);
    if (left <= 0) return false;
    await pauseFor(Math.min(pause, left), clock);
  }
}

function pauseFor(milliseconds: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(resolve, milliseconds));
}
