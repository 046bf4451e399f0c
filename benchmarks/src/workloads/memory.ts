import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Contender } from '../contenders/contender.js';
import { keysOf, valuesOf } from './keys.js';
import type { Assignment, CountedWork } from './workload.js';

/** Bytes that each entry takes beside its key and its value, which are there before. */
export function workload(contender: Contender, { size }: Assignment): CountedWork {
  const count = size === 'full' ? 1_000_000 : 50_000;
  return {
    count: async () => {
      const keys = keysOf(count);
      const values = valuesOf(keys);
      // What the making of them has left on the stack is gone in the next turn only.
      await nextTurn();
      const load = async (key: string): Promise<unknown> => values.get(key);
      const before = bytesInUse();
      const find = contender.cached(load, { capacity: count });
      for (const key of keys) await find(key);
      const bytes = (bytesInUse() - before) / count;
      for (const key of [keys[0]!, keys[count >> 1]!, keys[count - 1]!]) {
        if ((await find(key)) !== values.get(key)) throw new Error(`${key} is not kept, or a copy of it is`);
      }
      return { bytes };
    },
  };
}

/** What lives on the heap and beside it, in array buffers, which some caches keep their lists in. */
function bytesInUse(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
