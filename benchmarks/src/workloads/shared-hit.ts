import type { SharedContender } from '../contenders/shared-contender.js';
import { keysOf } from './keys.js';
import type { Assignment, TimedWork } from './workload.js';
import { serverFor } from './server-for.js';

const keys = keysOf(1000);

/** Hits through a server, so many callers at once as the scenario says, each calling again as soon as it is answered. */
export async function workload(contender: SharedContender, assignment: Assignment): Promise<TimedWork> {
  const callers = Number(assignment.scenario);
  let loads = 0;
  const load = async (key: string): Promise<unknown> => {
    loads++;
    return valueOf(key);
  };
  const { find, close } = await contender.open(load, serverFor(assignment));
  for (const key of keys) await find(key);
  const loadsBefore = loads;
  return {
    waits: true,
    run: async (operations) => {
      let next = 0;
      const call = async (): Promise<void> => {
        while (next < operations) await find(keys[next++ % keys.length]!);
      };
      await Promise.all(Array.from({ length: callers }, call));
    },
    check: () => {
      if (loads !== loadsBefore) throw new Error(`${loads - loadsBefore} loads among what should be hits`);
    },
    close,
  };
}

/** A value of about 1 KB as JSON. */
function valueOf(key: string): unknown {
  const orders = Array.from({ length: 16 }, (_, index) => ({ id: `${key}/${index}`, amount: index * 99, paid: true }));
  return { id: key, name: 'Ada Lovelace', orders };
}
