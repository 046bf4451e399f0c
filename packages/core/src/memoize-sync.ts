import { checkOptions } from './check-options.js';
import { claimStrategy } from './configuration/claims.js';
import { functionCallRules } from './configuration/layer-rules.js';
import type { MemoizeSyncOptions } from './configuration/memoize-sync-options.js';
import { refuseWhatTakesTime, syncPlanFor } from './configuration/sync-plan.js';
import { SyncCache } from './engine/sync-cache.js';
import { isAsyncFunction } from './engine/unexpected-promise.js';
import { demandsOf } from './entry/demands.js';
import { InvalidCallError } from './errors.js';
import type { ArgumentsOf, CacheableFunction } from './key/key-extractor.js';
import { register } from './registry.js';
import { SyncCachedFunction } from './sync-cached-function.js';
import { type SyncEntryOperations, syncEntryOperations } from './sync-entry-operations.js';

/** A function that answers at once. What stands in the place of another one is what a compiler says of it. */
export type Synchronous<F extends CacheableFunction> =
  ReturnsPromise<ReturnType<F>> extends true ? F & 'memoizeSync cannot wait for a promise: use memoize' : F;

/** Whether there is a promise among what may be returned; of `any` nobody knows. */
type ReturnsPromise<R> = 0 extends 1 & R ? false : [Extract<R, PromiseLike<unknown>>] extends [never] ? false : true;

/** What single calls of a cached synchronous function may be told beside their arguments. */
export interface MemoizedSyncCallOptions<A extends readonly unknown[] = readonly unknown[]> {
  /** Loads anew whatever the cache holds, as `refresh` does. */
  readonly refresh?: boolean | undefined;
  /** As the option of the function, which it replaces; `null`: no etag. */
  readonly etag?: MemoizeSyncOptions<A>['etag'] | null;
  /** As the option of the function, which it replaces; `null`: of any age. */
  readonly maxAge?: MemoizeSyncOptions<A>['maxAge'] | null;
}

/** A cached synchronous function: called like the original `F`, as `Call`, with operations on its entries. */
export type MemoizedSync<F extends CacheableFunction, Call extends CacheableFunction = F> = Call &
  SyncEntryOperations<ArgumentsOf<F>, ReturnType<F>, ReturnType<Call>> & {
    /** The original function, which knows nothing of the cache. */
    readonly wrapped: F;
    /**
     * The same function for calls that have options of their own: `slugify.with({ refresh: true })('A title')`.
     * @throws InvalidOptionError
     */
    with(options: MemoizedSyncCallOptions<ArgumentsOf<F>>): Call;
  };

/** How a function is called that gives its remembered failures as values. */
export type CallOrFailure<F extends CacheableFunction> = (
  this: ThisParameterType<F>,
  ...args: ArgumentsOf<F>
) => ReturnType<F> | Error;

/**
 * Wraps a synchronous function so that its results are remembered: it is called once for each different list of arguments,
 * and again when what it returned has expired. It may call itself; but not for the arguments that it is just called for,
 * which is a `ReentrantCallError`.
 *
 * What it returns must be there at once. For a function that returns a promise there is `memoize`.
 *
 * @throws InvalidOptionError naming the option that is wrong.
 * @throws InvalidCallError when `fn` is not a function, or an async one.
 */
export function memoizeSync<
  F extends CacheableFunction,
  const Text extends string = string,
  As extends 'throw' | 'value' = 'throw',
>(
  fn: Synchronous<F>,
  options: MemoizeSyncOptions<ArgumentsOf<F>, ReturnType<F>, Text, As> = {},
): MemoizedSync<F, 'value' extends As ? CallOrFailure<F> : F> {
  if (typeof fn !== 'function') {
    throw new InvalidCallError('memoizeSync', 'a function to be cached', fn, `Write memoizeSync(fn, options).`);
  }
  if (isAsyncFunction(fn)) {
    throw new InvalidCallError('memoizeSync', 'a function that answers at once', fn, `Use memoize, which waits.`);
  }
  const { settings, keyExtractor, normalize } = syncPlanFor('memoizeSync', fn, options as object);
  const cache = new SyncCache(settings);
  claimStrategy('memoizeSync', settings.evictionStrategy, cache);
  const cached = new SyncCachedFunction({ fn, cache, keyExtractor, normalize });
  register(cached);
  return callable(cached) as MemoizedSync<F, 'value' extends As ? CallOrFailure<F> : F>;
}

function callable(cached: SyncCachedFunction): CacheableFunction {
  const { fn, cache } = cached;
  const { demands } = cache.settings;
  const answering = function (this: unknown, ...args: readonly unknown[]): unknown {
    // Written so that the list is made only where it is needed: the compiler sees through both uses of it.
    return args.length === 1 ? cached.readOne(this, args[0]) : cached.read(this, args, demands);
  };
  Object.defineProperties(answering, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
    wrapped: { value: fn },
  });
  return Object.assign(answering, syncEntryOperations(cached), {
    with: (options: MemoizedSyncCallOptions) => callsWith(options, cached),
  });
}

const callRules = {
  refresh: functionCallRules.refresh,
  etag: functionCallRules.etag,
  maxAge: functionCallRules.maxAge,
} as const;

const refusals = {
  signal: {
    because: 'nobody can leave a synchronous call before it has ended',
    advice: `Leave it out, or use memoize.`,
  },
};

function callsWith(options: MemoizedSyncCallOptions, cached: SyncCachedFunction): CacheableFunction {
  refuseWhatTakesTime('with', options, refusals);
  checkOptions('with', options, callRules);
  const demands = demandsOf(options, 'with', cached.cache.settings.demands);
  const answer = (receiver: unknown, args: readonly unknown[]): unknown =>
    options.refresh === true ? cached.refresh(receiver, args, demands) : cached.read(receiver, args, demands);
  return function (this: unknown, ...args: readonly unknown[]): unknown {
    return answer(this, args);
  };
}
