import { snapshotOf } from '../engine/policy-snapshot.js';
import type { CacheEntryBuilder } from '../entry/cache-entry-builder.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { KeyExtractor } from '../key/key-extractor.js';
import type { Postprocessing } from '../postprocessing/postprocessing.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Duration } from '../time/duration.js';
import type { CacheConfiguration } from './cache-configuration.js';
import { checkPart, checkParts, methodTimeoutFrom } from './policy-rules.js';

const call = 'MutableCacheConfiguration';

/** The parts of a configuration, each of them replaceable. */
type Parts = { -readonly [Part in keyof CacheConfiguration]: CacheConfiguration[Part] };

/**
 * A configuration that may change while the cache runs, part by part (py-memoize M72). A change holds from the next call
 * on; a call under way, with the background refresh it started, keeps what it began with.
 *
 * The storage and the eviction strategy belong together: whoever replaces one usually replaces the other.
 */
export class MutableCacheConfiguration implements CacheConfiguration {
  readonly #parts: Parts;

  /**
   * @param parts - all seven parts; another configuration is such an object, too.
   * @throws InvalidOptionError naming the part that is wrong; every setter does the same.
   */
  constructor(parts: CacheConfiguration) {
    checkParts(call, '', parts);
    this.#parts = snapshotOf(parts);
  }

  /** A configuration that begins with the parts of `configuration`; the parts themselves are shared, not copied. */
  static initializedWith(configuration: CacheConfiguration): MutableCacheConfiguration {
    return new MutableCacheConfiguration(configuration);
  }

  get configured(): boolean {
    return this.#parts.configured;
  }

  get storage(): CacheStorage {
    return this.#parts.storage;
  }

  get keyExtractor(): KeyExtractor {
    return this.#parts.keyExtractor;
  }

  get evictionStrategy(): EvictionStrategy {
    return this.#parts.evictionStrategy;
  }

  get entryBuilder(): CacheEntryBuilder {
    return this.#parts.entryBuilder;
  }

  get postprocessing(): Postprocessing {
    return this.#parts.postprocessing;
  }

  get methodTimeout(): number {
    return this.#parts.methodTimeout;
  }

  /** `false` makes every call fail with `NotConfiguredCacheCalledError` until it is `true` again (M73). */
  setConfigured(configured: boolean): this {
    return this.#set('configured', configured);
  }

  setStorage(storage: CacheStorage): this {
    return this.#set('storage', storage);
  }

  setKeyExtractor(keyExtractor: KeyExtractor): this {
    return this.#set('keyExtractor', keyExtractor);
  }

  setEvictionStrategy(evictionStrategy: EvictionStrategy): this {
    return this.#set('evictionStrategy', evictionStrategy);
  }

  setEntryBuilder(entryBuilder: CacheEntryBuilder): this {
    return this.#set('entryBuilder', entryBuilder);
  }

  setPostprocessing(postprocessing: Postprocessing): this {
    return this.#set('postprocessing', postprocessing);
  }

  setMethodTimeout(methodTimeout: Duration): this {
    return this.#set('methodTimeout', methodTimeoutFrom(call, 'methodTimeout', methodTimeout));
  }

  #set<P extends keyof Parts>(part: P, value: Parts[P]): this {
    checkPart(call, part, part, value);
    this.#parts[part] = value;
    return this;
  }
}
