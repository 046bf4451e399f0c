import type { CacheEntryBuilder } from '../entry/cache-entry-builder.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { KeyExtractor } from '../key/key-extractor.js';
import type { Postprocessing } from '../postprocessing/postprocessing.js';
import type { CacheStorage } from '../storage/cache-storage.js';

/**
 * The policies of a cache. They are read again at every call, so they may change while the cache runs; one call, with
 * the background refresh it starts, sees one state of them (py-memoize M11, M70).
 */
export interface CacheConfiguration {
  /** While `false` every call fails with `NotConfiguredCacheCalledError` (M10, M73). */
  readonly configured: boolean;
  readonly storage: CacheStorage;
  readonly keyExtractor: KeyExtractor;
  readonly evictionStrategy: EvictionStrategy;
  readonly entryBuilder: CacheEntryBuilder;
  readonly postprocessing: Postprocessing;
  /** How long a whole load may take, in milliseconds. */
  readonly methodTimeout: number;
}
