import type { Demand } from '../entry/demand.js';
import { BatchedLoads, isOfSingleKey, type LoadMany } from '../loading/batched-loads.js';
import { untilAborted } from '../loading/until-aborted.js';
import { RetryPause } from '../loading/retry-pause.js';
import type { Awaitable } from '../serde.js';
import { BatchedReads } from './batched-reads.js';
import type { Cache, CallOptions, Found } from './cache.js';

/** One of the calls that are answered together. */
export interface OneOfMany {
  /** As the caller knows it, and the load. */
  readonly key: string;
  /** As the storage knows it. */
  readonly name: string;
  readonly demand: Awaitable<Demand | undefined>;
  /** Whether the cache is off for it. */
  readonly isUncached: boolean;
}

/** The same, once it is known what it demands. */
interface Asked extends OneOfMany {
  readonly demand: Demand | undefined;
}

/**
 * Answers many calls at once, each as it would be by itself: they only share one look at the storage, and those that have
 * to be loaded share one load.
 *
 * @param loadMany - `undefined`: nothing is loaded.
 * @returns the values of the keys that have one, in the order of the calls. Rejects with what a single call would reject
 *   with, unless that is what a load of many has answered for just one key.
 */
export async function readMany(
  cache: Cache,
  calls: readonly OneOfMany[],
  loadMany: LoadMany<unknown> | undefined,
  options: CallOptions,
): Promise<Map<string, unknown>> {
  options.signal?.throwIfAborted();
  // Before any key is marked: a demand that takes long, or that needs one of the keys itself, must not hold the others.
  const asked = await withDemands(calls, options.signal);
  const reads = new BatchedReads(cache.configuration.storage);
  return loadMany === undefined
    ? lookAtMany(cache, asked, reads, options)
    : loadTheMissing(cache, asked, reads, loadMany, options);
}

function withDemands(calls: readonly OneOfMany[], signal: AbortSignal | undefined): Awaitable<readonly Asked[]> {
  const asked = Promise.all(calls.map(async (call) => ({ ...call, demand: await call.demand })));
  return signal === undefined ? asked : untilAborted(asked, signal);
}

async function lookAtMany(
  cache: Cache,
  asked: readonly Asked[],
  reads: BatchedReads,
  { signal }: CallOptions,
): Promise<Map<string, unknown>> {
  const looks = Promise.all(asked.map(async (one) => lookAt(cache, one, reads)));
  const found = await (signal === undefined ? looks : untilAborted(looks, signal));
  return new Map(
    asked.flatMap(({ key }, index) => {
      const there = found[index];
      return there === undefined ? [] : [[key, there.value]];
    }),
  );
}

/** What is there for one of many; a failure that is remembered of just this key leaves it out. */
async function lookAt(
  cache: Cache,
  { name, demand, isUncached }: Asked,
  reads: BatchedReads,
): Promise<Found | undefined> {
  try {
    return await cache.look({ key: name, demand, isUncached, reads });
  } catch (error) {
    if (isOfSingleKey(error)) return undefined;
    throw error;
  }
}

async function loadTheMissing(
  cache: Cache,
  asked: readonly Asked[],
  reads: BatchedReads,
  loadMany: LoadMany<unknown>,
  { signal, refresh }: CallOptions,
): Promise<Map<string, unknown>> {
  const keys = asked.map(({ key }) => key);
  const batch = new BatchedLoads(keys, loadMany);
  const { clock } = cache.settings;
  const pauses = { awaited: new RetryPause(clock, false), background: new RetryPause(clock, true) };
  const listening = signalsLike(signal, asked.length);
  const reading = asked.map(({ key, name, demand, isUncached }, index) => {
    const load = (): Promise<unknown> => batch.load(key);
    const onWait = (): void => batch.settle(key);
    const call = cache.readWith(
      { key: name, demand, isUncached, load, reads, pauses, onWait },
      { signal: listening.signals[index], refresh },
    );
    return call.finally(() => batch.settle(key));
  });
  const answers = await Promise.allSettled(reading).finally(() => listening.stop());
  signal?.throwIfAborted();
  const values = new Map<string, unknown>();
  for (const [index, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') values.set(keys[index]!, answer.value);
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
  // It may have fired since it was looked at.
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return {
    signals: controllers.map((controller) => controller.signal),
    stop: () => signal.removeEventListener('abort', abort),
  };
}
