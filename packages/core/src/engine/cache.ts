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
import { absencesInProcess } from '../loading/absences.js';
import { type LoadsInFlight, loadsInFlightOver } from '../loading/loads-in-flight.js';
import type { UpdateOutcome } from '../loading/update-statuses.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { CacheSettings, Call } from './call.js';
import { EvictionBooks } from './eviction-books.js';
import { countOnce, Leader } from './leader.js';
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
      if (entry !== undefined && this.settings.earlyRefresh === undefined && this.#isFresh(key, entry, storage)) {
        return Promise.resolve(this.#hit(configuration, key, entry));
      }
      return this.#readThrough(this.#call(key, receiver, args), entry);
    } catch (error) {
      // A call never throws: whoever wraps it gets a promise in any case.
      return Promise.reject(error);
    }
  }

  /**
   * Answers a call that has options of its own.
   *
   * @returns rejects with the signal's reason once that fires. The load goes on for others, if there are any.
   */
  async readWith(receiver: unknown, args: readonly unknown[], { signal, refresh }: CallOptions): Promise<unknown> {
    signal?.throwIfAborted();
    if (!this.configuration.configured) throw new NotConfiguredCacheCalledError(this.settings.name);
    const call = this.#call(this.keyOf(args), receiver, args, signal);
    const answer = refresh === true ? this.#refresh(call) : this.#readThrough(call, undefined);
    return signal === undefined ? answer : untilAborted(answer, signal, () => call.waitsFor?.leave());
  }

  /**
   * Loads anew whatever the cache holds, and resolves to a value whose load began after this was called. Several that
   * come during a load share the next one (mends M32).
   */
  refresh(receiver: unknown, args: readonly unknown[]): Promise<unknown> {
    return this.readWith(receiver, args, { refresh: true });
  }

  /** Whether something counts as absent in this process, though the storage may still hold it. */
  isAbsent(storage: CacheStorage, key: string): boolean {
    // Where nothing is absent, which is nearly always, not even the storage's table is looked for.
    if (absencesInProcess.count === 0) return false;
    return this.inFlightOver(storage).absences.includes(key);
  }

  #isFresh(key: string, entry: CacheEntry, storage: CacheStorage): boolean {
    return freshness(entry, this.now(storage)) === 'fresh' && !this.isAbsent(storage, key);
  }

  async #refresh(call: Call): Promise<unknown> {
    const { key, inFlight, access, configuration } = call;
    // A storage that tells the time learns it with its first answer; a refresh would date its entry before any.
    if (configuration.storage.now !== undefined && !this.#leader.asks(configuration.storage)) {
      await access.get(key);
      call.signal?.throwIfAborted();
      // Meanwhile a load may have begun, which those who ask from now on must not share.
      call.asked = inFlight.nextTurn();
    }
    if (!inFlight.isBeingUpdated(key)) return this.#answer(call, this.#leader.lead(call, 'forced'));
    let next = inFlight.nextRefreshes.get(key);
    if (next === undefined) {
      // It is led for all who share it: none of them ends it by leaving.
      const shared = this.#refreshNext({ ...call, signal: undefined }).finally(() => {
        if (inFlight.nextRefreshes.get(key) === shared) inFlight.nextRefreshes.delete(key);
      });
      inFlight.nextRefreshes.set(key, shared);
      next = shared;
    }
    return this.#answer(call, next);
  }

  #call(key: string, receiver: unknown, args: readonly unknown[], signal?: AbortSignal): Call {
    const configuration = snapshotOf(this.configuration);
    const inFlight = this.inFlightOver(configuration.storage);
    return {
      key,
      load: () => Reflect.apply(this.fn, receiver, args) as unknown,
      configuration,
      inFlight,
      access: new StorageAccess(configuration.storage, this.settings, this.reports),
      asked: inFlight.nextTurn(),
      signal,
      counted: false,
      waitsFor: undefined,
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
    const { key, configuration } = call;
    const { storage } = configuration;
    // What was found before an absence ended may be what it hides, so it is looked at before, too.
    const wasAbsent = this.isAbsent(storage, key);
    const entry = peeked ?? (await this.#findLatest(call));
    if (entry !== undefined && !wasAbsent && !this.isAbsent(storage, key)) {
      const now = this.now(storage);
      const judged = freshness(entry, now);
      if (judged === 'fresh') {
        if (this.#isDueEarly(key, entry, now)) this.#refreshBehind(call, entry);
        return this.#hit(configuration, key, entry);
      }
      this.books.markRead(configuration.evictionStrategy, key);
      if (judged === 'stale') {
        this.reports.staleServed(key, entry);
        this.#refreshBehind(call, entry);
        return this.#handOver(configuration, key, entry);
      }
    }
    // Since the storage's answer there was no await, and there is none up to marking: a load that runs now is in the table,
    // and one that ended meanwhile has overtaken the reading (I1, I2).
    return this.#answer(call, this.#load(call, entry));
  }

  #isDueEarly(key: string, entry: CacheEntry, now: number): boolean {
    try {
      return this.settings.earlyRefresh?.isDue(entry, now) === true;
    } catch (error) {
      this.reports.policyFailed(key, 'early-refresh', error);
      return false;
    }
  }

  /** What the storage has; asked again if a load was published while the answer was on its way. */
  async #findLatest(call: Call): Promise<CacheEntry | undefined> {
    const { key, inFlight } = call;
    const reading = inFlight.startReading(key);
    try {
      const entry = await this.#find(call);
      return reading.overtaken ? await this.#find(call) : entry;
    } finally {
      inFlight.endReading(reading);
    }
  }

  /** What the storage has. It throws only for those who asked for that, and then the call has found nothing. */
  async #find(call: Call): Promise<CacheEntry | undefined> {
    try {
      return await call.access.get(call.key);
    } catch (error) {
      countOnce(call, () => this.reports.miss(call.key));
      throw error;
    }
  }

  /** @param found - what the call has found, and what will not do. */
  async #load(call: Call, found: CacheEntry | undefined): Promise<CacheEntry> {
    const { key, inFlight, configuration } = call;
    call.signal?.throwIfAborted();
    if (!inFlight.isBeingUpdated(key)) return this.#leader.lead(call, 'miss', found);
    const joined = await this.#join(call);
    if (joined !== undefined) return joined;
    // What was waited for may be older than an invalidation. It looks again, and joins or leads a load that begins after
    // it has asked, which will answer it in any case.
    const { storage } = configuration;
    const wasAbsent = this.isAbsent(storage, key);
    const entry = await this.#find(call);
    if (entry === undefined || wasAbsent || this.isAbsent(storage, key)) return this.#load(call, undefined);
    return freshness(entry, this.now(storage)) === 'expired' ? this.#load(call, entry) : entry;
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

  /** The outcome of the load in flight; `undefined` if it cannot answer this call. */
  async #join(call: Call): Promise<CacheEntry | undefined> {
    const { key, inFlight, asked } = call;
    const load = inFlight.loadOf(key);
    const outcome = inFlight.awaitUpdated(key);
    load?.enter();
    call.waitsFor = load;
    countOnce(call, () => this.reports.join(key));
    const entry = entryOrThrow(key, await outcome);
    return load === undefined || asked <= load.answersUpTo ? entry : undefined;
  }

  #refreshBehind(call: Call, found: CacheEntry): void {
    const { key, inFlight } = call;
    if (inFlight.isBeingUpdated(key) || inFlight.rests.of(key) !== undefined) return;
    const access = new StorageAccess(call.configuration.storage, this.settings, this.reports, 'background');
    // Its failure is an event and a later try; the caller was answered long ago.
    this.#leader.lead({ ...call, access, asked: inFlight.nextTurn() }, 'stale', found).catch(doNothing);
  }

  /** The entry of the first load that begins after `call` has asked. */
  async #refreshNext(call: Call): Promise<CacheEntry> {
    const { key, inFlight, asked } = call;
    while (inFlight.isBeingUpdated(key)) {
      const load = inFlight.loadOf(key);
      // One that is still to begin will do, and must not be given up when its own callers leave.
      if (load !== undefined && !(load.began !== undefined && load.began <= asked)) load.enter();
      const outcome = await inFlight.awaitUpdated(key);
      if (load?.began !== undefined && load.began > asked) return entryOrThrow(key, outcome);
    }
    return this.#leader.lead(call, 'forced');
  }
}

/** What one call may be told beside its arguments. */
export interface CallOptions {
  /** Ends the wait of this caller: its promise rejects with the signal's reason. A load nobody waits for is given up. */
  readonly signal?: AbortSignal | undefined;
  /** Loads anew whatever the cache holds, as `refresh` does. */
  readonly refresh?: boolean | undefined;
}

/** What `answer` settles to, unless the signal fires first; then `leave` is called. */
function untilAborted<R>(answer: Promise<R>, signal: AbortSignal, leave: () => void): Promise<R> {
  return new Promise<R>((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
      leave();
    };
    // It may have fired within the call itself.
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
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
