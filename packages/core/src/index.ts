export { memoize, type AnswerOrFailure, type CachedCall, type Memoized, type MemoizedCallOptions } from './memoize.js';
export type { FailureOptions, NegativeOptions } from './configuration/failure-options.js';
export type { ResourceOptions } from './configuration/resource-options.js';
export type { RetryOption, RetryOptions } from './loading/retry.js';
export {
  memoizeSync,
  type CallOrFailure,
  type MemoizedSync,
  type MemoizedSyncCallOptions,
  type Synchronous,
} from './memoize-sync.js';
export type { SyncCacheParameters, SyncEntryOperations } from './sync-entry-operations.js';
export { Memoizer } from './memoizer.js';
export { memoized, memoizedMethod, type MemoizedOptions } from './memoized.js';
export type { CacheParameters, EntryOperations } from './entry-operations.js';
export { InvalidationSupport } from './invalidation-support.js';
export { clearAll, clearAllSync, type ClearAllOptions } from './registry.js';

export type { CacheConfiguration } from './configuration/cache-configuration.js';
export {
  DefaultInMemoryCacheConfiguration,
  type DefaultInMemoryCacheConfigurationOptions,
} from './configuration/default-in-memory-cache-configuration.js';
export type { DemandOptions, Etag, EtagOption, MaxAgeOption } from './entry/demand-options.js';
export type { LifetimeOptions } from './entry/lifetimes.js';
export type { CachedItem, DailyTime, Expiration, ExpirationFunction } from './expiration/expiration.js';
export type { ReadableExpiration } from './expiration/expiration-literal.js';
export type { ExpiringLifetimeOptions } from './expiration/expiring-lifetimes.js';
export { anObjectWith, aText, checkOptions, type OptionRule, type OptionRules } from './check-options.js';
export type { CoordinationOptions } from './configuration/coordination-options.js';
export type { LayerOptions } from './configuration/layer-options.js';
export type {
  ExpirationAtOnce,
  MemoizeSyncOptions,
  NegativeAtOnceOptions,
} from './configuration/memoize-sync-options.js';
export type { InvalidationTarget, MemoizeOptions, PolicyOptions } from './configuration/memoize-options.js';
export type {
  DefaultRegionOptions,
  KeyedCallOptions,
  MemoizerFunctionOptions,
  MemoizerOptions,
  RegionName,
  RegionOptions,
} from './configuration/memoizer-options.js';
export type { Regions } from './configuration/regions.js';
export { MutableCacheConfiguration } from './configuration/mutable-cache-configuration.js';

export type { CacheEvent, CacheEventListener, LoadReason } from './engine/cache-event.js';
export type { CallOptions } from './engine/cache.js';
export type { LoadMany } from './loading/batched-loads.js';
export type { CacheInfo } from './engine/statistics.js';

export { InMemoryUpdateStatuses, type InMemoryUpdateStatusesOptions } from './loading/in-memory-update-statuses.js';
export { newHolder } from './loading/holder.js';
export { loadSignal } from './loading/load-signal.js';
export type { Update, UpdateOutcome, UpdateStatuses } from './loading/update-statuses.js';

export type { CacheEntry } from './entry/cache-entry.js';
export type { CacheEntryBuilder } from './entry/cache-entry-builder.js';
export type { FailureRecord } from './entry/failure-record.js';
export type { EarlyRefresh } from './entry/early-refresh.js';
export type { Departure, EntryResource } from './entry/entry-resource.js';
export { keepUntilOf } from './entry/keep-until.js';
export { freshness, type Freshness } from './entry/freshness.js';
export { JitteredCacheEntryBuilder } from './entry/jittered-cache-entry-builder.js';
export { ProbabilisticEarlyRefresh } from './entry/probabilistic-early-refresh.js';
export { ProvidedLifeSpanCacheEntryBuilder } from './entry/provided-life-span-cache-entry-builder.js';
export {
  EncodedMethodNameAndArgsKeyExtractor,
  type EncodedMethodNameAndArgsKeyExtractorOptions,
} from './key/encoded-method-name-and-args-key-extractor.js';
export { EncodedMethodReferenceAndArgsKeyExtractor } from './key/encoded-method-reference-and-args-key-extractor.js';
export { Key, type KeyFunction } from './key/key.js';
export type { ArgumentsOf, CacheableFunction, KeyExtractor } from './key/key-extractor.js';
export { memoKey, type NamedInKeys } from './key/memo-key.js';
export type { NameScopeOptions } from './key/name-scope.js';
export type { CacheStorage, EntryMoments, OfferResult } from './storage/cache-storage.js';
export type { Lease, LeaseAnswer, LeaseRequest, LeaseRest, LeaseWatch } from './storage/lease.js';
export {
  LocalInMemoryCacheStorage,
  type LocalInMemoryCacheStorageOptions,
} from './storage/local-in-memory-cache-storage.js';
export type { Lock } from './storage/lock.js';
export type { Listing, MapLike } from './storage-over/map-like.js';
export { storageOver, type StorageOverOptions } from './storage-over/storage-over.js';
export type { EvictionStrategy } from './eviction/eviction-strategy.js';
export { LeastRecentlyUpdatedEvictionStrategy } from './eviction/least-recently-updated-eviction-strategy.js';
export { LeastRecentlyUsedEvictionStrategy } from './eviction/least-recently-used-eviction-strategy.js';
export { S3FifoEvictionStrategy, type S3FifoOptions } from './eviction/s3-fifo-eviction-strategy.js';
export type { RoomOptions } from './eviction/room.js';
export type { SlotBooks } from './eviction/slot-books.js';
export type { EntrySlot, EntrySlots } from './entry/entry-slot.js';
export type { Weigh } from './eviction/weigh.js';
export { NoEvictionStrategy } from './eviction/no-eviction-strategy.js';
export { DeepcopyPostprocessing } from './postprocessing/deepcopy-postprocessing.js';
export { NoPostprocessing } from './postprocessing/no-postprocessing.js';
export type { Postprocessing } from './postprocessing/postprocessing.js';
export { disposals } from './resources/disposals.js';
export type { DisposeOption, OpenAndClose, PartPointer } from './resources/dispose-option.js';
export type { HeldValue } from './resources/held-value.js';
export type { Awaitable, SerDe } from './serde.js';
export { steadyNow, type CancelTimer, type Clock } from './time/clock.js';
export { toMilliseconds } from './time/duration.js';
export type { Duration, DurationOrigin, DurationParts, TemporalDurationLike } from './time/duration.js';
export { toEpochMilliseconds, type Moment, type MomentOrigin, type TemporalInstantLike } from './time/moment.js';
export { systemClock } from './time/system-clock.js';
export { withinDeadline, type Deadline } from './time/within-deadline.js';
export {
  CachedMethodFailedError,
  CloseTimeoutError,
  DataPointerError,
  ClearAllFailedError,
  EtagTimeoutError,
  ExpirationTimeoutError,
  InvalidCallError,
  InvalidKeyError,
  InvalidOptionError,
  LoadAbandonedError,
  LoadTimeoutError,
  LockTimeoutError,
  MemoError,
  MissingAbilityError,
  MissingResourceError,
  MissingValueError,
  NotConfiguredCacheCalledError,
  NotDisposableError,
  PolicyFailedError,
  PostprocessingFailedError,
  RecentlyFailedError,
  ReentrantCallError,
  SerDeTimeoutError,
  StorageDownError,
  StorageFailedError,
  StorageTimeoutError,
  UnboundInvalidationError,
  UnexpectedPromiseError,
  UnkeptFailureError,
  UnknownRegionError,
  UnreadableEntryError,
  UnstorableValueError,
  UpdateLockTimeoutError,
  UpdateProtocolError,
  WaitLimitError,
  type InvalidOption,
  type MemoErrorDetails,
} from './errors.js';
