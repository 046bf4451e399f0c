import type { Contender, Measured } from './compare.js';

/*
 * What the benchmarks of caches that processes share have in common: the keys and values, the callers, and how what was
 * measured is shown.
 */

export const keyCount = 1000;
export const keys = Array.from({ length: keyCount }, (_, index) => `user:${index}`);

/** A value of about 1 KB as JSON. */
export async function valueOf(key: string): Promise<unknown> {
  const orders = Array.from({ length: 16 }, (_, index) => ({ id: `${key}/${index}`, amount: index * 99, paid: true }));
  return { id: key, name: 'Ada Lovelace', orders };
}

/** So many callers at once, each calling again as soon as it is answered. */
export function atOnce(concurrency: number, name: string, call: (key: string) => Promise<unknown>): Contender {
  return {
    name,
    run: async (count) => {
      let next = 0;
      const caller = async (): Promise<void> => {
        while (next < count) await call(`user:${next++ % keyCount}`);
      };
      await Promise.all(Array.from({ length: concurrency }, caller));
    },
  };
}

/** Thousands of operations per second: the median, what a tenth of the rounds stayed below, and what a tenth exceeded. */
export function thousandsPerSecond({ median, p10, p90 }: Measured): readonly [string, string, string] {
  const [middle, low, high] = [median, p90, p10].map((nanoseconds) => (1e6 / nanoseconds).toFixed(1));
  return [middle!, low!, high!];
}

/** How fast one is beside another: nothing if there is no other. */
export function share(other: Measured | undefined, { name, median }: Measured): string {
  return other === undefined || other.name === name ? '' : `${((100 * other.median) / median).toFixed(0)} %`;
}
