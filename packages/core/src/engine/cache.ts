import type { CacheConfiguration } from '../configuration/cache-configuration.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { freshness } from '../entry/freshness.js';
import {
  CachedMethodFailedError,
  InvalidKeyError,
  MissingAbilityError,
  NotConfiguredCacheCalledError,
  PostprocessingFailedError,
  StorageFailedError,
} from '../errors.js';
import type { CacheableFunction } from '../key/key-extractor.js';
import { type LoadsInFlight, loadsInFlightOver } from '../loading/loads-in-flight.js';
import type { UpdateOutcome } from '../loading/update-statuses.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { CacheSettings, Call } from './call.js';
import { EvictionBooks } from './eviction-books.js';
import { Leader } from './leader.js';
import { snapshotOf } from './policy-snapshot.js';
import { presentMoment } from './present-moment.js';
import { Reports } from './reports.js';
import { StorageAccess } from './storage-access.js';

/**
 * The engine: name it, find it, judge it, else load it once, keep it, let something go, hand it over.
 *
 * It knows policies by their interfaces only. The journey of a call and the invariants I1 to I11 stand in
 * ARCHITECTURE.md.
 */
export class Cache {
  readonly fn: CacheableFunction;
  /** Read again at every call, so that it may change while the cache runs (I7). */
  readonly configuration: CacheConfiguration;
  readonly settings: CacheSettings;
  /** Counts and tells what happens. */
  readonly reports: Reports;
  readonly books: EvictionBooks;
  readonly #leader: Leader;

  constructor(fn: CacheableFunction, configuration: CacheConfiguration, settings: CacheSettings) {
    this.fn = fn;
    this.configuration = configuration;
    this.settings = settings;
    this.reports = new Reports(settings.name, settings.onEvent);
    this.books = new EvictionBooks(this.reports);
    this.#leader = new Leader(settings, this.books, this.reports);
  }

  /** The key of a call. @throws InvalidKeyError, or whatever the key extractor throws: the call itself is at fault. */
  keyOf(args: readonly unknown[]): string {
    const key: unknown = this.configuration.keyExtractor.formatKey(this.fn, args);
    if (typeof key === 'string' && key !== '') return key;
    throw new InvalidKeyError('The result of formatKey', key, 'a key is text that is not empty');
  }

  /** What all keys of the function begin with; `undefined` if they cannot be told from those of others in the storage. */
  get scope(): string | undefined {
    return this.configuration.keyExtractor.scope?.(this.fn) ?? (this.settings.ownStorage ? '' : undefined);
  }

  /** The scope for an operation that cannot do without. @throws MissingAbilityError */
  scopeFor(operation: string): string {
    const { scope } = this;
    if (scope !== undefined) return scope;
    throw new MissingAbilityError(
      operation,
      `a KeyExtractor with 'scope'`,
      `Give it one, or clear the storage itself.`,
    );
  }

  /** What is under way over a storage, by whomever it is used. */
  inFlightOver(storage: CacheStorage): LoadsInFlight {
    return loadsInFlightOver(storage, this.settings.updateStatuses);
  }

  /** The present moment, by the clock that all who share the storage judge by (I5). */
  now(storage: CacheStorage): number {
    return presentMoment(this.settings.clock, storage);
  }

  /**
   * Answers a call from the cache, or by one load that all who ask meanwhile share.
   *
   * Not an `async` function: a hit on a storage that can `peek` is answered in this very turn, and costs one promise.
   */
  read(receiver: unknown, args: readonly unknown[]): Promise<unknown> {
    const { configuration } = this;
    try {
      if (!configuration.configured) throw new NotConfiguredCacheCalledError(this.settings.name);
      const key = this.keyOf(args);
      const { storage } = configuration;
      const entry = this.#peek(storage, key);
      if (entry !== undefined && freshness(entry, this.now(storage)) === 'fresh') {
        return Promise.resolve(this.#hit(configuration, key, entry));
      }
      return this.#readThrough(this.#call(key, receiver, args), entry);
    } catch (error) {
      // A call never throws: whoever wraps it gets a promise in any case.
      return Promise.reject(error);
    }
  }

  /**
   * Loads anew whatever the cache holds, and resolves to a value whose load began after this was called. Several that
   * come during a load share the next one (mends M32).
   */
  async refresh(receiver: unknown, args: readonly unknown[]): Promise<unknown> {
    if (!this.configuration.configured) throw new NotConfiguredCacheCalledError(this.settings.name);
    const call = this.#call(this.keyOf(args), receiver, args);
    const { key, inFlight, access, configuration } = call;
    // A storage that tells the time learns it with its first answer; a refresh would date its entry before any.
    if (configuration.storage.now !== undefined) await access.get(key);
    if (!inFlight.isBeingUpdated(key)) return this.#answer(call, this.#leader.lead(call, 'forced'));
    let next = inFlight.nextRefreshes.get(key);
    if (next === undefined) {
      next = this.#refreshNext(call);
      inFlight.nextRefreshes.set(key, next);
    }
    return this.#answer(call, next);
  }

  #call(key: string, receiver: unknown, args: readonly unknown[]): Call {
    const configuration = snapshotOf(this.configuration);
    return {
      key,
      load: () => Reflect.apply(this.fn, receiver, args) as unknown,
      configuration,
      inFlight: this.inFlightOver(configuration.storage),
      access: new StorageAccess(configuration.storage, this.settings, this.reports),
    };
  }

  #peek(storage: CacheStorage, key: string): CacheEntry | undefined {
    try {
      return storage.peek?.(key) ?? undefined;
    } catch {
      // `get` meets the same fault, and has the place to report it.
      return undefined;
    }
  }

  async #readThrough(call: Call, peeked: CacheEntry | undefined): Promise<unknown> {
    const { key, configuration, inFlight } = call;
    let entry = peeked;
    if (entry === undefined) {
      const reading = inFlight.startReading(key);
      try {
        entry = await this.#find(call);
        if (reading.overtaken) entry = await this.#find(call);
      } finally {
        inFlight.endReading(reading);
      }
    }
    if (entry !== undefined) {
      const judged = freshness(entry, this.now(configuration.storage));
      if (judged === 'fresh') return this.#hit(configuration, key, entry);
      this.books.markRead(configuration.evictionStrategy, key);
      if (judged === 'stale') {
        this.reports.staleServed(key, entry);
        this.#refreshBehind(call);
        return this.#handOver(configuration, key, entry);
      }
    }
    // Since the storage's answer there was no await, and there is none up to marking: a load that runs now is in the table,
    // and one that ended meanwhile has overtaken the reading (I1, I2).
    if (inFlight.isBeingUpdated(key)) return this.#answer(call, this.#join(call));
    return this.#answer(call, this.#leader.lead(call, 'miss'));
  }

  /** What the storage has. It throws only for those who asked for that, and then the call has found nothing. */
  async #find({ key, access }: Call): Promise<CacheEntry | undefined> {
    try {
      return await access.get(key);
    } catch (error) {
      this.reports.miss(key);
      throw error;
    }
  }

  #hit(configuration: CacheConfiguration, key: string, entry: CacheEntry): unknown {
    this.books.markRead(configuration.evictionStrategy, key);
    this.reports.hit(key, entry);
    return this.#handOver(configuration, key, entry);
  }

  #handOver(configuration: CacheConfiguration, key: string, entry: CacheEntry): unknown {
    try {
      return configuration.postprocessing.apply(entry.value);
    } catch (error) {
      throw new PostprocessingFailedError(key, error);
    }
  }

  /** The value of `loading` as the caller shall see it, or its failure. */
  async #answer(call: Call, loading: Promise<CacheEntry>): Promise<unknown> {
    let entry: CacheEntry;
    try {
      entry = await loading;
    } catch (error) {
      throw this.settings.errors === 'original' && CachedMethodFailedError.isInstance(error) ? error.cause : error;
    }
    return this.#handOver(call.configuration, call.key, entry);
  }

  async #join({ key, inFlight }: Call): Promise<CacheEntry> {
    const outcome = inFlight.awaitUpdated(key);
    this.reports.join(key);
    return entryOrThrow(key, await outcome);
  }

  #refreshBehind(call: Call): void {
    if (call.inFlight.isBeingUpdated(call.key)) return;
    const access = new StorageAccess(call.configuration.storage, this.settings, this.reports, 'background');
    // Its failure is an event and a later try; the caller was answered long ago.
    this.#leader.lead({ ...call, access }, 'stale').catch(doNothing);
  }

  async #refreshNext(call: Call): Promise<CacheEntry> {
    const { key, inFlight } = call;
    await inFlight.awaitUpdated(key);
    // Whoever leads by now began after those who wait here had asked.
    if (inFlight.isBeingUpdated(key)) return entryOrThrow(key, await inFlight.awaitUpdated(key));
    return this.#leader.lead(call, 'forced');
  }
}

function entryOrThrow(key: string, outcome: UpdateOutcome): CacheEntry {
  if (!(outcome instanceof Error)) return outcome;
  // The table has failures of its own, such as its lock timeout; they reach those who waited like any failed load (M63).
  throw CachedMethodFailedError.isInstance(outcome) || StorageFailedError.isInstance(outcome)
    ? outcome
    : new CachedMethodFailedError(key, outcome);
}

function doNothing(): void {
  // The failure was reported where it happened.
}
