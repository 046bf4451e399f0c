import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { CachedLoad, Contender } from '../contenders/contender.js';
import { keyCount, keysOf, mask } from './keys.js';
import { Latencies } from './latencies.js';
import type { Assignment, CountedWork } from './workload.js';

/** Reads between two turns of the event loop, in which loads can end. */
const readsInTurn = 256;
const keys = keysOf(keyCount);

/** How long hits take while nothing has to be refreshed, and while all entries are, each a second after it was loaded. */
export function workload(contender: Contender, { size }: Assignment): CountedWork {
  const duration = size === 'full' ? 3_000 : 1_200;
  let loads = 0;
  const load = async (key: string): Promise<unknown> => {
    loads++;
    await pause(5);
    return { key };
  };
  const { cached, refreshed } = contender;
  if (refreshed === undefined) throw new Error('It refreshes nothing');
  return {
    count: async () => {
      const plain = (await latenciesOf(cached(load, { capacity: keyCount }), duration / 2)).quantiles();
      const refreshing = refreshed(load, { capacity: keyCount });
      const loadsBefore = loads;
      const { p50, p99, p999, longest } = (await latenciesOf(refreshing, duration)).quantiles();
      // What all keys were loaded for at first is none of them.
      const refreshes = ((loads - loadsBefore - keyCount) * 1000) / duration;
      return { plain: plain.p50, plainP99: plain.p99, p50, p99, p999, longest, p99OfPlain: p99 / plain.p50, refreshes };
    },
  };
}

async function latenciesOf(find: CachedLoad, duration: number): Promise<Latencies> {
  await Promise.all(keys.map((key) => find(key)));
  await readFor(find, duration / 4);
  return readFor(find, duration);
}

async function readFor(find: CachedLoad, duration: number): Promise<Latencies> {
  const latencies = new Latencies();
  const end = performance.now() + duration;
  for (let next = 0, before = performance.now(); before < end; before = performance.now()) {
    for (const last = next + readsInTurn; next < last; next++) {
      await find(keys[next & mask]!);
      const after = performance.now();
      latencies.add(after - before);
      before = after;
    }
    await nextTurn();
  }
  return latencies;
}
