import type { Contender } from '../contenders/contender.js';
import { keysOf } from './keys.js';
import { randomNumbers } from './random-numbers.js';
import type { Assignment, TimedWork } from './workload.js';

/** One key in a hundred fits. */
const capacity = 10_000;
const keyCount = 1_000_000;
/** Requests after which they begin anew: a power of two. */
const requestCount = 2 ** 19;

/**
 * A million keys of which some are asked for much more often than others, the one of rank n with a frequency of 1/n. What
 * is not there is loaded, which takes no time.
 */
export async function workload(contender: Contender, { size }: Assignment): Promise<TimedWork> {
  let [loads, next] = [0, 0];
  const value = { loaded: true };
  const find = contender.cached(
    async () => {
      loads++;
      return value;
    },
    { capacity },
  );
  const keys = keysOf(keyCount);
  const requests = zipfRequests();
  const run = async (operations: number): Promise<void> => {
    for (let index = 0; index < operations; index++) {
      await find(keys[requests[next]!]!);
      next = (next + 1) & (requestCount - 1);
    }
  };
  const counted = size === 'full' ? 200_000 : 20_000;
  await run(counted);
  const loadsBefore = loads;
  await run(counted);
  const hitRatio = 100 * (1 - (loads - loadsBefore) / counted);
  return { run, figures: () => ({ hitRatio }) };
}

/** Keys by their ranks, the same each time. */
function zipfRequests(): Uint32Array {
  const upTo = new Float64Array(keyCount);
  let sum = 0;
  for (let rank = 0; rank < keyCount; rank++) upTo[rank] = sum += 1 / (rank + 1);
  const random = randomNumbers();
  return Uint32Array.from({ length: requestCount }, () => firstBeyond(upTo, random() * sum));
}

/** The first place whose value is not less, by halving. */
function firstBeyond(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
