import { setTimeout as pause } from 'node:timers/promises';
import { between } from '../seeded-random.js';

/** So many callers, each of which does something again and again; times in milliseconds. */
export interface Visits {
  readonly callers: number;
  /** About how long each of them pauses after it has been answered. */
  readonly pause: number;
  /** For how long they go on. */
  readonly duration: number;
}

/** So many callers do the same at once. Done when all of them are. */
export async function together(callers: number, act: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: callers }, act));
}

/** Callers do something again and again, until their time is over and the last one is answered. */
export async function againAndAgain(
  { callers, pause: length, duration }: Visits,
  random: () => number,
  act: () => Promise<void>,
): Promise<void> {
  const end = performance.now() + duration;
  await together(callers, async () => {
    while (performance.now() < end) {
      await act();
      await pause(between(random, 0, 2 * length));
    }
  });
}
