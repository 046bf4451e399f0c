import { GCProfiler } from 'node:v8';
import type { CachedLoad, Contender, Filter } from '../contenders/contender.js';
import { filtersOf, keyCount, keysOf, mask } from './keys.js';
import type { Assignment, CountedWork, TimedWork, Work } from './workload.js';

const capacity = keyCount;
/** Where no caller waits, what is found must at least be kept, or the work would be left out by the compiler. */
let last: unknown;
export const lastFound = (): unknown => last;

/**
 * Hits, all keys one after the other: `string`, `hot` (one key), `primitives` (three), `object` (four fields), `sync`
 * (without promises), `bytes` (how many are allocated).
 */
export async function workload(contender: Contender, { scenario, size }: Assignment): Promise<Work> {
  const loads = new Loads();
  switch (scenario) {
    case 'string':
      return loads.checked(await byString(contender, loads));
    case 'hot':
      return loads.checked(await byHotKey(contender, loads));
    case 'primitives':
      return loads.checked(await byPrimitives(contender, loads));
    case 'object':
      return loads.checked(await byObject(contender, loads));
    case 'sync':
      return loads.checked(atOnce(contender, loads));
    case 'bytes':
      return bytesOf(await byString(contender, loads), size);
    default:
      throw new Error(`There is no scenario ${scenario}`);
  }
}

/** Loads, which have no place among hits. */
class Loads {
  #count = 0;

  readonly load = async (key: string): Promise<object> => this.loadAtOnce(key);

  readonly loadAtOnce = (key: string): object => {
    this.#count++;
    return { key };
  };

  /** The work, which is refused if there is a load in it. */
  checked(work: TimedWork): TimedWork {
    const before = this.#count;
    return {
      ...work,
      check: () => {
        if (this.#count > before) throw new Error(`${this.#count - before} loads among what should be hits`);
      },
    };
  }
}

async function byString(contender: Contender, { load }: Loads): Promise<TimedWork> {
  const keys = keysOf(keyCount);
  const find = contender.cached(load, { capacity });
  for (const key of keys) await find(key);
  return {
    run: async (operations) => {
      for (let index = 0; index < operations; index++) await find(keys[index & mask]!);
    },
  };
}

async function byHotKey(contender: Contender, { load }: Loads): Promise<TimedWork> {
  const keys = keysOf(keyCount);
  const find = contender.cached(load, { capacity });
  for (const key of keys) await find(key);
  const hot = keys[1]!;
  return {
    run: async (operations) => {
      for (let index = 0; index < operations; index++) await find(hot);
    },
  };
}

async function byPrimitives(contender: Contender, { load }: Loads): Promise<TimedWork> {
  const names = keysOf(keyCount);
  const find =
    contender.byPrimitives?.((name, page, deleted) => load(`${name}:${page}:${deleted}`), { capacity }) ??
    byColons(contender.cached(load, { capacity }));
  for (const [index, name] of names.entries()) await find(name, index >> 3, (index & 1) === 0);
  return {
    run: async (operations) => {
      for (let index = 0; index < operations; index++) {
        await find(names[index & mask]!, (index & mask) >> 3, (index & 1) === 0);
      }
    },
  };
}

/** What many write by hand. Texts with colons in them collide. */
function byColons(find: CachedLoad): (name: string, page: number, deleted: boolean) => unknown {
  return (name, page, deleted) => find(`${name}:${page}:${deleted}`);
}

async function byObject(contender: Contender, { load }: Loads): Promise<TimedWork> {
  const filters = filtersOf(keyCount);
  const find = contender.byObject?.(({ id }) => load(id), { capacity }) ?? byJson(contender.cached(load, { capacity }));
  for (const filter of filters) await find(filter);
  return {
    run: async (operations) => {
      for (let index = 0; index < operations; index++) await find(filters[index & mask]!);
    },
  };
}

/** What many write by hand. The same fields in another order are another key. */
function byJson(find: CachedLoad): (filter: Filter) => unknown {
  return (filter) => find(JSON.stringify(filter));
}

function atOnce(contender: Contender, { loadAtOnce }: Loads): TimedWork {
  const keys = keysOf(keyCount);
  const find = contender.atOnce?.(loadAtOnce, { capacity });
  if (find === undefined) throw new Error('It has nothing for functions that wait for nothing');
  for (const key of keys) find(key);
  return {
    run: (operations) => {
      for (let index = 0; index < operations; index++) last = find(keys[index & mask]!);
    },
  };
}

/** Bytes that a hit allocates, over hits that no garbage collection disturbs. */
function bytesOf({ run }: TimedWork, size: Assignment['size']): CountedWork {
  const hits = size === 'full' ? 1_000_000 : 50_000;
  return {
    count: async () => {
      await run(hits / 10);
      const once = await heapGrowth(run, keyCount);
      // What one part allocates must fit into the young generation, which is set to 64 MB.
      const part = Math.min(hits, Math.max(1_000, Math.floor((24e6 / Math.max(once, 1)) * keyCount)));
      let [bytes, counted] = [0, 0];
      for (; counted < hits; counted += part) bytes += await heapGrowth(run, part);
      return { bytes: bytes / counted };
    },
  };
}

async function heapGrowth(run: TimedWork['run'], hits: number): Promise<number> {
  for (let attempt = 0; attempt < 10; attempt++) {
    globalThis.gc?.();
    const profiler = new GCProfiler();
    profiler.start();
    const before = process.memoryUsage().heapUsed;
    await run(hits);
    const after = process.memoryUsage().heapUsed;
    if (profiler.stop().statistics.length === 0) return after - before;
  }
  throw new Error('Each time a garbage collection came between');
}
