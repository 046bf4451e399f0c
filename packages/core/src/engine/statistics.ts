/** What a cache has counted since it was made. `hits + misses + joins` is the number of calls. */
export interface CacheInfo {
  /** Calls answered from the cache, stale answers included. */
  readonly hits: number;
  /** Those of the hits that were due for refreshing. */
  readonly staleHits: number;
  /** Calls that led a load, or failed without one. */
  readonly misses: number;
  /** Calls that waited for a load led by another, here or in another process. */
  readonly joins: number;
  /** Loads begun, for whatever reason. */
  readonly loads: number;
  /** Loads that failed, timed out or were given up. */
  readonly failures: number;
  /** Attempts of loads after one that failed. */
  readonly retries: number;
  /** Background and forced refreshes that succeeded. */
  readonly refreshes: number;
  /** Background and forced refreshes that failed. */
  readonly refreshFailures: number;
  /** Calls whose load failed and that were answered with an entry beyond its expiry. */
  readonly staleIfErrors: number;
  readonly evictions: number;
  readonly invalidations: number;
  /** Loaded values that were answered and not kept. */
  readonly declined: number;
  readonly storageFailures: number;
  readonly unreadable: number;
  /** Entries in the storage, expired ones included, of all functions that share it; `undefined` if it cannot tell. */
  readonly size: number | undefined;
  /** The most entries the eviction strategy keeps; `undefined` if it has no such bound. */
  readonly capacity: number | undefined;
  /** When expired entries were last looked for to be removed, epoch milliseconds; `undefined`: not yet. */
  readonly lastExpirationCheck: number | undefined;
}

/** What one cache counts. The counters only ever rise. */
export type Statistics = { -readonly [Counter in keyof Omit<CacheInfo, 'size' | 'capacity'>]: CacheInfo[Counter] };

/** Counters at the beginning. */
export function newStatistics(): Statistics {
  return {
    hits: 0,
    staleHits: 0,
    misses: 0,
    joins: 0,
    loads: 0,
    failures: 0,
    retries: 0,
    refreshes: 0,
    refreshFailures: 0,
    staleIfErrors: 0,
    evictions: 0,
    invalidations: 0,
    declined: 0,
    storageFailures: 0,
    unreadable: 0,
    lastExpirationCheck: undefined,
  };
}
