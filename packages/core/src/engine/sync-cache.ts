import type { CacheEntry } from '../entry/cache-entry.js';
import { type Demand, judge } from '../entry/demand.js';
import type { Demands } from '../entry/demands.js';
import {
  CachedMethodFailedError,
  PostprocessingFailedError,
  RecentlyFailedError,
  ReentrantCallError,
  UnexpectedPromiseError,
} from '../errors.js';
import type { CacheableFunction } from '../key/key-extractor.js';
import { callWithRetries, type RetryPolicy } from '../loading/retry.js';
import type { Postprocessing } from '../postprocessing/postprocessing.js';
import { recentNow, steadyNow } from '../time/clock.js';
import type { LoadReason } from './cache-event.js';
import type { CacheSettings } from './call.js';
import type { Expiry } from './expiry.js';
import { type FailureRest, FailureRests } from './failure-rests.js';
import { isKeptFor } from './kept-entry.js';
import { Reports } from './reports.js';
import { type Result, SyncEntries, type SyncEntriesSettings } from './sync-entries.js';
import { atOnce } from './unexpected-promise.js';
import { isEnabled, isWorthRemembering } from './user-answers.js';

/** What the cache of a synchronous function is made of; settled when wrapping. */
export interface SyncCacheSettings
  extends
    SyncEntriesSettings,
    Pick<CacheSettings, 'clock' | 'errors' | 'enabled' | 'removeExpiredEvery' | 'demands' | 'onEvent'> {
  readonly postprocessing: Postprocessing;
}

/** One call, and all it needs where it has to load. */
interface SyncCall {
  readonly key: string;
  readonly fn: CacheableFunction;
  readonly receiver: unknown;
  readonly args: readonly unknown[];
  readonly demand: Demand | undefined;
  readonly reason: Extract<LoadReason, 'miss' | 'forced'>;
  /** What is there and will not do. */
  readonly found?: CacheEntry | undefined;
}

/** A load that runs now. */
interface SyncLoad {
  /** By `steadyNow`. */
  readonly begun: number;
  /** Whether its key has not been invalidated since. */
  isAttached: boolean;
}

/**
 * The engine for synchronous functions: name it, find it, judge it, else load it, keep it, let something go, hand it over.
 *
 * It is a twin of `Cache`, and not the same: nothing comes between two lines here, so there are no joins, leases, timeouts
 * and refreshes behind the caller's back, and no storage but a `Map`. What the two say, count and throw is the same, and so
 * are the policies. Only a load itself may call back, for another key (which is recursion), for its own (which would never
 * end), or to invalidate what it loads.
 */
export class SyncCache {
  readonly settings: SyncCacheSettings;
  /** Counts and tells what happens. */
  readonly reports: Reports;
  readonly #entries: SyncEntries;
  readonly #rests: FailureRests;
  /** Whether something has to be asked at each call before an entry is looked for. */
  readonly #asksFirst: boolean;
  /** The loads that run now, each within the one before. */
  readonly #loads = new Map<string, SyncLoad>();
  /** By `steadyNow`. */
  #sweepDue = -Infinity;

  constructor(settings: SyncCacheSettings) {
    this.settings = settings;
    this.reports = new Reports(settings.name, settings.onEvent);
    this.#entries = new SyncEntries(settings, this.reports);
    this.#rests = new FailureRests(settings.clock);
    const { enabled, removeExpiredEvery, demands } = settings;
    this.#asksFirst = [enabled, removeExpiredEvery, demands].some((asked) => asked !== undefined);
  }

  /** How many entries there are, expired ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * The value for a call, where it is there and nothing else has to be asked for; else `noHit`. As `Cache.hit` says, with
   * nothing made at all.
   */
  hit(key: string): unknown {
    if (this.#asksFirst) return noHit;
    const found = this.#entries.peek(key);
    if (found === undefined || found.failed === true) return noHit;
    if (!(recentNow(this.settings.clock) < found.expiresAfter)) return noHit;
    try {
      const value: unknown = this.settings.postprocessing.apply(found.value);
      this.#entries.noteRead(key, found);
      this.reports.hit(key, found);
      return value;
    } catch {
      // The long way meets the same fault, and has the place to report it.
      return noHit;
    }
  }

  /**
   * Answers a call from the cache, or by a load.
   *
   * What would be loaded comes in parts, so that a hit makes nothing but its key: no closure, no object, no promise.
   *
   * @throws CachedMethodFailedError, or what the function threw where that was asked for. ReentrantCallError,
   *   UnexpectedPromiseError, PostprocessingFailedError. What a function among the demands throws.
   */
  read(
    key: string,
    fn: CacheableFunction,
    receiver: unknown,
    args: readonly unknown[],
    demands: Demands | undefined,
  ): unknown {
    if (!isEnabled(this.settings, key, this.reports))
      return this.#passThrough({ key, fn, receiver, args, demand: undefined, reason: 'miss' });
    this.#removeExpiredIfDue();
    const demand = this.demandOf(key, args, demands);
    const found = this.#entries.find(key);
    if (found !== undefined) {
      this.#entries.markRead(key, found);
      if (judge(found, this.now(), demand) !== 'expired') {
        this.reports.hit(key, found);
        return this.#handOver(key, found);
      }
    }
    return this.#load({ key, fn, receiver, args, demand, reason: 'miss', found });
  }

  /** Answers a call by a load, whatever there is. @throws as `read` does. */
  refresh(
    key: string,
    fn: CacheableFunction,
    receiver: unknown,
    args: readonly unknown[],
    demands: Demands | undefined,
  ): unknown {
    if (!isEnabled(this.settings, key, this.reports))
      return this.#passThrough({ key, fn, receiver, args, demand: undefined, reason: 'miss' });
    return this.#load({ key, fn, receiver, args, demand: this.demandOf(key, args, demands), reason: 'forced' });
  }

  /** What a call with these arguments demands. @throws UnexpectedPromiseError, and what the functions among `demands` throw. */
  demandOf(key: string, args: readonly unknown[], demands: Demands | undefined): Demand | undefined {
    const demand = demands?.of(args);
    return demand === undefined ? undefined : atOnce(demand, this.settings.name, key, 'etag');
  }

  /** The present moment, epoch milliseconds. */
  now(): number {
    return this.settings.clock.now();
  }

  /** The entry of `key` if a call with this demand would be answered with it. Asking is no hit. */
  findLive(key: string, demand: Demand | undefined): CacheEntry | undefined {
    const found = this.#entries.find(key);
    return found === undefined || judge(found, this.now(), demand) === 'expired' ? undefined : found;
  }

  /** Lets the entry of `key` expire when `expiry` says, if it is live for this demand. @returns whether it was. */
  changeDeadline(key: string, expiry: Expiry, demand: Demand | undefined): boolean {
    if (this.findLive(key, demand) === undefined) return false;
    this.#entries.changeDeadline(key, expiry(this.now()));
    return true;
  }

  /** Puts a value in the place of whatever there is. @throws UnexpectedPromiseError: then nothing has changed. */
  set(key: string, value: unknown, etag: string | undefined): void {
    const now = this.now();
    const entry = this.#entries.make(key, withEtag({ value, created: now }, etag));
    this.#detach(key);
    this.reports.set(key, entry);
    this.#entries.keep(key, entry);
  }

  /** Takes the entry of `key` away. @returns whether it was live. */
  delete(key: string): boolean {
    const wasLive = this.findLive(key, undefined) !== undefined;
    this.#detach(key);
    this.#entries.release(key);
    this.reports.invalidated(key);
    return wasLive;
  }

  /** Takes all entries away. */
  clear(): void {
    for (const load of this.#loads.values()) load.isAttached = false;
    this.#rests.endAll();
    this.#entries.clear();
    this.reports.cleared(wholeScope);
  }

  /** Takes expired entries away. @returns how many. */
  removeExpired(): number {
    const now = this.now();
    const removed = this.#entries.removeExpired(now);
    this.reports.expiredRemoved(wholeScope, removed, now);
    return removed;
  }

  /** No timer does that: it costs the call that comes when it is due, the very first one included (aquiche Q75). */
  #removeExpiredIfDue(): void {
    const { removeExpiredEvery } = this.settings;
    if (removeExpiredEvery === undefined) return;
    const now = steadyNow(this.settings.clock);
    if (now < this.#sweepDue) return;
    // First of all: what judges entries may call the function.
    this.#sweepDue = now + removeExpiredEvery;
    this.removeExpired();
  }

  /** Answers a call as if there were no cache, but for its retries and the shape of its errors. */
  #passThrough(call: SyncCall): unknown {
    const { key } = call;
    const load = this.#newLoad();
    this.reports.miss(key);
    this.reports.loadStarted(key, 'miss');
    let value: unknown;
    try {
      value = this.#call(call);
    } catch (thrown) {
      throw this.#asAsked(this.#failureOf(call, load, thrown));
    }
    this.reports.loadEnded(key, 'miss', this.#durationOf(load));
    return this.#handOver(key, { value });
  }

  /** Answers a call by a load, or with what was found if that fails. */
  #load(call: SyncCall): unknown {
    const { key, reason } = call;
    if (this.#loads.has(key)) throw new ReentrantCallError(this.settings.name, key);
    const load = this.#newLoad();
    this.#loads.set(key, load);
    try {
      if (reason === 'miss') {
        this.reports.miss(key);
        const rest = this.#rests.of(key);
        if (rest !== undefined) return this.#answerDespite(recentFailure(key, rest), call);
      }
      this.reports.loadStarted(key, reason);
      let value: unknown;
      try {
        value = this.#call(call);
      } catch (thrown) {
        return this.#answerFailure(call, load, thrown);
      }
      return this.#answerValue(call, load, value);
    } finally {
      // No method of ours: where recursion went too deep there is no room for one on the stack.
      this.#loads.delete(key);
    }
  }

  /** Calls the function. There is little around that: what is between two calls of a recursive function takes from its depth. */
  #call(call: SyncCall): unknown {
    const value: unknown =
      this.settings.failure.retry === undefined
        ? Reflect.apply(call.fn, call.receiver, call.args)
        : this.#callWithRetries(call, this.settings.failure.retry);
    return atOnce(value, this.settings.name, call.key);
  }

  #callWithRetries({ key, fn, receiver, args }: SyncCall, policy: RetryPolicy): unknown {
    return callWithRetries(() => Reflect.apply(fn, receiver, args) as unknown, {
      policy,
      onRetry: ({ attempt, delay, error }) => this.reports.retry(key, attempt, delay, error),
      onPolicyFailed: (error) => this.reports.policyFailed(key, 'retry', error),
    });
  }

  #answerValue({ key, reason, demand }: SyncCall, load: SyncLoad, value: unknown): unknown {
    const now = this.now();
    this.reports.loadEnded(key, reason, this.#durationOf(load));
    let entry: CacheEntry;
    try {
      entry = this.#entries.make(key, withEtag({ value, created: now }, demand?.etag));
    } catch (error) {
      this.reports.refreshFailed(key, reason, error as Error);
      throw error;
    }
    this.#publish(key, entry, load);
    this.reports.refreshed(key, reason, entry);
    return this.#handOver(key, entry);
  }

  /** Answers a call whose load has failed: by a failure that is remembered from now on, or as well as it can. */
  #answerFailure(call: SyncCall, load: SyncLoad, thrown: unknown): unknown {
    const { key, reason } = call;
    const error = this.#failureOf(call, load, thrown);
    this.reports.refreshFailed(key, reason, error);
    if (!load.isAttached || isMistake(error)) throw this.#asAsked(error);
    const remembered = this.#remembered(call, thrown);
    if (remembered !== undefined) {
      this.#publish(key, remembered, load);
      return this.#handOver(key, remembered);
    }
    this.#restAfterFailure(key);
    return this.#answerDespite(error, call);
  }

  /** Answers a call with what was found, where that may still be served. @throws the error, where it may not. */
  #answerDespite(error: CachedMethodFailedError, call: SyncCall): unknown {
    const { key, found } = call;
    const { staleIfError } = this.settings.failure;
    if (found === undefined || !isKeptFor(found, call, this.now(), staleIfError)) throw this.#asAsked(error);
    this.reports.staleIfError(key, found, error);
    return this.#handOver(key, found);
  }

  /** What the callers of a failed load get. */
  #failureOf({ key, reason }: SyncCall, load: SyncLoad, thrown: unknown): CachedMethodFailedError | Mistake {
    const error = isMistake(thrown) ? thrown : new CachedMethodFailedError(key, thrown);
    this.reports.loadFailed(key, reason, this.#durationOf(load), error);
    return error;
  }

  #newLoad(): SyncLoad {
    return { begun: steadyNow(this.settings.clock), isAttached: true };
  }

  #durationOf({ begun }: SyncLoad): number {
    return steadyNow(this.settings.clock) - begun;
  }

  /** Keeps the entry, unless an invalidation came meanwhile (I3). */
  #publish(key: string, entry: CacheEntry, load: SyncLoad): void {
    if (!load.isAttached) return this.reports.declined(key, 'detached');
    this.#rests.end(key);
    this.#entries.keep(key, entry);
  }

  /** The entry that remembers a failure; `undefined` if it is not to be, or would take the place of a good one. */
  #remembered({ key, demand }: SyncCall, thrown: unknown): CacheEntry | undefined {
    const { failure } = this.settings;
    if (!isWorthRemembering(failure, key, thrown, this.reports) || this.#hasGoodEntry(key)) return undefined;
    const now = this.now();
    try {
      return this.#entries.make(key, withEtag({ value: thrown, created: now, failed: true }, demand?.etag));
    } catch {
      // That nobody can say for how long is an event already, and shall not hide the failure itself.
      return undefined;
    }
  }

  #hasGoodEntry(key: string): boolean {
    const entry = this.#entries.find(key);
    return entry !== undefined && entry.failed !== true && this.#entries.isOfUse(entry, this.now());
  }

  /** Where failures were to be expected, those of one load have been enough for a while. */
  #restAfterFailure(key: string): void {
    const { retry, staleIfError } = this.settings.failure;
    if (retry !== undefined || staleIfError > 0) this.#rests.begin(key);
  }

  #detach(key: string): void {
    const load = this.#loads.get(key);
    if (load !== undefined) load.isAttached = false;
    this.#rests.end(key);
  }

  #handOver(key: string, { value, failed }: Pick<CacheEntry, 'value' | 'failed'>): unknown {
    if (failed === true) return this.#handOverFailure(key, value);
    try {
      return this.settings.postprocessing.apply(value);
    } catch (error) {
      throw new PostprocessingFailedError(key, error);
    }
  }

  #handOverFailure(key: string, thrown: unknown): unknown {
    if (this.settings.failure.negative?.as === 'value') return thrown;
    throw this.#asAsked(new CachedMethodFailedError(key, thrown));
  }

  /** An error as the caller wants it. */
  #asAsked(error: unknown): unknown {
    return this.settings.errors === 'original' && CachedMethodFailedError.isInstance(error) ? error.cause : error;
  }
}

/** Stands for a value that is not there. */
export const noHit = Symbol('no hit');

/** The beginning of all keys of a function that has its entries for itself. */
const wholeScope = '';

function withEtag(result: Result, etag: string | undefined): Result {
  return etag === undefined ? result : { ...result, etag };
}

function recentFailure(key: string, { failures, remaining }: FailureRest): CachedMethodFailedError {
  return new CachedMethodFailedError(key, new RecentlyFailedError(key, failures, remaining));
}

/** The program is wrong, not the source: such an error is neither wrapped, nor tried again, nor remembered. */
type Mistake = ReentrantCallError | UnexpectedPromiseError;

function isMistake(error: unknown): error is Mistake {
  return ReentrantCallError.isInstance(error) || UnexpectedPromiseError.isInstance(error);
}
