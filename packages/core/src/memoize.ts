/// <reference lib="esnext.disposable" preserve="true" />
import { claimBooks, claimKeys } from './configuration/claims.js';
import type { MemoizeOptions } from './configuration/memoize-options.js';
import { checkMemoizeOptions, type Plan, planFor } from './configuration/plan.js';
import { checkOptions, anObjectWith, type OptionRules } from './check-options.js';
import { Cache, type CallOptions } from './engine/cache.js';
import { clear, invalidate } from './engine/invalidation.js';
import { entryOperations, type EntryOperations } from './entry-operations.js';
import { InvalidCallError } from './errors.js';
import type { ArgumentsOf, CacheableFunction } from './key/key-extractor.js';

/** How a cached function is called: like the function itself, and always with a promise for an answer. */
export type CachedCall<F extends CacheableFunction> =
  ReturnType<F> extends Promise<unknown>
    ? F
    : (this: ThisParameterType<F>, ...args: ArgumentsOf<F>) => Promise<Awaited<ReturnType<F>>>;

/** A cached function: called like the original, with operations on its entries. */
export type Memoized<F extends CacheableFunction> = CachedCall<F> &
  EntryOperations<ArgumentsOf<F>, Awaited<ReturnType<F>>> & {
    /** The original function, which knows nothing of the cache. */
    readonly wrapped: F;
    /**
     * The same function for calls that have options of their own: `getUser.with({ signal })('42')`.
     * @throws InvalidOptionError
     */
    with(options: CallOptions): CachedCall<F>;
    /** Lets go of the storage that memo made for this function: its entries are forgotten. */
    [Symbol.asyncDispose](): Promise<void>;
  };

/**
 * Wraps a function so that its results are remembered: however many ask at once, it is called once for each different
 * list of arguments, and entries due for refreshing are refreshed behind the caller's back.
 *
 * The function may return a promise, any thenable, or a plain value; the cached one always returns a promise. It rejects
 * with `CachedMethodFailedError` when the function fails, for everyone who waited.
 *
 * @throws InvalidOptionError naming the option that is wrong.
 * @throws InvalidCallError when `fn` is not a function.
 */
export function memoize<F extends CacheableFunction>(fn: F, options: MemoizeOptions<ArgumentsOf<F>> = {}): Memoized<F> {
  if (typeof fn !== 'function') {
    throw new InvalidCallError('memoize', 'a function to be cached', fn, `Write memoize(fn, options).`);
  }
  const checked = options as MemoizeOptions;
  checkMemoizeOptions('memoize', checked);
  const plan = planFor('memoize', fn, checked);
  claimKeys('memoize', fn, plan);
  claimBooks('memoize', plan);
  return cachedFunction(cacheFor(fn, plan)) as Memoized<F>;
}

/** The cache that a plan describes. @internal */
export function cacheFor(fn: CacheableFunction, plan: Plan): Cache {
  const cache = new Cache(fn, plan.configuration, plan.settings);
  plan.invalidation?.bind((args: readonly unknown[]) => invalidate(cache, cache.keyOf(args)));
  return cache;
}

/**
 * The function that answers from `cache`.
 *
 * @param receiver - the `this` that every load is called with; the caller's own where it is left out.
 * @internal
 */
export function cachedFunction(cache: Cache, receiver?: object): CacheableFunction {
  const { fn } = cache;
  const cached = function (this: unknown, ...args: readonly unknown[]): Promise<unknown> {
    return cache.read(receiver ?? this, args);
  };
  Object.defineProperties(cached, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
    wrapped: { value: fn },
  });
  return Object.assign(cached, entryOperations(cache, receiver), {
    with: (options: CallOptions) => callsWith(options, cache, receiver),
    [Symbol.asyncDispose]: () => dispose(cache),
  });
}

const callRules: OptionRules = {
  signal: anObjectWith('an AbortSignal', 'throwIfAborted', 'addEventListener'),
  refresh: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
};

function callsWith(options: CallOptions, cache: Cache, receiver: object | undefined): CacheableFunction {
  checkOptions('with', options, callRules);
  return function (this: unknown, ...args: readonly unknown[]): Promise<unknown> {
    return cache.readWith(receiver ?? this, args, options);
  };
}

async function dispose(cache: Cache): Promise<void> {
  if (cache.settings.ownStorage) await clear(cache);
  cache.reports.disposed(cache.scope ?? '');
}
