import type {
  CacheStorage,
  Clock,
  KeyedCallOptions,
  MemoizerFunctionOptions,
  RegionOptions as MemoRegionOptions,
} from '@memo/core';

/** A library with a cache by key: memo, or a model of PyMemoize with its defects. */
export interface KeyedLibrary {
  readonly name: string;
  /** The storage as the library finds it: with the abilities that it knows how to use. */
  sees(storage: CacheStorage): CacheStorage;
  /** A cache over `storage` in which nothing expires unless an option says so, as in PyMemoize. */
  over(storage: CacheStorage, clock: Clock, options?: RegionOptions): KeyedCache;
  /** The options that give a value a lifetime when it is kept; `null`: it never expires. In PyMemoize `max_age`. */
  lifetime(lifetime: string | null): Pick<CallOptions & RegionOptions, 'expireAfter'>;
  /** Under which key the storage keeps what the cache keeps under `key`. */
  storedKey(key: string, namespace?: string): string;
  /** What stands in the storage where another version of the library has kept something, if it is an entry for memo. */
  readonly ofAnotherVersion?: unknown;
}

/** A cache by key, as scenarios use it: a part of a `Memoizer`. */
export interface KeyedCache {
  get(key: string, load?: Load, options?: CallOptions): Promise<unknown>;
  exists(key: string, options?: CallOptions): Promise<boolean>;
  /** Milliseconds. */
  ttl(key: string, options?: CallOptions): Promise<number | undefined>;
  etag(key: string, options?: CallOptions): Promise<string | undefined>;
  delete(key: string, options?: CallOptions): Promise<boolean>;
  expire(key: string, after: string | null, options?: CallOptions): Promise<boolean>;
  expireAt(key: string, moment: Moment, options?: CallOptions): Promise<boolean>;
  memoize(fn: Load, options?: FunctionOptions): KeyedFunction;
  readonly regions: { set(name: string, options: RegionOptions): unknown };
}

/** A cached function, as scenarios use it. */
export interface KeyedFunction {
  (...args: unknown[]): Promise<unknown>;
  exists(args: unknown[]): Promise<boolean>;
  ttl(args: unknown[]): Promise<number | undefined>;
  etag(args: unknown[]): Promise<string | undefined>;
  delete(args: unknown[]): Promise<boolean>;
  expire(args: unknown[], after: string | null): Promise<boolean>;
  expireAt(args: unknown[], moment: Moment): Promise<boolean>;
}

/** What scenarios cache; it answers at once or later. */
export type Load = (...args: never[]) => unknown;

export type Moment = Date | number | string | null;

/** What a call says, in memo's words. */
export type CallOptions = KeyedCallOptions<string, never[]>;

export type RegionOptions = MemoRegionOptions;

export type FunctionOptions = MemoizerFunctionOptions<string, never[]>;
