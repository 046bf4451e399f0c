/** What is slow, as far as a benchmark has it: it is asked for on a miss. */
export type Load = (key: string) => Promise<unknown>;

/** A cache in front of a load. What it answers is awaited, unless it is for synchronous calls. */
export type CachedLoad = (key: string) => unknown;

/** An object as an argument: flat, four fields. */
export interface Filter {
  readonly id: string;
  readonly page: number;
  readonly size: number;
  readonly deleted: boolean;
}

export interface CacheSettings {
  /** Entries that are kept. A cache that knows no bound keeps all. */
  readonly capacity: number;
}

/**
 * A library, used in the fastest way that it documents for keeping what a load has found, for `lifetime`. Each runs in a
 * process of its own: see `contender-program.ts`.
 */
export interface Contender {
  readonly cached: (load: Load, settings: CacheSettings) => CachedLoad;
  /** Like `cached`, but what is older than `age` is refreshed behind its readers. Left out where a library does not do that. */
  readonly refreshed?: (load: Load, settings: CacheSettings) => CachedLoad;
  /** Left out where the library leaves it to its user to make a key of three arguments. */
  readonly byPrimitives?: (
    load: (name: string, page: number, deleted: boolean) => Promise<unknown>,
    settings: CacheSettings,
  ) => (name: string, page: number, deleted: boolean) => unknown;
  /** Left out where the library leaves it to its user to make a key of an object. */
  readonly byObject?: (
    load: (filter: Filter) => Promise<unknown>,
    settings: CacheSettings,
  ) => (filter: Filter) => unknown;
  /** Left out where the library has nothing for functions that wait for nothing. */
  readonly atOnce?: (load: (key: string) => unknown, settings: CacheSettings) => CachedLoad;
}

/** Milliseconds for which everything is kept: longer than any benchmark takes. */
export const lifetime = 3_600_000;

/** Milliseconds after which what is refreshed is due: one second, as some count in seconds. */
export const age = 1_000;
