import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import { GivenKeyExtractor } from '../key/given-key-extractor.js';
import type { CacheableFunction } from '../key/key-extractor.js';
import { namespaceScope } from '../key/name-scope.js';
import { PrefixedKeyExtractor } from '../key/prefixed-key-extractor.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { evictionStrategyFrom, type SaidBounds } from './bound-options.js';
import type { ResolvedOptions } from './layer-options.js';
import { type Layer, resolveLayers } from './layers.js';
import type { MemoizeOptions } from './memoize-options.js';
import { type Plan, planFor } from './plan.js';

/** What holds for all calls and functions of a `Memoizer`, whatever their layers say. */
export type CommonOptions = Pick<MemoizeOptions, 'name' | 'clock' | 'onEvent'>;

/** What one function says that is no matter of layers. */
export type FunctionOptions = Pick<
  MemoizeOptions,
  'name' | 'key' | 'params' | 'normalize' | 'invalidation' | 'onEvent' | 'dispose' | 'closeDelay'
>;

/** A plan for calls whose keys are given, and how they are named. */
export interface KeyedPlan extends Plan {
  readonly names: GivenKeyExtractor;
}

/**
 * What bounds the entries of storages, one strategy for each of them: the books of a strategy speak of the keys of one
 * storage. It stays the one that was first asked for, whose books know what is kept.
 */
export class Bounds {
  readonly #strategies = new WeakMap<CacheStorage, EvictionStrategy>();

  /** @throws InvalidOptionError */
  of(call: string, storage: CacheStorage, options: SaidBounds): EvictionStrategy {
    const known = this.#strategies.get(storage);
    if (known !== undefined) return known;
    const strategy = evictionStrategyFrom(call, storage, options);
    this.#strategies.set(storage, strategy);
    return strategy;
  }
}

/** Turns the layers of the calls of a `Memoizer` into what the engine needs. */
export class MemoizerPlans {
  /** By which events and messages speak of calls whose keys are given. */
  readonly #name: string;
  readonly #common: Omit<CommonOptions, 'name'>;
  readonly #bounds = new Bounds();

  constructor({ name = 'memoizer', clock, onEvent }: CommonOptions) {
    this.#name = name;
    this.#common = { ...(clock && { clock }), ...(onEvent && { onEvent }) };
  }

  /** For calls whose keys are given. @throws InvalidOptionError */
  forKeys(call: string, layers: readonly Layer[]): KeyedPlan {
    const bounded = this.#bounded(call, resolveLayers(layers), this.#bounds);
    const names = new GivenKeyExtractor(bounded.namespace);
    return { ...planFor(call, namesNothing, { ...bounded, ...this.#common, name: this.#name, key: names }), names };
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
    const { name, key, params, normalize, invalidation, onEvent, dispose, closeDelay } = options;
    const bounded = this.#bounded(call, resolveLayers(layers), bounds);
    const plan = planFor(call, fn, {
      ...bounded,
      ...this.#common,
      ...(name !== undefined && { name }),
      ...(key && { key }),
      ...(params && { params }),
      ...(onEvent && { onEvent }),
      ...(normalize && { normalize }),
      ...(invalidation && { invalidation }),
      ...(dispose !== undefined && { dispose }),
      ...(closeDelay !== undefined && { closeDelay }),
    });
    // Whoever brings a whole extractor has said all of the key.
    const isWhole = bounded.namespace !== undefined || typeof key === 'object';
    return isWhole ? plan : inNoNamespace(plan);
  }

  #bounded(call: string, resolved: ResolvedOptions, bounds: Bounds): ResolvedOptions {
    const { capacity, maxWeight, weigh, evictionStrategy, ...options } = resolved;
    const bound = { capacity, maxWeight, weigh, evictionStrategy };
    // The Memoizer's own layer has a storage.
    const storage = options.storage!;
    return { ...options, evictionStrategy: bounds.of(call, storage, bound) };
  }
}

/** The plan of a function whose keys begin with no namespace. */
function inNoNamespace(plan: Plan): Plan {
  const { configuration } = plan;
  const keyExtractor = new PrefixedKeyExtractor(namespaceScope(), configuration.keyExtractor);
  return { ...plan, configuration: { ...configuration, keyExtractor } };
}

/** Stands for the function of calls that bring their own load. */
function namesNothing(): undefined {
  return undefined;
}
