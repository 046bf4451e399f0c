import type { Demand } from '../entry/demand.js';
import {
  CachedMethodFailedError,
  InvalidCallError,
  LoadTimeoutError,
  MissingValueError,
  PostprocessingFailedError,
  StorageFailedError,
} from '../errors.js';
import { LoadSignal, SharedLoadSignal } from '../loading/load-signal.js';
import type { Awaitable } from '../serde.js';
import { BatchedReads } from './batched-reads.js';
import type { Cache, CallOptions } from './cache.js';

/**
 * Loads the values of several keys at once. It answers with a `Map`, or with a list in the order of the keys; what is no
 * `Error` there is a value. A key that the `Map` lacks has none.
 */
export type LoadMany<V> = (keys: readonly string[]) => Awaitable<ReadonlyMap<string, V | Error> | readonly (V | Error)[]>;

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
 * @returns the values of the keys that have one, in the order of the calls. Rejects when `loadMany` itself fails.
 */
export async function readMany(
  cache: Cache,
  calls: ReadonlyMap<string, OneOfMany>,
  loadMany: LoadMany<unknown> | undefined,
  options: CallOptions,
): Promise<Map<string, unknown>> {
  options.signal?.throwIfAborted();
  const reads = new BatchedReads(cache.configuration.storage);
  if (loadMany === undefined) return lookAtMany(cache, calls, reads, options);
  const batch = new BatchedLoads(calls.keys(), loadMany);
  const answers = await Promise.allSettled(
    [...calls].map(([key, { key: name, demand }]) =>
      cache
        .readWith({ key: name, demand, load: () => batch.load(key), reads, onWait: () => batch.settle(key) }, options)
        .finally(() => batch.settle(key)),
    ),
  );
  const values = new Map<string, unknown>();
  for (const [index, key] of [...calls.keys()].entries()) {
    const answer = answers[index]!;
    if (answer.status === 'fulfilled') values.set(key, answer.value);
    else if (options.signal?.aborted === true || isOfAll(answer.reason, key, batch)) throw answer.reason;
  }
  return values;
}

async function lookAtMany(
  cache: Cache,
  calls: ReadonlyMap<string, OneOfMany>,
  reads: BatchedReads,
  { signal }: CallOptions,
): Promise<Map<string, unknown>> {
  const values = new Map<string, unknown>();
  const looks = [...calls].map(async ([key, { key: name, demand }]) => {
    return [key, await cache.look({ key: name, demand, reads }, { signal })] as const;
  });
  for (const [key, found] of await Promise.all(looks)) {
    if (found !== undefined) values.set(key, found.value);
  }
  return values;
}

/** Whether a failure is none of a single key: that of the whole load, or what fails any call. */
function isOfAll(reason: unknown, key: string, batch: BatchedLoads): boolean {
  const cause = CachedMethodFailedError.isInstance(reason) ? reason.cause : reason;
  if (batch.hasFailedWith(cause) || (LoadTimeoutError.isInstance(cause) && batch.hasBegun(key))) return true;
  return StorageFailedError.isInstance(reason) || PostprocessingFailedError.isInstance(reason);
}

/** A key whose value is waited for. */
interface Expected {
  readonly key: string;
  readonly signal: LoadSignal | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Gathers the loads of single keys into one. It begins when each key is either to be loaded, or settled for now: answered,
 * or waiting for a load elsewhere. Keys that are to be loaded after all, later, are loaded with those of the same turn.
 */
class BatchedLoads {
  readonly #loadMany: LoadMany<unknown>;
  readonly #unsettled: Set<string>;
  readonly #begun = new Set<string>();
  readonly #failures = new Set<unknown>();
  #expected: Expected[] = [];

  constructor(keys: Iterable<string>, loadMany: LoadMany<unknown>) {
    this.#loadMany = loadMany;
    this.#unsettled = new Set(keys);
  }

  /** The value of `key`, when it has been loaded together with others. */
  load(key: string): Promise<unknown> {
    const signal = LoadSignal.present;
    const value = new Promise((resolve, reject) => this.#expected.push({ key, signal, resolve, reject }));
    this.settle(key);
    return value;
  }

  /** `key` keeps the others waiting no longer. */
  settle(key: string): void {
    this.#unsettled.delete(key);
    if (this.#unsettled.size > 0 || this.#expected.length === 0) return;
    // Others may be about to ask in this very turn.
    queueMicrotask(() => this.#begin());
  }

  /** Whether the load of the key was asked for its value. */
  hasBegun(key: string): boolean {
    return this.#begun.has(key);
  }

  /** Whether that is how a load of all failed. */
  hasFailedWith(reason: unknown): boolean {
    return this.#failures.has(reason);
  }

  #begin(): void {
    const expected = this.#expected;
    if (expected.length === 0) return;
    this.#expected = [];
    for (const { key } of expected) this.#begun.add(key);
    const signal = new SharedLoadSignal(expected.flatMap(({ signal }) => signal ?? []));
    const keys = expected.map(({ key }) => key);
    new Promise<unknown>((settle) => settle(signal.during(() => this.#loadMany(keys)))).then(
      (answer) => this.#handOut(answer, expected),
      (error: unknown) => this.#fail(error, expected),
    );
  }

  #handOut(answer: unknown, expected: readonly Expected[]): void {
    if (answer instanceof Map) {
      for (const { key, resolve, reject } of expected) {
        if (answer.has(key)) settleWith(answer.get(key), resolve, reject);
        else reject(new MissingValueError(key));
      }
    } else if (Array.isArray(answer) && answer.length === expected.length) {
      for (const [index, { resolve, reject }] of expected.entries()) settleWith(answer[index], resolve, reject);
    } else {
      const wanted = `a Map, or a list of ${expected.length} values or Errors, from loadMany`;
      this.#fail(new InvalidCallError('getMany', wanted, answer), expected);
    }
  }

  #fail(error: unknown, expected: readonly Expected[]): void {
    this.#failures.add(error);
    for (const { reject } of expected) reject(error);
  }
}

function settleWith(value: unknown, resolve: Expected['resolve'], reject: Expected['reject']): void {
  if (value instanceof Error) reject(value);
  else resolve(value);
}
