import { ByRegion } from './by-region.js';
import { claimBooks } from './configuration/claims.js';
import { checkLayer, keyedCallRules } from './configuration/layer-rules.js';
import type { Layer } from './configuration/layers.js';
import type { UntypedCallOptions } from './configuration/memoizer-options.js';
import type { MemoizerPlans } from './configuration/memoizer-plans.js';
import type { Regions } from './configuration/regions.js';
import { Cache } from './engine/cache.js';
import { clear } from './engine/invalidation.js';
import type { Reports } from './engine/reports.js';
import type { GivenKeyExtractor } from './key/given-key-extractor.js';
import { allOf } from './loading/all-of.js';
import { type AsynchronousCache, type ClearAllOptions, register } from './registry.js';
import type { CacheStorage } from './storage/cache-storage.js';

/** The cache for calls by key, and how it names them. */
interface KeyedCache {
  readonly cache: Cache;
  readonly names: GivenKeyExtractor;
}

/** What is derived for the calls in one region. */
interface KeyedRegion extends KeyedCache {
  readonly layers: readonly Layer[];
  /** Those of calls that have policies of their own. */
  readonly recent: RecentCaches;
}

/** The options of a call that speak of it alone. All others are policies, for which there is a cache. */
const optionsOfOneCall: ReadonlySet<string> = new Set(['region', 'args', 'signal', 'refresh', 'etag', 'maxAge']);

/** Finds the cache for a call by key: that of its region, or one of its own where it says more. */
export class KeyedCaches<R extends string> {
  readonly #plans: MemoizerPlans;
  readonly #reports: Reports;
  readonly #byRegion: ByRegion<R, KeyedRegion>;

  constructor(call: string, regions: Regions<R>, plans: MemoizerPlans, reports: Reports) {
    this.#plans = plans;
    this.#reports = reports;
    this.#byRegion = new ByRegion<R, KeyedRegion>(regions, (region) => {
      const layers = regions.layersOf(region);
      return { ...this.#cacheFrom(call, layers), layers, recent: new RecentCaches() };
    });
    // What is wrong with what the Memoizer itself says shall be said at once.
    this.#byRegion.of();
    register(this);
  }

  /** @throws InvalidOptionError, UnknownRegionError */
  of(call: string, options: UntypedCallOptions<R> | undefined): KeyedCache {
    if (options === undefined) return this.#byRegion.of();
    if (!isPlain(options)) checkLayer(call, options, keyedCallRules);
    const inRegion = this.#byRegion.of(options.region);
    if (!hasPolicies(options)) return inRegion;
    const known = inRegion.recent.find(options);
    if (known !== undefined) return known;
    checkLayer(call, options, keyedCallRules);
    const policies = policiesIn(options);
    return inRegion.recent.keep(policies, this.#cacheFrom(call, [policies, ...inRegion.layers]));
  }

  /** Takes all entries of the namespaces away that calls have used lately, in shared storages if that is asked for. */
  async clearAll({ shared }: Required<ClearAllOptions>): Promise<void> {
    // Storages of this process are cleared by themselves, whatever calls have named there.
    const clearing = this.#byRegion.all
      .flatMap(({ cache, names, recent }) => [{ cache, names }, ...recent.all])
      .filter(({ cache }) => shared && cache.configuration.storage.shared !== false)
      .map(async ({ cache, names }) => clear(cache, names.namespaceScope));
    await allOf(clearing);
  }

  #cacheFrom(call: string, layers: readonly Layer[]): KeyedCache {
    const plan = this.#plans.forKeys(call, layers);
    claimBooks(call, plan);
    const cache = new Cache(plan.configuration, plan.settings, this.#reports);
    letBeCleared(cache);
    return { cache, names: plan.names };
  }
}

/** What clears the storages of this process that calls by key have used; it lives as long as the storage does. */
const clearings = new WeakMap<CacheStorage, AsynchronousCache>();

/** Lets `clearAll` reach everything in the storage of a cache, if that is one of this process. */
function letBeCleared(cache: Cache): void {
  const { storage } = cache.configuration;
  if (storage.shared !== false || clearings.has(storage)) return;
  const clearing = { clearAll: () => clear(cache, '') };
  clearings.set(storage, clearing);
  register(clearing);
}

/** So many different sets of policies are kept for calls in one region. */
const mostRecent = 16;

type Policies = Readonly<Record<string, unknown>>;

/**
 * The caches of calls with policies of their own, the latest first. A program has few such calls, and each says the same
 * again and again, in a new object: comparing what it says is much cheaper than deriving a cache from it.
 */
class RecentCaches {
  readonly #recent: { readonly policies: Policies; readonly keyed: KeyedCache }[] = [];

  get all(): readonly KeyedCache[] {
    return this.#recent.map(({ keyed }) => keyed);
  }

  find(options: object): KeyedCache | undefined {
    for (const [index, candidate] of this.#recent.entries()) {
      if (!saysTheSame(options as Policies, candidate.policies)) continue;
      if (index > 0) this.#recent.unshift(...this.#recent.splice(index, 1));
      return candidate.keyed;
    }
    return undefined;
  }

  keep(policies: Policies, keyed: KeyedCache): KeyedCache {
    this.#recent.unshift({ policies, keyed });
    if (this.#recent.length > mostRecent) this.#recent.pop();
    return keyed;
  }
}

/** Whether it is an object as one writes it. What is not is looked at more closely. */
function isPlain(options: unknown): boolean {
  return typeof options === 'object' && options !== null && Object.getPrototypeOf(options) === Object.prototype;
}

function isPolicy(option: string, value: unknown): boolean {
  return value !== undefined && !optionsOfOneCall.has(option);
}

/** Those of the options that hold for whatever call says the same. */
function policiesIn(options: object): Policies {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => isPolicy(name, value)));
}

function hasPolicies(options: object): boolean {
  for (const option in options) {
    if (isPolicy(option, (options as Policies)[option])) return true;
  }
  return false;
}

function saysTheSame(options: Policies, policies: Policies): boolean {
  let same = 0;
  for (const option in options) {
    const value = options[option];
    if (!isPolicy(option, value)) continue;
    // What is written as an object may be changed by whoever has it: it says the same only where it is read again.
    if (policies[option] !== value || isPlain(value) || !Object.hasOwn(policies, option)) return false;
    same++;
  }
  return same === Object.keys(policies).length;
}
