import type { CacheConfiguration } from '../configuration/cache-configuration.js';

/** The configuration as it is now, for one call and the background refresh it may start (I7, M11). */
export function snapshotOf(configuration: CacheConfiguration): CacheConfiguration {
  return {
    configured: configuration.configured,
    storage: configuration.storage,
    keyExtractor: configuration.keyExtractor,
    evictionStrategy: configuration.evictionStrategy,
    entryBuilder: configuration.entryBuilder,
    postprocessing: configuration.postprocessing,
    methodTimeout: configuration.methodTimeout,
  };
}
