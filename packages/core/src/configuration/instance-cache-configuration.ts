import type { CacheEntryBuilder } from '../entry/cache-entry-builder.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { CacheableFunction, KeyExtractor } from '../key/key-extractor.js';
import type { Postprocessing } from '../postprocessing/postprocessing.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { CacheConfiguration } from './cache-configuration.js';

/**
 * A configuration as one object among several sees it: everything is shared, but the keys are the object's own. It
 * follows the configuration it is made over.
 */
export class InstanceCacheConfiguration implements CacheConfiguration, KeyExtractor {
  readonly #shared: CacheConfiguration;
  readonly #prefix: string;

  /** @param prefix - text that the keys of this object begin with, and those of no other. */
  constructor(shared: CacheConfiguration, prefix: string) {
    this.#shared = shared;
    this.#prefix = prefix;
  }

  formatKey(fn: CacheableFunction, args: readonly unknown[]): string {
    return this.#prefix + this.#shared.keyExtractor.formatKey(fn, args);
  }

  scope(fn: CacheableFunction): string {
    // Nobody else's keys begin with the prefix, so it will do where the extractor has no scope of its own.
    return this.#prefix + (this.#shared.keyExtractor.scope?.(fn) ?? '');
  }

  get keyExtractor(): KeyExtractor {
    return this;
  }

  get configured(): boolean {
    return this.#shared.configured;
  }

  get storage(): CacheStorage {
    return this.#shared.storage;
  }

  get evictionStrategy(): EvictionStrategy {
    return this.#shared.evictionStrategy;
  }

  get entryBuilder(): CacheEntryBuilder {
    return this.#shared.entryBuilder;
  }

  get postprocessing(): Postprocessing {
    return this.#shared.postprocessing;
  }

  get methodTimeout(): number {
    return this.#shared.methodTimeout;
  }
}
