import { keyOf, keyOfOne, normalizedArguments } from './call-naming.js';
import type { NormalizeArguments } from './configuration/plan.js';
import { noHit, type SyncCache } from './engine/sync-cache.js';
import type { Demand } from './entry/demand.js';
import type { Demands } from './entry/demands.js';
import type { CacheableFunction, KeyExtractor } from './key/key-extractor.js';
import type { SynchronousCache } from './registry.js';

/** What a cached synchronous function is made of. */
export interface SyncCachedFunctionParts {
  readonly fn: CacheableFunction;
  readonly cache: SyncCache;
  readonly keyExtractor: KeyExtractor;
  readonly normalize: NormalizeArguments | undefined;
}

/** One call of a cached synchronous function, named. */
export interface NamedSyncCall {
  readonly key: string;
  readonly args: readonly unknown[];
}

/** A synchronous function whose results are remembered: it names its calls by their arguments and asks its cache. */
export class SyncCachedFunction implements SynchronousCache {
  readonly fn: CacheableFunction;
  readonly cache: SyncCache;
  readonly #keyExtractor: KeyExtractor;
  readonly #normalize: NormalizeArguments | undefined;

  constructor({ fn, cache, keyExtractor, normalize }: SyncCachedFunctionParts) {
    this.fn = fn;
    this.cache = cache;
    this.#keyExtractor = keyExtractor;
    this.#normalize = normalize;
  }

  /** Answers a call. @throws InvalidKeyError, what the key extractor and `normalize` throw, and as `SyncCache.read` does. */
  read(receiver: unknown, given: readonly unknown[], demands: Demands | undefined): unknown {
    const { fn, cache } = this;
    const args = normalizedArguments(this.#normalize, given);
    return cache.read(keyOf(this.#keyExtractor, fn, args), fn, receiver, args, demands);
  }

  /** The same for a call with one argument and the usual demands, of which a hit makes no list. */
  readOne(receiver: unknown, argument: unknown): unknown {
    const { fn, cache } = this;
    const { demands } = cache.settings;
    if (this.#normalize !== undefined) return this.read(receiver, [argument], demands);
    const key = keyOfOne(this.#keyExtractor, fn, argument);
    const value = cache.hit(key);
    return value === noHit ? cache.read(key, fn, receiver, [argument], demands) : value;
  }

  /** Answers a call by a load. @throws as `read` does. */
  refresh(receiver: unknown, given: readonly unknown[], demands: Demands | undefined): unknown {
    const { fn, cache } = this;
    const args = normalizedArguments(this.#normalize, given);
    return cache.refresh(keyOf(this.#keyExtractor, fn, args), fn, receiver, args, demands);
  }

  /** Names the call with these arguments. @throws InvalidKeyError, or what the key extractor and `normalize` throw. */
  named(args: readonly unknown[]): NamedSyncCall {
    // The list is the caller's own, so it is not given away to be changed.
    const normalized = this.#normalize === undefined ? args : normalizedArguments(this.#normalize, [...args]);
    return { key: keyOf(this.#keyExtractor, this.fn, normalized), args: normalized };
  }

  /** What a named call demands. @throws UnexpectedPromiseError, and what the functions among the demands throw. */
  demandOf({ key, args }: NamedSyncCall, demands: Demands | undefined): Demand | undefined {
    return this.cache.demandOf(key, args, demands);
  }

  clearAllSync(): void {
    this.cache.clear();
  }
}
