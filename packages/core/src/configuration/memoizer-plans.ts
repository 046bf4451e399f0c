import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { GivenKeyExtractor } from '../key/given-key-extractor.js';
import type { CacheableFunction } from '../key/key-extractor.js';
import { namespaceScope } from '../key/name-scope.js';
import { PrefixedKeyExtractor } from '../key/prefixed-key-extractor.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { evictionStrategyFrom } from './configuration-from-options.js';
import type { ResolvedOptions } from './layer-options.js';
import { type Layer, resolveLayers } from './layers.js';
import type { MemoizeOptions } from './memoize-options.js';
import type { BoundOptions } from './memoizer-options.js';
import { type Plan, planFor } from './plan.js';

/** What holds for all calls and functions of a `Memoizer`, whatever their layers say. */
export type CommonOptions = Pick<MemoizeOptions, 'name' | 'clock' | 'onEvent'>;

/** What one function says that is no matter of layers. */
export type FunctionOptions = Pick<MemoizeOptions, 'name' | 'key' | 'normalize' | 'invalidation' | 'onEvent'>;

/**
 * What bounds the entries of storages, one strategy for each of them: the books of a strategy speak of the keys of one
 * storage. It stays the one that was first asked for, whose books know what is kept.
 */
export class Bounds {
  readonly #strategies = new WeakMap<CacheStorage, EvictionStrategy>();

  /** @throws InvalidOptionError */
  of(call: string, storage: CacheStorage, options: BoundOptions): EvictionStrategy {
    const known = this.#strategies.get(storage);
    if (known !== undefined) return known;
    const strategy = evictionStrategyFrom(call, storage, options);
    this.#strategies.set(storage, strategy);
    return strategy;
  }
}

/** Turns the layers of the calls of a `Memoizer` into what the engine needs. */
export class MemoizerPlans {
  readonly #common: CommonOptions;
  readonly #bounds = new Bounds();

  constructor({ name = 'memoizer', clock, onEvent }: CommonOptions) {
    this.#common = { name, ...(clock && { clock }), ...(onEvent && { onEvent }) };
  }

  /** Hears of everything, where a function has no listener of its own. */
  get onEvent(): CommonOptions['onEvent'] {
    return this.#common.onEvent;
  }

  /** For calls whose keys are given, after `names` has been found from the same layers. @throws InvalidOptionError */
  forKeys(call: string, layers: readonly Layer[], namesIn: (namespace?: string) => GivenKeyExtractor): Plan {
    const resolved = resolveLayers(layers);
    const bounded = this.#bounded(call, resolved, this.#bounds);
    return planFor(call, namesNothing, { ...bounded, ...this.#common, key: namesIn(resolved.namespace) });
  }

  /**
   * For calls of a function.
   *
   * @param bounds - those of the function, where it has some of its own.
   * @throws InvalidOptionError
   */
  forFunction(
    call: string,
    fn: CacheableFunction,
    options: FunctionOptions,
    layers: readonly Layer[],
    bounds: Bounds = this.#bounds,
  ): Plan {
    const { name = fn.name, key, normalize, invalidation, onEvent = this.#common.onEvent } = options;
    const bounded = this.#bounded(call, resolveLayers(layers), bounds);
    const plan = planFor(call, fn, {
      ...bounded,
      ...this.#common,
      name,
      ...(key && { key }),
      ...(onEvent && { onEvent }),
      ...(normalize && { normalize }),
      ...(invalidation && { invalidation }),
    });
    // Whoever brings a whole extractor has said all of the key.
    const isWhole = bounded.namespace !== undefined || typeof key === 'object';
    return { ...plan, named: options.name !== undefined, ...(isWhole ? {} : inNoNamespace(plan)) };
  }

  #bounded(call: string, { capacity, evictionStrategy, ...options }: ResolvedOptions, bounds: Bounds): ResolvedOptions {
    // The Memoizer's own layer has a storage.
    const storage = options.storage!;
    const said = { ...(capacity !== undefined && { capacity }), ...(evictionStrategy && { evictionStrategy }) };
    return { ...options, evictionStrategy: bounds.of(call, storage, said) };
  }
}

/** The plan of a function whose keys begin with no namespace. */
function inNoNamespace({ configuration }: Plan): Pick<Plan, 'configuration'> {
  const keyExtractor = new PrefixedKeyExtractor(namespaceScope(), configuration.keyExtractor);
  return { configuration: { ...configuration, keyExtractor } };
}

/** Stands for the function of calls that bring their own load. */
function namesNothing(): undefined {
  return undefined;
}
