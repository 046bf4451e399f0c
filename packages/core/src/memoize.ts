/// <reference lib="esnext.disposable" preserve="true" />
import { claimBooks, claimKeys } from './configuration/claims.js';
import { functionCallRules } from './configuration/layer-rules.js';
import type { MemoizeOptions } from './configuration/memoize-options.js';
import { checkMemoizeOptions, type Plan, planFor } from './configuration/plan.js';
import { CachedFunction, type FunctionCallOptions } from './cached-function.js';
import { checkedWhenUsed, checkOptions, type OptionRules } from './check-options.js';
import { Cache, type CallOptions } from './engine/cache.js';
import { clear, invalidate } from './engine/invalidation.js';
import type { DemandOptions } from './entry/demand-options.js';
import { demandsOf } from './entry/demands.js';
import { entryOperations, type EntryOperations } from './entry-operations.js';
import { InvalidCallError } from './errors.js';
import type { ArgumentsOf, CacheableFunction } from './key/key-extractor.js';
import { allOf } from './loading/all-of.js';
import { register } from './registry.js';

/** How a cached function is called: like the function itself, and always with a promise for an answer. */
export type CachedCall<F extends CacheableFunction> =
  ReturnType<F> extends Promise<unknown>
    ? F
    : (this: ThisParameterType<F>, ...args: ArgumentsOf<F>) => Promise<Awaited<ReturnType<F>>>;

/** A function whose remembered failures are given as values. */
export type AnswerOrFailure<F extends CacheableFunction> = (
  this: ThisParameterType<F>,
  ...args: ArgumentsOf<F>
) => Promise<Awaited<ReturnType<F>> | Error>;

/**
 * What single calls of a cached function may be told beside their arguments. `R` are the regions it may choose, those of
 * the `Memoizer` that it belongs to.
 */
export interface MemoizedCallOptions<
  A extends readonly unknown[] = readonly unknown[],
  R extends string = never,
> extends CallOptions {
  /** As the option of the function, which it replaces; `null`: no etag. */
  readonly etag?: DemandOptions<A>['etag'] | null;
  /** As the option of the function, which it replaces; `null`: of any age. */
  readonly maxAge?: DemandOptions<A>['maxAge'] | null;
  /** The region whose options hold where the function says nothing itself; `null`: that of the `Memoizer`. */
  readonly region?: R | ([R] extends [never] ? never : 'default' | null) | undefined;
}

/** A cached function: called like the original, with operations on its entries. */
export type Memoized<F extends CacheableFunction, R extends string = never> = CachedCall<F> &
  EntryOperations<ArgumentsOf<F>, Awaited<ReturnType<F>>> & {
    /** The original function, which knows nothing of the cache. */
    readonly wrapped: F;
    /**
     * The same function for calls that have options of their own: `getUser.with({ signal })('42')`.
     * @throws InvalidOptionError
     */
    with(options: MemoizedCallOptions<ArgumentsOf<F>, R>): CachedCall<F>;
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
export function memoize<
  F extends CacheableFunction,
  const Text extends string = string,
  As extends 'throw' | 'value' = 'throw',
>(
  fn: F,
  options: MemoizeOptions<ArgumentsOf<F>, Awaited<ReturnType<F>>, Text, As> = {},
): Memoized<'value' extends As ? AnswerOrFailure<F> : F> {
  if (typeof fn !== 'function') {
    throw new InvalidCallError('memoize', 'a function to be cached', fn, `Write memoize(fn, options).`);
  }
  const checked = options as unknown as MemoizeOptions;
  checkMemoizeOptions('memoize', checked);
  const plan = planFor('memoize', fn, checked);
  claimKeys('memoize', fn, plan);
  claimBooks('memoize', plan);
  return callable(cachedBy(plan, fn)) as Memoized<'value' extends As ? AnswerOrFailure<F> : F>;
}

/** The function with the cache that a plan describes. @internal */
export function cachedBy(
  { configuration, settings, normalize, invalidation }: Plan,
  fn: CacheableFunction,
): CachedFunction {
  const cache = new Cache(configuration, settings);
  const cached = new CachedFunction({ fn, cacheOf: () => cache, normalize });
  register(cached);
  bindInvalidation(cached, invalidation);
  return cached;
}

/** Lets an invalidation reach the entries of a function. @internal */
export function bindInvalidation(cached: CachedFunction, invalidation: Plan['invalidation']): void {
  invalidation?.bind(async (args: readonly unknown[]) => {
    const calls = cached.namedInAllRegions(args);
    await allOf(calls.map(async ({ cache, key }) => invalidate(cache, key)));
  });
}

/**
 * What callers get: a function that answers from the cache, with operations on the entries.
 *
 * @param receiver - the `this` that every load is called with; the caller's own where it is left out.
 * @param regions - whether calls may choose a region.
 * @internal
 */
export function callable(
  cached: CachedFunction,
  receiver?: object,
  regions: 'regions' | 'none' = 'none',
): CacheableFunction {
  const { fn } = cached;
  const answering = function (this: unknown, ...args: readonly unknown[]): Promise<unknown> {
    // Written so that the list is made only where it is needed: the compiler sees through both uses of it.
    return args.length === 1 ? cached.readOne(receiver ?? this, args[0]) : cached.read(receiver ?? this, args);
  };
  Object.defineProperties(answering, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
    wrapped: { value: fn },
  });
  const rules = regions === 'regions' ? rulesWithRegions : functionCallRules;
  return Object.assign(answering, entryOperations(cached, receiver), {
    with: (options: FunctionCallOptions) => {
      checkOptions('with', options, rules);
      return callsWith(options, cached, receiver);
    },
    [Symbol.asyncDispose]: () => dispose(cached),
  });
}

const rulesWithRegions: OptionRules = { ...functionCallRules, region: checkedWhenUsed };

function callsWith(
  options: FunctionCallOptions,
  cached: CachedFunction,
  receiver: object | undefined,
): CacheableFunction {
  // What is wrong with it shall be said now.
  demandsOf(options, 'with');
  return function (this: unknown, ...args: readonly unknown[]): Promise<unknown> {
    return cached.readWith(receiver ?? this, args, options);
  };
}

async function dispose(cached: CachedFunction): Promise<void> {
  const { cache, scope } = cached;
  if (cache.settings.ownStorage) await clear(cache, cached.scopeFor('dispose'));
  cache.reports.disposed(scope ?? '');
}
