import { checkedWhenUsed, checkOptions } from '../check-options.js';
import { ProvidedLifeSpanCacheEntryBuilder } from '../entry/provided-life-span-cache-entry-builder.js';
import { Room, type RoomOptions, roomRules } from '../eviction/room.js';
import { S3FifoEvictionStrategy } from '../eviction/s3-fifo-eviction-strategy.js';
import { EncodedMethodReferenceAndArgsKeyExtractor } from '../key/encoded-method-reference-and-args-key-extractor.js';
import { NoPostprocessing } from '../postprocessing/no-postprocessing.js';
import { LocalInMemoryCacheStorage } from '../storage/local-in-memory-cache-storage.js';
import type { Duration } from '../time/duration.js';
import type { CacheConfiguration } from './cache-configuration.js';
import { methodTimeoutFrom } from './policy-rules.js';
import { type LifetimeOptions, lifetimeRules, lifetimesOf } from '../entry/lifetimes.js';

/** The parameters of the default configuration. */
export interface DefaultInMemoryCacheConfigurationOptions extends LifetimeOptions, RoomOptions {
  /**
   * How long a whole load may take.
   * @defaultValue 2 minutes
   */
  readonly methodTimeout?: Duration;
}

const rules = { ...roomRules, methodTimeout: checkedWhenUsed, ...lifetimeRules };

/**
 * The configuration of a cache in this process, which does not change (py-memoize M71): 4096 entries, kept by S3-FIFO,
 * 2 minutes for a load, refreshed after 10 minutes, expired after 30.
 *
 * Functions that share it share its storage and its capacity, never their entries.
 */
export class DefaultInMemoryCacheConfiguration implements CacheConfiguration {
  readonly configured = true;
  readonly storage = new LocalInMemoryCacheStorage();
  readonly keyExtractor = new EncodedMethodReferenceAndArgsKeyExtractor();
  readonly postprocessing = new NoPostprocessing();
  readonly evictionStrategy: S3FifoEvictionStrategy;
  readonly entryBuilder: ProvidedLifeSpanCacheEntryBuilder;
  readonly methodTimeout: number;

  /** @throws InvalidOptionError */
  constructor(options: DefaultInMemoryCacheConfigurationOptions = {}) {
    const call = 'DefaultInMemoryCacheConfiguration';
    checkOptions(call, options, rules);
    const { capacity, maxWeight, weigh, methodTimeout, ...lifetimes } = options;
    Room.from(call, options);
    this.evictionStrategy = new S3FifoEvictionStrategy({ capacity, maxWeight, weigh });
    this.entryBuilder = ProvidedLifeSpanCacheEntryBuilder.of(lifetimesOf(lifetimes, call));
    this.methodTimeout = methodTimeoutFrom(call, 'methodTimeout', methodTimeout);
  }
}
