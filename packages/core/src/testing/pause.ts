import { systemClock } from '../time/system-clock.js';

/** Resolves after `milliseconds` of real time: for what a backend does by its own clock. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void systemClock.setTimer(resolve, milliseconds));
}

/** What `promise` settles to, or `'pending'` where it does not within `milliseconds` of real time. */
export async function settledWithin<R>(milliseconds: number, promise: Promise<R>): Promise<R | 'pending'> {
  let stop = (): void => {};
  const timeout = new Promise<'pending'>((resolve) => {
    stop = systemClock.setTimer(() => resolve('pending'), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    stop();
  }
}
