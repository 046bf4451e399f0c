import {
  type CacheEntryBuilder,
  type CacheStorage,
  type Clock,
  type Duration,
  type EvictionStrategy,
  MemoError,
} from '@memo/core';
import { turn } from '../support/deferred.js';
import { CancelledError } from './asyncio-model.js';

/** A cache that scenarios run against: memo, or a model of one of the originals with its defects. */
export interface CacheUnderTest {
  readonly name: string;
  /** Without options: as bare as the library lets it. */
  wrap(fn: AskedFunction, options?: WrapOptions): WrappedUnderTest;
  /** The library's own strategy that lets the least recently updated key go. */
  evictionStrategy(capacity: number): EvictionStrategy;
  invalidation(): InvalidationUnderTest;
}

/** What scenarios cache: it names its arguments by text. */
export type AskedFunction = (...args: string[]) => Promise<unknown>;

/** How a scenario wants a function cached; all that is left out is the library's own default. */
export interface WrapOptions {
  readonly clock?: Clock;
  readonly storage?: CacheStorage;
  readonly evictionStrategy?: EvictionStrategy;
  /** Instead of `updateAfter` and `expireAfter`. */
  readonly entryBuilder?: CacheEntryBuilder;
  readonly updateAfter?: Duration;
  readonly expireAfter?: Duration;
  readonly timeout?: Duration;
  /** How long an update may hold its key. */
  readonly lockTimeout?: Duration;
  /** Keys made of the function's name instead of its identity, as processes need that share a storage. */
  readonly keys?: 'by name';
  readonly invalidation?: InvalidationUnderTest;
  /** Hears what the library tells about faults that reach no caller. */
  readonly onFault?: (said: string) => void;
}

/** A cached function as scenarios use it. */
export interface WrappedUnderTest {
  call(...args: string[]): Promise<unknown>;
  /** A call whose caller may lose interest. */
  start(...args: string[]): CallUnderTest;
  /** Forces a load. */
  refresh(...args: string[]): Promise<unknown>;
  replaceStorage(storage: CacheStorage): void;
}

/** A call under way. */
export interface CallUnderTest {
  readonly outcome: Promise<unknown>;
  /** The caller gives up: its outcome should be a `CancelledError`, and nobody else's should change. */
  cancel(): void;
}

/** Invalidates by arguments. */
export interface InvalidationUnderTest {
  bind(invalidate: (args: readonly unknown[]) => Promise<unknown>): void;
  invalidateForArguments(args: string[]): Promise<void>;
}

/** `call` as it is; that a scenario looks at its outcome late does not make a rejection of it that nobody handles. */
export function watched<R>(call: Promise<R>): Promise<R> {
  call.catch(() => {});
  return call;
}

/** What a call came to as a scenario can see it now: its value, its error as text, or `'pending'`. */
export async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  const settled = call.catch((error: unknown) => errorText(error));
  const later = turn()
    .then(turn)
    .then(() => 'pending');
  return Promise.race([settled, later]);
}

/** The name of an error and what it came from; messages of memo hold keys, which differ from run to run. */
export function errorText(error: unknown): string {
  if (error instanceof CancelledError) return 'CancelledError';
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return `${error.name} from ${errorText(error.cause)}`;
  return MemoError.isInstance(error) || error.message === '' ? error.name : `${error.name}: ${error.message}`;
}
