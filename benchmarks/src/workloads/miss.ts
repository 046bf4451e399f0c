import type { Contender } from '../contenders/contender.js';
import { keyCount, keysOf } from './keys.js';
import type { TimedWork } from './workload.js';

const capacity = keyCount;
/** Each key comes again only after so many others that no cache of this capacity has it still. */
const cycle = 16 * keyCount;

/** Misses of a full cache: each loads, and lets another entry go. */
export async function workload(contender: Contender): Promise<TimedWork> {
  let [loads, asked, next] = [0, 0, 0];
  const value = { loaded: true };
  const find = contender.cached(
    async () => {
      loads++;
      return value;
    },
    { capacity },
  );
  const keys = keysOf(cycle);
  const run = async (operations: number): Promise<void> => {
    asked += operations;
    for (let index = 0; index < operations; index++) {
      await find(keys[next]!);
      next = (next + 1) & (cycle - 1);
    }
  };
  await run(2 * capacity);
  return {
    run,
    check: () => {
      if (loads !== asked) throw new Error(`${loads} loads of ${asked} misses`);
    },
  };
}
