import { GCProfiler } from 'node:v8';
import { memoize, memoizeSync } from '@memo/core';

const keys = Array.from({ length: 4_096 }, (_, index) => `user:${index}`);
const calls = 1_000_000;
/** So many at a time that what they allocate fits into the young generation. */
const part = 50_000;
const at = (index: number): string => keys[index & 4_095]!;

const find = memoize(async (key: string) => ({ key }), { expireAfter: '1 hour' });
const findAtOnce = memoizeSync((key: string) => ({ key }), { expireAfter: '1 hour' });
for (const key of keys) {
  await find(key);
  findAtOnce(key);
}

const hits = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index++) await find(at(index));
};
const hitsAtOnce = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index++) findAtOnce(at(index));
};

/** How much the heap has grown, beyond what garbage collections may have hidden: a part that met one is tried again. */
async function growth(run: (count: number) => Promise<void>): Promise<number> {
  for (let attempt = 0; attempt < 10; attempt++) {
    globalThis.gc?.();
    const profiler = new GCProfiler();
    profiler.start();
    const before = process.memoryUsage().heapUsed;
    await run(part);
    const after = process.memoryUsage().heapUsed;
    if (profiler.stop().statistics.length === 0) return after - before;
  }
  throw new Error('Each time a garbage collection came between');
}

async function bytesPerCall(run: (count: number) => Promise<void>): Promise<number> {
  await run(calls / 5);
  let bytes = 0;
  for (let done = 0; done < calls; done += part) bytes += await growth(run);
  return bytes / calls;
}

process.stdout.write(JSON.stringify({ hit: await bytesPerCall(hits), hitAtOnce: await bytesPerCall(hitsAtOnce) }));
