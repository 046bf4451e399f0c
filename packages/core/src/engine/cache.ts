import type { CacheConfiguration } from '../configuration/cache-configuration.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { freshness } from '../entry/freshness.js';
import {
  CachedMethodFailedError,
  NotConfiguredCacheCalledError,
  PostprocessingFailedError,
  StorageFailedError,
} from '../errors.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { CacheableFunction } from '../key/key-extractor.js';
import { runLoad } from '../loading/load.js';
import { type LoadsInFlight, loadsInFlightOver } from '../loading/loads-in-flight.js';
import type { Update, UpdateOutcome, UpdateStatuses } from '../loading/update-statuses.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Clock } from '../time/clock.js';
import type { CacheEventListener, LoadReason } from './cache-event.js';
import { EventReporter } from './event-reporter.js';
import { letVictimsGo, markWritten } from './eviction-rounds.js';
import { snapshotOf } from './policy-snapshot.js';
import { isRefresh, Statistics } from './statistics.js';
import { StorageAccess } from './storage-access.js';

/** What a cache is made of beside its configuration; settled when wrapping. */
export interface CacheSettings {
  /** Name of the function, for events and messages. */
  readonly name: string;
  readonly clock: Clock;
  /** Whether callers get a failure wrapped in `CachedMethodFailedError`, or what the function threw. */
  readonly errors: 'wrapped' | 'original';
  readonly onStorageError: 'bypass' | 'throw';
  readonly onEvent?: CacheEventListener | undefined;
  readonly updateStatuses?: UpdateStatuses | undefined;
}

/** One call and all it needs: its configuration is the one that stood when it came. */
interface Call {
  readonly key: string;
  readonly load: () => unknown;
  readonly configuration: CacheConfiguration;
  readonly inFlight: LoadsInFlight;
  readonly access: StorageAccess;
}

/**
 * The engine: name it, find it, judge it, else load it once, keep it, let something go, hand it over.
 *
 * It knows policies by their interfaces only. The journey of a call is told in ARCHITECTURE.md; the invariants I1 to
 * I11 stand there, too.
 */
export class Cache {
  readonly fn: CacheableFunction;
  readonly settings: CacheSettings;
  readonly statistics = new Statistics();
  readonly reporter: EventReporter;
  readonly #configuration: CacheConfiguration;

  constructor(fn: CacheableFunction, configuration: CacheConfiguration, settings: CacheSettings) {
    this.fn = fn;
    this.#configuration = configuration;
    this.settings = settings;
    this.reporter = new EventReporter(settings.name, settings.onEvent);
  }

  /** The configuration as it stands now. */
  get configuration(): CacheConfiguration {
    return this.#configuration;
  }

  /** The key of a call. @throws what the key extractor throws: the call itself is at fault. */
  keyOf(args: readonly unknown[]): string {
    return this.#configuration.keyExtractor.formatKey(this.fn, args);
  }

  /** What is under way over the storage as it is configured now. */
  inFlightOver(storage: CacheStorage): LoadsInFlight {
    return loadsInFlightOver(storage, this.settings.updateStatuses);
  }

  /**
   * Answers a call from the cache, or by one load that all who ask meanwhile share.
   *
   * Not an `async` function: a hit on a storage that can `peek` is answered in this very turn, and costs one promise.
   */
  read(receiver: unknown, args: readonly unknown[]): Promise<unknown> {
    const configuration = this.#configuration;
    try {
      if (!configuration.configured) throw new NotConfiguredCacheCalledError(this.settings.name);
      const key = configuration.keyExtractor.formatKey(this.fn, args);
      const entry = this.#peek(configuration.storage, key);
      if (entry !== undefined && freshness(entry, this.settings.clock.now()) === 'fresh') {
        this.#markRead(configuration.evictionStrategy, key);
        this.#countHit(key, entry);
        return Promise.resolve(this.#handOver(configuration, key, entry));
      }
      return this.#readThrough(this.#call(key, receiver, args), entry);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /**
   * Loads anew whatever the cache holds, and resolves to a value whose load began after this was called. Several that
   * come during a load share the next one (mends M32).
   */
  async refresh(receiver: unknown, args: readonly unknown[]): Promise<unknown> {
    if (!this.#configuration.configured) throw new NotConfiguredCacheCalledError(this.settings.name);
    const call = this.#call(this.keyOf(args), receiver, args);
    const { key, inFlight } = call;
    if (!inFlight.statuses.isBeingUpdated(key)) return this.#answer(call, this.#lead(call, 'forced'));
    let next = inFlight.nextRefreshes.get(key);
    if (next === undefined) {
      next = this.#refreshNext(call);
      inFlight.nextRefreshes.set(key, next);
    }
    return this.#answer(call, next);
  }

  #call(key: string, receiver: unknown, args: readonly unknown[]): Call {
    const configuration = snapshotOf(this.#configuration);
    return {
      key,
      load: () => Reflect.apply(this.fn, receiver, args as never[]),
      configuration,
      inFlight: this.inFlightOver(configuration.storage),
      access: this.#accessTo(configuration.storage),
    };
  }

  #accessTo(storage: CacheStorage): StorageAccess {
    return new StorageAccess(storage, this.settings.clock, this.reporter, this.statistics, this.settings);
  }

  #peek(storage: CacheStorage, key: string): CacheEntry | undefined {
    try {
      return storage.peek?.(key);
    } catch {
      // `get` meets the same fault, and has the place to report it.
      return undefined;
    }
  }

  async #readThrough(call: Call, peeked: CacheEntry | undefined): Promise<unknown> {
    const { key, configuration, inFlight } = call;
    const entry = peeked ?? (await call.access.get(key));
    if (entry !== undefined) {
      this.#markRead(configuration.evictionStrategy, key);
      const judged = freshness(entry, this.settings.clock.now());
      if (judged === 'fresh') {
        this.#countHit(key, entry);
        return this.#handOver(configuration, key, entry);
      }
      if (judged === 'stale') {
        this.#countStaleHit(key, entry);
        this.#refreshBehind(call);
        return this.#handOver(configuration, key, entry);
      }
    }
    // From here to marking there is no await (I1); the table is asked only now, after the storage has answered (I2).
    if (inFlight.statuses.isBeingUpdated(key)) return this.#answer(call, this.#join(call));
    this.statistics.misses++;
    if (this.reporter.listening) this.reporter.report({ type: 'miss', key });
    return this.#answer(call, this.#lead(call, 'miss'));
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

  #handOver(configuration: CacheConfiguration, key: string, entry: CacheEntry): unknown {
    try {
      return configuration.postprocessing.apply(entry.value);
    } catch (error) {
      throw new PostprocessingFailedError(key, error);
    }
  }

  async #join(call: Call): Promise<CacheEntry> {
    const outcome = call.inFlight.statuses.awaitUpdated(call.key);
    this.statistics.joins++;
    if (this.reporter.listening) this.reporter.report({ type: 'join', key: call.key });
    return entryOrThrow(call.key, await outcome);
  }

  #refreshBehind(call: Call): void {
    if (call.inFlight.statuses.isBeingUpdated(call.key)) return;
    // Its failure is an event and a later try; the caller was answered long ago.
    this.#lead(call, 'stale').catch(doNothing);
  }

  async #refreshNext(call: Call): Promise<CacheEntry> {
    const { key, inFlight } = call;
    await inFlight.statuses.awaitUpdated(key);
    inFlight.nextRefreshes.delete(key);
    // Whoever leads by now began after those who wait here had asked.
    if (inFlight.statuses.isBeingUpdated(key)) return entryOrThrow(key, await inFlight.statuses.awaitUpdated(key));
    return this.#lead(call, 'forced');
  }

  /** Marks the key and loads; called in the same turn in which the table said that nobody does. */
  async #lead(call: Call, reason: LoadReason): Promise<CacheEntry> {
    const update = call.inFlight.statuses.markBeingUpdated(call.key);
    try {
      const entry = await this.#load(call, reason);
      await this.#publish(call, update, entry);
      this.#endUpdate(call, () => call.inFlight.statuses.markUpdated(update, entry));
      this.#reportRefreshed(call.key, reason, entry);
      return entry;
    } catch (caught) {
      const error = caught as Error;
      this.#endUpdate(call, () => call.inFlight.statuses.markUpdateAborted(update, error));
      this.#reportRefreshFailed(call.key, reason, error);
      throw error;
    }
  }

  /** Runs the function and builds the entry. @throws CachedMethodFailedError */
  async #load(call: Call, reason: LoadReason): Promise<CacheEntry> {
    const { key, configuration } = call;
    const { clock } = this.settings;
    const started = clock.now();
    this.statistics.loads++;
    if (this.reporter.listening) this.reporter.report({ type: 'load-started', key, reason });
    try {
      const value = await runLoad({
        key,
        call: call.load,
        timeout: configuration.methodTimeout,
        clock,
        background: reason === 'stale',
      });
      const now = clock.now();
      const entry = configuration.entryBuilder.build(key, value, now);
      if (this.reporter.listening) this.reporter.report({ type: 'load-ended', key, reason, duration: now - started });
      return entry;
    } catch (cause) {
      const error = new CachedMethodFailedError(key, cause);
      this.statistics.loadFailures++;
      if (this.reporter.listening) {
        this.reporter.report({ type: 'load-failed', key, reason, duration: clock.now() - started, error });
      }
      throw error;
    }
  }

  /** Offers the entry, unless an invalidation came meanwhile (I3), and lets go what there is no room for. */
  async #publish(call: Call, update: Update, entry: CacheEntry): Promise<void> {
    const { key, access, configuration, inFlight } = call;
    if (!update.attached) return access.reportDeclined(key, 'detached');
    const offered = await inFlight.publishing(key, access.offer(key, entry));
    if (offered === 'stored' && update.attached) this.#makeRoom(configuration, key, entry);
  }

  #makeRoom({ evictionStrategy, storage }: CacheConfiguration, key: string, entry: CacheEntry): void {
    const access = this.#accessTo(storage);
    try {
      markWritten(evictionStrategy, key, entry);
    } catch (error) {
      this.#reportPolicyFailure('eviction', key, error);
    }
    // Not awaited: the caller has no interest in what goes. Its failures are events.
    letVictimsGo({
      strategy: evictionStrategy,
      release: (victim) => access.release(victim),
      evicted: (victim) => {
        this.statistics.evictions++;
        if (this.reporter.listening) this.reporter.report({ type: 'evicted', key: victim });
      },
    }).catch((error: unknown) => this.#reportPolicyFailure('eviction', key, error));
  }

  /** Tells the table; that it cannot be told must not become the failure of a load that went well (mends M44). */
  #endUpdate(call: Call, end: () => void): void {
    try {
      end();
    } catch (error) {
      this.#reportPolicyFailure('update-statuses', call.key, error);
    }
  }

  #markRead(strategy: EvictionStrategy, key: string): void {
    try {
      strategy.markRead(key);
    } catch (error) {
      this.#reportPolicyFailure('eviction', key, error);
    }
  }

  #countHit(key: string, entry: CacheEntry): void {
    this.statistics.hits++;
    if (this.reporter.listening) this.reporter.report({ type: 'hit', key, entry });
  }

  #countStaleHit(key: string, entry: CacheEntry): void {
    this.statistics.hits++;
    this.statistics.staleHits++;
    if (this.reporter.listening) this.reporter.report({ type: 'stale-served', key, entry });
  }

  #reportRefreshed(key: string, reason: LoadReason, entry: CacheEntry): void {
    if (!isRefresh(reason)) return;
    this.statistics.refreshes++;
    if (this.reporter.listening) this.reporter.report({ type: 'refreshed', key, entry });
  }

  #reportRefreshFailed(key: string, reason: LoadReason, error: Error): void {
    if (!isRefresh(reason)) return;
    this.statistics.refreshFailures++;
    // A forced refresh rejects to its caller; of one in the background nobody else would hear.
    if (reason === 'stale') this.reporter.reportFault({ type: 'refresh-failed', key, error });
    else if (this.reporter.listening) this.reporter.report({ type: 'refresh-failed', key, error });
  }

  #reportPolicyFailure(policy: 'eviction' | 'update-statuses', key: string, cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.reporter.reportFault({ type: 'policy-failed', policy, key, error });
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
