import { getHeapStatistics } from 'node:v8';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { types } from 'node:util';
import type { CacheEntry } from '@memo/core';
import type { Combination, Payload } from './combinations.js';
import { Dice } from './dice.js';
import { Intrinsics } from './intrinsics.js';
import { differenceOfEntries, verdictOnEntry, verdictOnError, type Verdict } from './verdict.js';

/** What may not happen, and how to make it happen again. */
export interface Finding {
  readonly combination: string;
  readonly seed: number;
  readonly index: number;
  readonly wrong: string;
  readonly bytes: Uint8Array;
}

/** What a campaign saw. */
export interface Outcome {
  readonly combination: string;
  readonly seed: number;
  mutations: number;
  refused: number;
  read: number;
  unchanged: number;
  /** Bytes by which one reading made the heap and the memory outside of it grow, at most. */
  growth: number;
  /** Milliseconds that one reading took, at most. */
  slowest: number;
  readonly findings: Finding[];
}

/** Bounds of one reading, far beyond what any of these payloads needs. */
const mostMilliseconds = 2_000;
const mostGrowth = 64 * 1024 * 1024;

/** How often it is made sure that what was written as it should be still reads as it should. */
const soundnessEvery = 250;

/** After how many mutations other work gets its turn. */
const turnEvery = 50;

/** Which mutations a campaign consists of. */
export interface Extent {
  readonly seed: number;
  /** Index of the first. @defaultValue 0 */
  readonly from?: number;
  readonly count: number;
  /** Is told of each mutation before it is read, for those who want to know what a process died of. */
  readonly onMutation?: (index: number) => void;
}

/** Reads mutation after mutation, and says what became of them. */
export async function campaign(
  combination: Combination,
  { seed, from = 0, count, onMutation }: Extent,
): Promise<Outcome> {
  const outcome: Outcome = {
    ...{ combination: combination.name, seed, mutations: count },
    ...{ refused: 0, read: 0, unchanged: 0, growth: 0, slowest: 0, findings: [] },
  };
  const intrinsics = new Intrinsics();
  for (let index = from; index < from + count; index++) {
    const payload = await combination.mutation(new Dice(seed, index));
    const bytes = payload.bytes.slice();
    onMutation?.(index);
    // Some of what reading leaves behind is only freed between turns of the event loop.
    if (index % turnEvery === 0) await nextTurn();
    const found = (wrong: string): void => {
      outcome.findings.push({ combination: combination.name, seed, index, wrong, bytes });
    };
    const verdict = await measured(combination, payload, outcome, found);
    if (typeof verdict === 'object') found(verdict.wrong);
    else outcome[verdict] += 1;
    if (Buffer.compare(bytes, payload.bytes) !== 0) found('changed the bytes that it read');
    if (index % soundnessEvery === 0 || index === from + count - 1) {
      const wrong = intrinsics.change() ?? (await unsoundness(combination));
      if (wrong !== undefined) found(`within the ${soundnessEvery} mutations up to this one: ${wrong}`);
    }
  }
  return outcome;
}

async function measured(
  combination: Combination,
  payload: Payload,
  outcome: Outcome,
  found: (wrong: string) => void,
): Promise<Verdict> {
  const memory = memoryInUse();
  const started = performance.now();
  const result = await attempt(combination, payload.bytes);
  const took = performance.now() - started;
  const growth = memoryInUse() - memory;
  outcome.slowest = Math.max(outcome.slowest, took);
  outcome.growth = Math.max(outcome.growth, growth);
  if (took > mostMilliseconds && (await isAlwaysSlow(combination, payload.bytes))) found(`took ${Math.round(took)} ms`);
  if (growth > mostGrowth) found(`took ${growth} bytes of memory`);
  if (isPolluted()) found('a property of all objects');
  return 'entry' in result ? verdictOnEntry(result.entry, payload.original) : verdictOnError(result.error);
}

/** Whether it was the bytes that took the time, and not a computer that was busy with something else. */
async function isAlwaysSlow(combination: Combination, bytes: Uint8Array): Promise<boolean> {
  for (let repetition = 0; repetition < 2; repetition++) {
    const started = performance.now();
    await attempt(combination, bytes);
    if (performance.now() - started <= mostMilliseconds) return false;
  }
  return true;
}

async function attempt(
  { read }: Combination,
  bytes: Uint8Array,
): Promise<{ readonly entry: CacheEntry } | { readonly error: unknown }> {
  try {
    // Most are read at once; a turn of the event loop for each would be most of the time that all of this takes.
    const reading = read(bytes);
    return { entry: types.isPromise(reading) ? ((await reading) as CacheEntry) : (reading as CacheEntry) };
  } catch (error) {
    return { error };
  }
}

function isPolluted(): boolean {
  for (const _ in {}) return true;
  return 'polluted' in {};
}

/** Whether one that was damaged spoiled the reading of those that are not. */
async function unsoundness({ originals, read }: Combination): Promise<string | undefined> {
  for (const [index, { bytes, original }] of originals.entries()) {
    try {
      const at = differenceOfEntries(await read(bytes), original);
      if (at !== undefined) return `original ${index} reads differently at ${at}`;
    } catch (error) {
      return `original ${index} is unreadable: ${String(error)}`;
    }
  }
  return undefined;
}

function memoryInUse(): number {
  const { used_heap_size, malloced_memory, external_memory } = getHeapStatistics();
  return used_heap_size + malloced_memory + external_memory;
}
