import { keyOf, keyOfOne, normalizedArguments } from './call-naming.js';
import type { NormalizeArguments } from './configuration/plan.js';
import { type Cache, type CallOptions, type Held, type Pending, uncached } from './engine/cache.js';
import { clear } from './engine/invalidation.js';
import type { Question } from './engine/call.js';
import type { Demand } from './entry/demand.js';
import { demandsOf, type OwnDemandOptions } from './entry/demands.js';
import { MissingAbilityError } from './errors.js';
import type { CacheableFunction } from './key/key-extractor.js';
import { allOf } from './loading/all-of.js';
import type { ClearAllOptions } from './registry.js';
import { type Awaitable, isPromise } from './serde.js';

/** The options of one call of a cached function. */
export interface FunctionCallOptions extends CallOptions, OwnDemandOptions {
  readonly region?: string | null | undefined;
}

/** What a cached function is made of. */
export interface CachedFunctionParts {
  readonly fn: CacheableFunction;
  /** The cache that stands for the function now, or for calls of it that choose a region. */
  readonly cacheOf: (region?: string | null) => Cache;
  readonly normalize?: NormalizeArguments | undefined;
}

/** One call of a cached function, named. */
interface NamedCall {
  readonly cache: Cache;
  readonly key: string;
  readonly args: readonly unknown[];
}

/** One call of a cached function, and which cache is asked. */
interface Asked {
  readonly cache: Cache;
  readonly question: Pending<Question>;
}

/** A function whose results are remembered: it names its calls by their arguments and asks the cache that stands for it. */
export class CachedFunction {
  readonly fn: CacheableFunction;
  readonly #cacheOf: (region?: string | null) => Cache;
  readonly #normalize: NormalizeArguments | undefined;
  /** Those that calls have chosen; `undefined` for its own. */
  readonly #regions = new Set<string | null | undefined>([undefined]);

  constructor({ fn, cacheOf, normalize }: CachedFunctionParts) {
    this.fn = fn;
    this.#cacheOf = cacheOf;
    this.#normalize = normalize;
  }

  /** The cache that stands for it now. */
  get cache(): Cache {
    return this.#cacheOf();
  }

  /** What all its keys begin with; `undefined` if they cannot be told from those of others in the storage. */
  get scope(): string | undefined {
    return scopeIn(this.cache, this.fn);
  }

  /** The scope for an operation that cannot do without. @throws MissingAbilityError */
  scopeFor(operation: string): string {
    return this.#scopeIn(this.cache, operation);
  }

  #scopeIn(cache: Cache, operation: string): string {
    const scope = scopeIn(cache, this.fn);
    if (scope !== undefined) return scope;
    throw new MissingAbilityError(
      operation,
      `a KeyExtractor with 'scope'`,
      `Give it one, or clear the storage itself.`,
    );
  }

  /**
   * Answers a call. It never throws: whoever wraps it gets a promise in any case. Not an `async` function, for the sake of
   * hits that cost one promise.
   */
  read(receiver: unknown, given: readonly unknown[]): Promise<unknown> {
    try {
      const cache = this.#cacheOf();
      cache.refuseUnlessConfigured();
      const args = this.#normalized(given);
      return this.#answer(cache, this.#keyIn(cache, args), receiver, args);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The same for a call with one argument, of which a hit makes no list. */
  readOne(receiver: unknown, argument: unknown): Promise<unknown> {
    if (this.#normalize !== undefined) return this.read(receiver, [argument]);
    try {
      const cache = this.#cacheOf();
      cache.refuseUnlessConfigured();
      const key = keyOfOne(cache.configuration.keyExtractor, this.fn, argument);
      return cache.hit(key) ?? this.#answer(cache, key, receiver, [argument]);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #answer(cache: Cache, key: string, receiver: unknown, args: readonly unknown[]): Promise<unknown> {
    if (!cache.isEnabled(key)) return cache.readWith(uncached({ key, load: this.#loadOf(receiver, args) }));
    cache.sweeps?.beginIfDue(() => this.scope);
    const demand = cache.demandOf(key, args, cache.settings.demands);
    if (demand === undefined || !isPromise(demand)) return cache.read(key, this.fn, receiver, args, demand);
    return cache.readWith({ key, load: this.#loadOf(receiver, args), demand });
  }

  /** Answers a call that has options of its own. @throws InvalidOptionError */
  async readWith(receiver: unknown, given: readonly unknown[], options: FunctionCallOptions): Promise<unknown> {
    const { cache, question } = this.#asked(receiver, given, options);
    return cache.readWith(question, options);
  }

  /** Answers a call with a value that stays open until it is let go. @throws InvalidOptionError */
  async hold(receiver: unknown, given: readonly unknown[], options: FunctionCallOptions): Promise<Held> {
    const { cache, question } = this.#asked(receiver, given, options);
    return cache.hold(question, options);
  }

  #asked(receiver: unknown, given: readonly unknown[], options: FunctionCallOptions): Asked {
    options.signal?.throwIfAborted();
    const cache = this.#cacheOf(options.region);
    this.#regions.add(options.region);
    cache.refuseUnlessConfigured();
    const args = this.#normalized(given);
    const key = this.#keyIn(cache, args);
    const demands = demandsOf(options, 'with', cache.settings.demands);
    const load = this.#loadOf(receiver, args);
    if (!cache.isEnabled(key)) return { cache, question: uncached({ key, load }) };
    cache.sweeps?.beginIfDue(() => this.scope);
    return { cache, question: { key, load, demand: cache.demandOf(key, args, demands) } };
  }

  /** Takes all its entries away, in every region that calls have chosen; in shared storages only if that is asked for. */
  async clearAll({ shared }: Required<ClearAllOptions>): Promise<void> {
    const caches = new Set([...this.#regions].map((region) => this.#cacheOf(region)));
    const clearing = [...caches]
      .filter((cache) => shared || cache.configuration.storage.shared === false)
      .map(async (cache) => clear(cache, this.#scopeIn(cache, 'clearAll()')));
    await allOf(clearing);
  }

  /** Names the call with these arguments in every region that calls have chosen in this process. */
  namedInAllRegions(args: readonly unknown[]): readonly NamedCall[] {
    return [...this.#regions].map((region) => this.named(args, region));
  }

  /** Names the call with these arguments. @throws InvalidKeyError, or what the key extractor and `normalize` throw. */
  named(args: readonly unknown[], region?: string | null): NamedCall {
    const cache = this.#cacheOf(region);
    // The list is the caller's own, so it is not given away to be changed.
    const normalized = this.#normalized(this.#normalize === undefined ? args : [...args]);
    return { cache, key: this.#keyIn(cache, normalized), args: normalized };
  }

  /** What a named call demands, where `own` says nothing else. */
  demandOf({ cache, key, args }: NamedCall, own: OwnDemandOptions = {}): Awaitable<Demand | undefined> {
    return cache.demandOf(key, args, demandsOf(own, 'etag', cache.settings.demands));
  }

  #loadOf(receiver: unknown, args: readonly unknown[]): () => unknown {
    return () => Reflect.apply(this.fn, receiver, args) as unknown;
  }

  #normalized(given: readonly unknown[]): readonly unknown[] {
    return normalizedArguments(this.#normalize, given);
  }

  #keyIn(cache: Cache, args: readonly unknown[]): string {
    return keyOf(cache.configuration.keyExtractor, this.fn, args);
  }
}

function scopeIn({ configuration, settings }: Cache, fn: CacheableFunction): string | undefined {
  return configuration.keyExtractor.scope?.(fn) ?? (settings.ownStorage ? '' : undefined);
}
