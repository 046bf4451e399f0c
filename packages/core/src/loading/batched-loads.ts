import { CachedMethodFailedError, InvalidCallError, MissingValueError } from '../errors.js';
import type { Awaitable } from '../serde.js';
import { LoadSignal, SharedLoadSignal } from './load-signal.js';

/**
 * Loads the values of several keys at once. It answers with a `Map`, or with a list in the order of the keys. An `Error` in
 * the place of a value is the failure of that key alone; a key that the `Map` lacks has no value.
 */
export type LoadMany<V> = (
  keys: readonly string[],
) => Awaitable<ReadonlyMap<string, V | Error> | readonly (V | Error)[]>;

/** What loads of many have answered for single keys, though they went well. */
const failuresOfSingleKeys = new WeakSet<object>();

/** Whether a load of many has said that there is no value for just that key. The source is well. */
export function isOfSingleKey(reason: unknown): boolean {
  const cause = CachedMethodFailedError.isInstance(reason) ? reason.cause : reason;
  // Anything may have been thrown, also what cannot even be looked at.
  return typeof cause === 'object' && cause !== null && failuresOfSingleKeys.has(cause);
}

/** Remembers of something thrown, which has come from elsewhere, that it speaks of just one key. */
export function countAsOfSingleKey(thrown: unknown): void {
  if (thrown instanceof Error) failuresOfSingleKeys.add(thrown);
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
export class BatchedLoads {
  readonly #loadMany: LoadMany<unknown>;
  readonly #keys: readonly string[];
  readonly #unsettled: Set<string>;
  #expected: Expected[] = [];

  constructor(keys: Iterable<string>, loadMany: LoadMany<unknown>) {
    this.#loadMany = loadMany;
    this.#keys = [...keys];
    this.#unsettled = new Set(this.#keys);
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

  /** Those that need a value, in the order of the keys; whose load has been given up meanwhile needs none any more. */
  #takeExpected(): readonly Expected[] {
    const asked = new Map(this.#expected.map((one) => [one.key, one]));
    this.#expected = [];
    return this.#keys.flatMap((key) => asked.get(key) ?? []).filter(({ signal }) => signal?.isAborted !== true);
  }

  #begin(): void {
    const expected = this.#takeExpected();
    if (expected.length === 0) return;
    const signal = new SharedLoadSignal(expected.flatMap(({ signal }) => signal ?? []));
    const keys = expected.map(({ key }) => key);
    new Promise<unknown>((settle) => settle(signal.during(() => this.#loadMany(keys))))
      .then((answer) => handOut(answer, expected))
      .catch((error: unknown) => {
        // What once was said of a single key may now be the failure of all.
        failuresOfSingleKeys.delete(error as Error);
        for (const { reject } of expected) reject(error);
      });
  }
}

function handOut(answer: unknown, expected: readonly Expected[]): void {
  if (answer instanceof Map) {
    for (const one of expected) {
      if (answer.has(one.key)) settleWith(answer.get(one.key), one);
      else settleWith(new MissingValueError(one.key), one);
    }
  } else if (Array.isArray(answer) && answer.length === expected.length) {
    for (const [index, one] of expected.entries()) settleWith(answer[index], one);
  } else {
    const wanted = `a Map, or a list of ${expected.length} values or Errors, from loadMany`;
    throw new InvalidCallError('getMany', wanted, answer);
  }
}

function settleWith(value: unknown, { resolve, reject }: Expected): void {
  if (!(value instanceof Error)) return resolve(value);
  failuresOfSingleKeys.add(value);
  reject(value);
}
