import { setTimeout as pause } from 'node:timers/promises';
import type { SharedContender } from '../contenders/shared-contender.js';
import { serverFor } from './server-for.js';
import type { Assignment, CountedWork } from './workload.js';

const callers = 50;

/**
 * This process' part of a stampede: all of its callers ask at once for a key that is nowhere yet, and whose load takes
 * 50 milliseconds. Each time it is another key.
 */
export async function workload(contender: SharedContender, assignment: Assignment): Promise<CountedWork> {
  let [loads, round] = [0, 0];
  const load = async (key: string): Promise<unknown> => {
    loads++;
    await pause(50);
    return { key };
  };
  const { find } = await contender.open(load, serverFor(assignment));
  // The connections are there before the race begins.
  await find('warm');
  return {
    count: async () => {
      const loadsBefore = loads;
      const key = `cold:${round++}`;
      const started = performance.now();
      await Promise.all(Array.from({ length: callers }, () => find(key)));
      return { loads: loads - loadsBefore, milliseconds: performance.now() - started };
    },
  };
}
