import { checkOptions } from './check-options.js';
import { callRules, checkLayer, memoizerFunctionRules, memoizerRules } from './configuration/layer-rules.js';
import type {
  KeyedCallOptions,
  MemoizerFunctionOptions,
  MemoizerOptions,
  UntypedCallOptions,
} from './configuration/memoizer-options.js';
import { MemoizerPlans } from './configuration/memoizer-plans.js';
import { aStorage } from './configuration/policy-rules.js';
import { Regions } from './configuration/regions.js';
import type { Cache, CallOptions } from './engine/cache.js';
import { set } from './engine/explicit-write.js';
import { clear, invalidate } from './engine/invalidation.js';
import { etagAt, exists, expire, expireAt, removeExpired, timeToLive } from './engine/lifetime-operations.js';
import { type OneOfMany, readMany } from './engine/many.js';
import { Reports } from './engine/reports.js';
import type { CacheInfo } from './engine/statistics.js';
import type { Demand } from './entry/demand.js';
import { type Demands, demandsOf } from './entry/demands.js';
import { cacheInfoOf, type EntryOperation } from './entry-operations.js';
import { InvalidCallError, InvalidOptionError } from './errors.js';
import type { ArgumentsOf, CacheableFunction } from './key/key-extractor.js';
import type { LoadMany } from './loading/batched-loads.js';
import { untilAborted } from './loading/until-aborted.js';
import { KeyedCaches } from './keyed-caches.js';
import { callable, type Memoized } from './memoize.js';
import { memoizerFunction } from './memoizer-function.js';
import { type Awaitable, isPromise } from './serde.js';
import type { CacheStorage } from './storage/cache-storage.js';
import type { Duration } from './time/duration.js';
import type { Moment } from './time/moment.js';

/** One call by key, named. */
interface NamedCall {
  readonly operation: string;
  readonly cache: Cache;
  /** As the storage knows it. */
  readonly key: string;
  readonly args: readonly unknown[];
  readonly demand: Awaitable<Demand | undefined>;
  /** Whether the cache is off for it. */
  readonly isUncached: boolean;
}

/** Any arguments; what is given is inferred as a tuple, not as an array. */
type SomeArguments = readonly [] | readonly unknown[];

/** The options of a call that brings no load, so that `args` alone says what the functions among them are called with. */
type OptionsAt<R extends string, A extends readonly unknown[]> = NoInfer<KeyedCallOptions<R, A>> & {
  readonly args?: A | undefined;
};

const maker = 'new Memoizer';
const noArguments: readonly unknown[] = [];

/**
 * A cache whose entries are named by their caller, who also says how to load what is not there (PyMemoize P1).
 *
 * ```ts
 * const memo = new Memoizer(storage, {
 *   namespace: 'pages',
 *   regions: { short: { expireAfter: '1 minute' }, long: { parent: 'short', expireAfter: '1 hour' } },
 * });
 * await memo.get('home', () => render('/'), { region: 'long', etag: revision });
 * ```
 * What holds for a call its own options say, then those of its region, of the region's parents, and of the `Memoizer`: for
 * each option the first of them that says anything. `null` says "explicitly nothing", and no further one is asked (P2).
 */
export class Memoizer<R extends string = never> {
  /** The sets of options with a name; they may be added and changed while the cache runs. */
  readonly regions: Regions<R>;
  readonly #plans: MemoizerPlans;
  readonly #reports: Reports;
  readonly #caches: KeyedCaches<R>;

  /**
   * @throws InvalidOptionError naming the option that is wrong.
   * @throws InvalidCallError when `storage` is none.
   */
  constructor(storage: CacheStorage, options: MemoizerOptions<R> = {}) {
    if (!aStorage.accepts(storage)) {
      const advice = `Write new Memoizer(storage, options); storageOver(store) makes a storage of a Map, or anything like it.`;
      throw new InvalidCallError(maker, aStorage.expected, storage, advice);
    }
    checkLayer(maker, options, memoizerRules);
    this.regions = new Regions<R>({ ...options, storage }, options.regions);
    this.#plans = new MemoizerPlans(options);
    this.#reports = new Reports(options.name ?? 'memoizer', options.onEvent);
    this.#caches = new KeyedCaches(maker, this.regions, this.#plans, this.#reports);
  }

  /**
   * The value under `key`: from the cache, or loaded once for all who ask meanwhile. Without a load: `undefined` when it is
   * absent or expired.
   *
   * @returns rejects with `CachedMethodFailedError` when the load fails, for everyone who waited; with `InvalidKeyError`,
   *   `InvalidOptionError` and `UnknownRegionError` for a call that is wrong itself.
   */
  get<V, A extends readonly unknown[], const Text extends string = string>(
    key: string,
    load: (...args: A) => Awaitable<V>,
    options: NoInfer<Omit<KeyedCallOptions<R, A, V>, 'expireAfter'>> & {
      readonly args: A;
      readonly expireAfter?: KeyedCallOptions<R, [], NoInfer<V>, Text>['expireAfter'];
    },
  ): Promise<V>;
  get<V, const Text extends string = string>(
    key: string,
    load: () => Awaitable<V>,
    options?: KeyedCallOptions<R, [], NoInfer<V>, Text>,
  ): Promise<V>;
  get<V = unknown, A extends SomeArguments = readonly unknown[]>(
    key: string,
    load?: undefined,
    options?: Omit<OptionsAt<R, A>, 'refresh'>,
  ): Promise<V | undefined>;
  get(key: string, load?: CacheableFunction, options?: UntypedCallOptions<R>): Promise<unknown> {
    try {
      const call = this.#asked('get', key, options);
      return load === undefined ? this.#look(call, options) : this.#read(call, loadIn('get', load), options);
    } catch (error) {
      // A call never throws: whoever makes it gets a promise in any case.
      return Promise.reject(error);
    }
  }

  /**
   * The values under several keys: one look at the storage for all of them, one call of `loadMany` for those that are
   * absent; what is being loaded already is waited for. Functions among the options are called with the key.
   *
   * @returns the keys that have a value, in the order in which they were asked for. A key is left out where there is nothing
   *   to load it with, and where `loadMany` gave nothing or an `Error` for it. Whatever else `get` would reject with, for any
   *   of the keys, is the failure of all: that of `loadMany` itself, for one.
   */
  getMany<V>(
    keys: Iterable<string> & object,
    loadMany: LoadMany<V>,
    options?: Omit<KeyedCallOptions<R, [key: string], NoInfer<V>>, 'args'>,
  ): Promise<Map<string, V>>;
  getMany<V = unknown>(
    keys: Iterable<string> & object,
    loadMany?: undefined,
    options?: Omit<KeyedCallOptions<R, [key: string]>, 'args' | 'refresh'>,
  ): Promise<Map<string, V>>;
  async getMany(
    keys: Iterable<string> & object,
    loadMany?: LoadMany<unknown>,
    options?: UntypedCallOptions<R>,
  ): Promise<Map<string, unknown>> {
    if (!isList(keys)) throw new InvalidCallError('getMany', 'a list of keys', keys, `Write getMany(['a', 'b'], …).`);
    const { cache, names } = this.#caches.of('getMany', options);
    const demands = demandsIn('getMany', cache, options);
    // An etag is asked for once, though a key comes twice.
    const calls = Array.from(new Set(keys), (key): OneOfMany => {
      const name = names.nameOf(key);
      if (!cache.isEnabled(name)) return { key, name, demand: undefined, isUncached: true };
      return { key, name, demand: cache.demandOf(name, [key], demands), isUncached: false };
    });
    if (calls.some(({ isUncached }) => !isUncached)) cache.sweeps?.beginIfDue(() => names.keyScope);
    return readMany(cache, calls, loadManyIn(loadMany), callOptionsIn('getMany', options));
  }

  /** Whether a call would be answered from the cache. */
  async exists<A extends SomeArguments = []>(key: string, options?: OptionsAt<R, A>): Promise<boolean> {
    return this.#at('exists', key, options, exists);
  }

  /** Milliseconds until the entry expires, `Infinity` if it never does; `undefined` if there is none. */
  async ttl<A extends SomeArguments = []>(key: string, options?: OptionsAt<R, A>): Promise<number | undefined> {
    return this.#at('ttl', key, options, timeToLive);
  }

  /** The etag that the entry was kept with, if there is an entry that is live and has one. */
  async etag<A extends SomeArguments = []>(key: string, options?: OptionsAt<R, A>): Promise<string | undefined> {
    // Who asks for the etag that is kept does not ask which one it should be.
    return this.#at('etag', key, { ...options, etag: null }, etagAt);
  }

  /**
   * Lets the entry expire so long from now; `null`: never.
   * @returns whether there was a live entry.
   */
  async expire<A extends SomeArguments = []>(
    key: string,
    after: Duration | null,
    options?: OptionsAt<R, A>,
  ): Promise<boolean> {
    return this.#at('expire', key, options, (cache, name, demand) => expire(cache, name, after, demand));
  }

  /**
   * Lets the entry expire at a moment: a `Date`, epoch milliseconds, ISO text; `null`: never.
   * @returns whether there was a live entry.
   */
  async expireAt<A extends SomeArguments = []>(
    key: string,
    moment: Moment | null,
    options?: OptionsAt<R, A>,
  ): Promise<boolean> {
    return this.#at('expireAt', key, options, (cache, name, demand) => expireAt(cache, name, moment, demand));
  }

  /**
   * Takes the entry away. Once it has resolved, nobody who asks is answered with a value whose load began before.
   * @returns whether there was a live entry.
   */
  async delete<A extends SomeArguments = []>(key: string, options?: OptionsAt<R, A>): Promise<boolean> {
    const { cache, names } = this.#caches.of('delete', options);
    const name = names.nameOf(key);
    return untilSignalled('delete', options, () => invalidate(cache, name));
  }

  /**
   * Puts a value in the place of whatever the cache holds. It wins over every load that began before, in any process.
   * @throws UnstorableValueError when the storage cannot keep it.
   */
  async set<A extends SomeArguments = []>(key: string, value: unknown, options?: OptionsAt<R, A>): Promise<void> {
    return this.#at('set', key, options, (cache, name, demand) => set(cache, name, value, demand?.etag));
  }

  /** Loads anew, whatever the cache holds; resolves to a value whose load began after this call. */
  refresh<V, A extends readonly unknown[]>(
    key: string,
    load: (...args: A) => Awaitable<V>,
    options: NoInfer<Omit<KeyedCallOptions<R, A, V>, 'refresh'>> & { readonly args: A },
  ): Promise<V>;
  refresh<V>(
    key: string,
    load: () => Awaitable<V>,
    options?: Omit<KeyedCallOptions<R, [], NoInfer<V>>, 'refresh'>,
  ): Promise<V>;
  async refresh(key: string, load: CacheableFunction, options: UntypedCallOptions<R> = {}): Promise<unknown> {
    const call = this.#asked('refresh', key, options);
    return this.#read(call, loadIn('refresh', load), { ...options, refresh: true });
  }

  /**
   * Takes all entries of the namespace away, those by key and those of functions; without a namespace those of every
   * `Memoizer` over the storage that have none either.
   */
  async clear(options?: Pick<KeyedCallOptions<R>, 'region' | 'namespace' | 'storage'>): Promise<void> {
    const { cache, names } = this.#caches.of('clear', options);
    return clear(cache, names.namespaceScope);
  }

  /**
   * Takes the expired entries by key out of a storage that lists its entries.
   * @returns how many.
   */
  async removeExpired(options?: Pick<KeyedCallOptions<R>, 'region' | 'namespace' | 'storage'>): Promise<number> {
    const { cache, names } = this.#caches.of('removeExpired', options);
    return removeExpired(cache, names.keyScope);
  }

  /**
   * Wraps a function as `memoize` does, in the storage, the namespace and the region that its options say, or those of the
   * `Memoizer`. Its operations speak of just these entries (mends P58).
   *
   * @throws InvalidOptionError naming the option that is wrong.
   * @throws InvalidCallError when `fn` is not a function.
   */
  memoize<F extends CacheableFunction, const Text extends string = string>(
    fn: F,
    options: MemoizerFunctionOptions<R, ArgumentsOf<F>, Awaited<ReturnType<F>>, Text> = {},
  ): Memoized<F, R> {
    const call = 'Memoizer.memoize';
    if (typeof fn !== 'function') {
      throw new InvalidCallError(call, 'a function to be cached', fn, `Write memo.memoize(fn, options).`);
    }
    checkLayer(call, options, memoizerFunctionRules);
    const cached = memoizerFunction(call, fn, options, this.regions, this.#plans);
    return callable(cached, undefined, 'regions') as Memoized<F, R>;
  }

  /** What has been counted of calls by key so far; a frozen copy. */
  cacheInfo(): CacheInfo {
    return cacheInfoOf(this.#caches.of('cacheInfo', undefined).cache);
  }

  /** Names a call that is to be answered; where the cache is off for it, nothing else is asked. */
  #asked(operation: string, key: string, options: UntypedCallOptions<R> | undefined): NamedCall {
    const { cache, names } = this.#caches.of(operation, options);
    const name = names.nameOf(key);
    const args = argumentsIn(operation, options);
    const demands = demandsIn(operation, cache, options);
    if (!cache.isEnabled(name)) return { operation, cache, key: name, args, demand: undefined, isUncached: true };
    cache.sweeps?.beginIfDue(() => names.keyScope);
    return { operation, cache, key: name, args, demand: cache.demandOf(name, args, demands), isUncached: false };
  }

  #read(call: NamedCall, load: CacheableFunction, options: UntypedCallOptions<R> = {}): Promise<unknown> {
    const { operation, cache, key, args, demand, isUncached } = call;
    const isPlain = options.signal === undefined && options.refresh === undefined && !isUncached;
    if (isPlain && (demand === undefined || !isPromise(demand))) return cache.read(key, load, undefined, args, demand);
    const calling = (): unknown => Reflect.apply(load, undefined, args);
    return cache.readWith({ key, load: calling, demand, isUncached }, callOptionsIn(operation, options));
  }

  async #look(
    { operation, cache, key, demand, isUncached }: NamedCall,
    options: UntypedCallOptions<R> = {},
  ): Promise<unknown> {
    const { signal, refresh } = callOptionsIn(operation, options);
    if (refresh === true) {
      throw new InvalidCallError(operation, 'a load to refresh with', undefined, `Write refresh(key, () => …).`);
    }
    return (await cache.look({ key, demand, isUncached }, { signal }))?.value;
  }

  async #at<T>(
    operation: string,
    key: string,
    options: UntypedCallOptions<R> | undefined,
    act: EntryOperation<T>,
  ): Promise<T> {
    const { cache, names } = this.#caches.of(operation, options);
    const name = names.nameOf(key);
    const demand = cache.demandOf(name, argumentsIn(operation, options), demandsIn(operation, cache, options));
    // A write begins in the turn in which it was asked for, where nothing has to be found out before.
    return untilSignalled(operation, options, async () => act(cache, name, isPromise(demand) ? await demand : demand));
  }
}

/** What calls of `cache` with such options demand. @throws InvalidOptionError */
function demandsIn(operation: string, cache: Cache, options: object = {}): Demands | undefined {
  return demandsOf(options, operation, cache.settings.demands);
}

function isList(keys: unknown): keys is Iterable<unknown> {
  // A single text would be a list of its characters.
  return (
    typeof keys !== 'string' && typeof (Object(keys) as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
  );
}

function argumentsIn(
  call: string,
  options: { readonly args?: readonly unknown[] | undefined } = {},
): readonly unknown[] {
  const { args = noArguments } = options;
  if (Array.isArray(args)) return args;
  throw new InvalidOptionError({ call, option: 'args', expected: 'a list of arguments', received: args });
}

/** What `act` settles to, unless the signal among the options fires first; what was begun goes on. */
function untilSignalled<T>(operation: string, options: CallOptions | undefined, act: () => Promise<T>): Promise<T> {
  const { signal } = callOptionsIn(operation, options);
  signal?.throwIfAborted();
  return signal === undefined ? act() : untilAborted(act(), signal);
}

/** The options that the engine is told of one call. @throws InvalidOptionError */
function callOptionsIn(operation: string, { signal, refresh }: CallOptions = {}): CallOptions {
  checkOptions(operation, { signal, refresh }, callRules);
  return { signal, refresh };
}

function loadIn(operation: string, load: CacheableFunction): CacheableFunction {
  if (typeof load === 'function') return load;
  throw new InvalidCallError(operation, 'a function that loads the value', load, `Write ${operation}(key, () => …).`);
}

function loadManyIn(load: LoadMany<unknown> | undefined): LoadMany<unknown> | undefined {
  if (load === undefined || typeof load === 'function') return load;
  const advice = `Write getMany(keys, (absent) => …).`;
  throw new InvalidCallError('getMany', 'a function that loads the values of several keys', load, advice);
}
