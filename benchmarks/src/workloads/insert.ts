import type { Contender } from '../contenders/contender.js';
import { keysOf } from './keys.js';
import { Latencies } from './latencies.js';
import type { Assignment, CountedWork } from './workload.js';

/**
 * How long single inserts take, each a miss whose load takes no time: `growing` until there are a million entries, `full`
 * when each lets another go.
 */
export function workload(contender: Contender, { scenario, size }: Assignment): CountedWork {
  const count = size === 'full' ? 1_000_000 : 50_000;
  return {
    count: async () => {
      const keys = keysOf(2 * count);
      const value = { loaded: true };
      const find = contender.cached(async () => value, { capacity: count });
      const growing = await latenciesOf(find, keys.slice(0, count));
      if (scenario === 'growing') return growing.quantiles();
      return (await latenciesOf(find, keys.slice(count))).quantiles();
    },
  };
}

async function latenciesOf(find: (key: string) => unknown, keys: readonly string[]): Promise<Latencies> {
  const latencies = new Latencies();
  let before = performance.now();
  for (const key of keys) {
    await find(key);
    const after = performance.now();
    latencies.add(after - before);
    before = after;
  }
  return latencies;
}
