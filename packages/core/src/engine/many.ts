import type { Demand } from '../entry/demand.js';
import { BatchedLoads, isOfSingleKey, type LoadMany } from '../loading/batched-loads.js';
import { untilAborted } from '../loading/until-aborted.js';
import type { Awaitable } from '../serde.js';
import { BatchedReads } from './batched-reads.js';
import type { Cache, CallOptions } from './cache.js';

/** One of the calls that are answered together. */
export interface OneOfMany {
  /** As the storage knows it. */
  readonly key: string;
  readonly demand: Awaitable<Demand | undefined>;
}

/**
 * Answers many calls at once, each as it would be by itself: they only share one look at the storage, and those that have to
 * be loaded share one load.
 *
 * @param calls - by the keys that the load is asked for.
 * @param loadMany - `undefined`: nothing is loaded.
 * @returns the values of the keys that have one, in the order of the calls. Rejects with what a single call would reject with,
 *   unless that is what a load of many has answered for just one key.
 */
export async function readMany(
  cache: Cache,
  calls: ReadonlyMap<string, OneOfMany>,
  loadMany: LoadMany<unknown> | undefined,
  options: CallOptions,
): Promise<Map<string, unknown>> {
  options.signal?.throwIfAborted();
  // Before any key is marked: a demand that takes long, or that needs one of the keys itself, must not hold the others.
  const demands = await demandsOf(calls, options.signal);
  const reads = new BatchedReads(cache.configuration.storage);
  if (loadMany === undefined) return lookAtMany(cache, calls, demands, reads, options);
  const batch = new BatchedLoads(calls.keys(), loadMany);
  const listening = signalsLike(options.signal, calls.size);
  const reading = [...calls].map(([key, { key: name }], index) => {
    const question = {
      key: name,
      demand: demands[index],
      load: () => batch.load(key),
      reads,
      onWait: () => batch.settle(key),
    };
    const call = cache.readWith(question, { signal: listening.signals[index], refresh: options.refresh });
    return call.finally(() => batch.settle(key));
  });
  const answers = await Promise.allSettled(reading).finally(() => listening.stop());
  options.signal?.throwIfAborted();
  const values = new Map<string, unknown>();
  for (const [index, key] of [...calls.keys()].entries()) {
    const answer = answers[index]!;
    if (answer.status === 'fulfilled') values.set(key, answer.value);
    else if (!isOfSingleKey(answer.reason)) throw answer.reason;
  }
  return values;
}

/** As many signals that fire with `signal`: an own one for each key, because a signal warns of many who listen to it. */
function signalsLike(
  signal: AbortSignal | undefined,
  count: number,
): { readonly signals: readonly AbortSignal[]; stop(): void } {
  if (signal === undefined) return { signals: [], stop: () => undefined };
  const controllers = Array.from({ length: count }, () => new AbortController());
  const abort = (): void => {
    for (const controller of controllers) controller.abort(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  return {
    signals: controllers.map((controller) => controller.signal),
    stop: () => signal.removeEventListener('abort', abort),
  };
}

async function lookAtMany(
  cache: Cache,
  calls: ReadonlyMap<string, OneOfMany>,
  demands: readonly (Demand | undefined)[],
  reads: BatchedReads,
  { signal }: CallOptions,
): Promise<Map<string, unknown>> {
  const looking = [...calls].map(async ([key, { key: name }], index) => {
    return [key, await cache.look({ key: name, demand: demands[index], reads })] as const;
  });
  const looks = Promise.all(looking);
  const values = new Map<string, unknown>();
  for (const [key, found] of await (signal === undefined ? looks : untilAborted(looks, signal))) {
    if (found !== undefined) values.set(key, found.value);
  }
  return values;
}

function demandsOf(
  calls: ReadonlyMap<string, OneOfMany>,
  signal: AbortSignal | undefined,
): Awaitable<readonly (Demand | undefined)[]> {
  const demands = Promise.all(Array.from(calls.values(), async ({ demand }) => demand));
  return signal === undefined ? demands : untilAborted(demands, signal);
}
