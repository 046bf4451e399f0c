export { cacheStorageContract } from './cache-storage/cache-storage-contract.js';
export type { CacheStorageTraits } from './cache-storage/storage-subject.js';
export type { Expect, Expectation, TestRunner } from './contract.js';
export type { ValueKind } from './value-samples.js';
export { ChaosStorage } from './chaos-storage.js';
export type { ChaosOperation, ChaosPlan, Misbehaviour } from './chaos-storage.js';
export { NullStorage } from './null-storage.js';
export { ManualClock } from './manual-clock.js';
