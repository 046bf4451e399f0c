import type { Contender } from '../contenders/contender.js';
import { keysOf } from './keys.js';
import type { TimedWork } from './workload.js';

const callers = 10_000;
const keys = keysOf(4096);

/** Callers who all ask for one key while it is being loaded. An operation is one caller. */
export function workload(contender: Contender): TimedWork {
  let [loads, groups] = [0, 0];
  let release = (): void => {};
  const value = { loaded: true };
  const load = (): Promise<unknown> => {
    loads++;
    return new Promise((resolve) => (release = () => resolve(value)));
  };
  const find = contender.cached(load, { capacity: 16 });
  return {
    unit: callers,
    run: async (operations) => {
      for (let left = operations; left > 0; left -= callers) {
        const key = keys[groups++ % keys.length]!;
        const waiting: unknown[] = [];
        for (let index = 0; index < callers; index++) waiting.push(find(key));
        // Who asks another cache first asks the load in a later turn.
        while (loads < groups) await Promise.resolve();
        release();
        await Promise.all(waiting);
      }
    },
    check: () => {
      if (loads !== groups) throw new Error(`${loads} loads of ${groups} groups of callers`);
    },
  };
}
