import type { CacheEntry } from '../entry/cache-entry.js';
import { entryIn } from '../entry/is-entry.js';
import { CachedMethodFailedError, LoadAbandonedError } from '../errors.js';
import { isOfSingleKey } from '../loading/batched-loads.js';
import { failedEntry } from '../loading/failed-entry.js';
import { runLoad } from '../loading/load.js';
import { LoadInFlight } from '../loading/load-in-flight.js';
import type { Retrying } from '../loading/retry.js';
import type { ResourcePolicy, Taken } from '../resources/resource-policy.js';
import { type Awaitable, isPromise } from '../serde.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { type CancelTimer, steadyNow } from '../time/clock.js';
import type { LoadReason } from './cache-event.js';
import type { CacheSettings, Call } from './call.js';
import { type Candidacy, type Elected, Election } from './election.js';
import type { EvictionBooks } from './eviction-books.js';
import type { Judgement } from './judgement.js';
import { isKeptFor } from './kept-entry.js';
import { presentMoment } from './present-moment.js';
import type { Reports } from './reports.js';
import type { Published, RightToLoad } from './right-to-load.js';
import { isWorthRemembering } from './user-answers.js';

/** What a leader works with. */
export interface LeaderParts {
  readonly books: EvictionBooks;
  readonly judgement: Judgement;
  readonly resources: ResourcePolicy | undefined;
  readonly reports: Reports;
}

/** Leads loads: marks the key, runs the function, builds the entry, keeps it, makes room, wakes everyone who waits. */
export class Leader {
  readonly #settings: CacheSettings;
  readonly #books: EvictionBooks;
  readonly #judgement: Judgement;
  readonly #resources: ResourcePolicy | undefined;
  readonly #reports: Reports;
  readonly #election: Election;

  constructor(settings: CacheSettings, { books, judgement, resources, reports }: LeaderParts) {
    this.#settings = settings;
    this.#books = books;
    this.#judgement = judgement;
    this.#resources = resources;
    this.#reports = reports;
    this.#election = new Election(settings, judgement, reports);
  }

  /** Whether it asks the storage before it loads. */
  asks(storage: CacheStorage): boolean {
    return this.#election.asks(storage);
  }

  /**
   * Loads for a call and for all who join it, or waits for the process that does. To be called in the same turn in which
   * the table said that nobody here does (I1).
   *
   * @param found - the entry that the call has found and that will not do.
   * @returns rejects with `CachedMethodFailedError`, and with `StorageFailedError` for those who asked for that.
   */
  async lead(call: Call, reason: LoadReason, found?: CacheEntry): Promise<CacheEntry> {
    const { key, inFlight } = call;
    const load = inFlight.begin(key);
    load.etag = call.demand?.etag;
    load.enter();
    call.waitsFor = load;
    const rest = reason === 'stale' ? this.#wakeWhenAwaited(call) : doNothing;
    try {
      const entry = await this.#obtain({ call, load, reason, found });
      this.#tellTable(key, () => inFlight.end(key, load, entry));
      return entry;
    } catch (caught) {
      const error = caught as Error;
      this.#tellTable(key, () => inFlight.end(key, load, error));
      this.#reports.refreshFailed(key, reason, error);
      throw error;
    } finally {
      rest();
    }
  }

  /**
   * Loads for a call alone: nobody joins it, and nothing is kept.
   *
   * @param by - `alone`: the entry has a resource, where values keep something open; `through`: it has none.
   * @returns rejects with `CachedMethodFailedError`.
   */
  async loadAlone(call: Call, by: 'alone' | 'through'): Promise<CacheEntry> {
    const { key } = call;
    countOnce(call, () => this.#reports.miss(key));
    const load = new LoadInFlight({ key, isAttached: () => true }, doNothing);
    load.enter();
    call.waitsFor = load;
    return this.#load(call, load, 'miss', by === 'alone' ? this.#resources : undefined);
  }

  async #obtain(candidacy: Candidacy): Promise<CacheEntry> {
    const { call, reason } = candidacy;
    const electing = this.#elect(candidacy);
    // Where nothing has to be waited for, the load begins in the turn of the call.
    const elected = isPromise(electing) ? await electing : electing;
    if ('entry' in elected) {
      if (reason === 'miss') countOnce(call, () => this.#reports.join(call.key));
      return elected.entry;
    }
    if (reason === 'miss') countOnce(call, () => this.#reports.miss(call.key));
    const entry = await this.#loadBy(elected.right, candidacy);
    await this.#keep(elected.right, candidacy, entry);
    if (entry.failed !== true) this.#reports.refreshed(call.key, reason, entry);
    return entry;
  }

  #elect(candidacy: Candidacy): Awaitable<Elected> {
    const failed = (error: unknown): never => {
      const { call, reason } = candidacy;
      if (reason === 'miss') countOnce(call, () => this.#reports.miss(call.key));
      throw error;
    };
    try {
      const elected = this.#election.elect(candidacy);
      return isPromise(elected) ? elected.then(undefined, failed) : elected;
    } catch (error) {
      return failed(error);
    }
  }

  async #loadBy(right: RightToLoad, { call, load, reason }: Candidacy): Promise<CacheEntry> {
    try {
      load.throwIfAbandoned();
      return await this.#load(call, load, reason, this.#resources);
    } catch (caught) {
      const error = caught as Error;
      const remembered = load.update.isAttached() ? await this.#remembered(call, error) : undefined;
      if (remembered !== undefined) {
        this.#reports.refreshFailed(call.key, reason, error);
        return remembered;
      }
      const failures = right.failures + 1;
      const rest = load.update.isAttached() ? this.#restAfter(failures, call, error) : undefined;
      const held = await right.giveUp(rest);
      // An invalidation that has come meanwhile ends the rest, too.
      const isToRest = held && load.update.isAttached();
      if (isToRest && rest !== undefined) call.inFlight.rests.note(call.key, failures, rest, this.#settings.clock);
      throw error;
    }
  }

  /** The entry that remembers a failure; `undefined` if it is not to be, or a good entry is there in whose place it would come. */
  async #remembered(call: Call, error: Error): Promise<CacheEntry | undefined> {
    if (!CachedMethodFailedError.isInstance(error) || LoadAbandonedError.isInstance(error.cause)) return undefined;
    if (!isWorthRemembering(this.#settings.failure, call.key, error.cause, this.#reports)) return undefined;
    if (await this.#hasGoodEntry(call)) return undefined;
    const { key, configuration, demand } = call;
    const now = presentMoment(this.#settings.clock, configuration.storage);
    const entry = failedEntry(error.cause, now, configuration.storage);
    const dated = { ...entry, started: now, ...(demand?.etag !== undefined && { etag: demand.etag }) };
    return this.#judgement.settle(key, dated, configuration);
  }

  /** Whether there is an entry that is still served to some calls, or would be now that the load has failed. */
  async #hasGoodEntry(call: Call): Promise<boolean> {
    const { key, configuration, inFlight } = call;
    if (inFlight.absences.includes(key)) return false;
    try {
      const access = call.access.renewed();
      const found = await access.get(key);
      // What a storage has that fails nobody knows.
      if (found === undefined) return access.hasFailed;
      const entry = await this.#judgement.anew(key, found, configuration);
      const now = presentMoment(this.#settings.clock, configuration.storage);
      return isKeptFor(entry, { demand: undefined }, now, this.#settings.failure.staleIfError);
    } catch {
      // For those who want to be told that the storage has failed.
      return true;
    }
  }

  /**
   * For how many milliseconds the fleet leaves a key alone after so many failures in a row. After a load that was given up,
   * and where the source has answered for just this key, the next call tries at once; where nobody else shares the storage,
   * too (M45, M46), unless failures were to be expected: then those of one load have been enough.
   */
  #restAfter(failures: number, { configuration }: Call, error: unknown): number | undefined {
    const { storage } = configuration;
    const { retry, staleIfError } = this.#settings.failure;
    if (storage.shared === false && retry === undefined && staleIfError === 0) return undefined;
    if (!this.asks(storage)) return undefined;
    if (LoadAbandonedError.isInstance(causeOf(error)) || isOfSingleKey(error)) return undefined;
    const { leaseTime } = this.#settings.coordination;
    return Math.min(leaseTime, (leaseTime / 32) * 2 ** (failures - 1));
  }

  /** A load in the background keeps no process alive, until somebody waits for it (I10). */
  #wakeWhenAwaited({ key, inFlight, configuration }: Call): () => void {
    let stop: CancelTimer | undefined;
    const wakeUp = (): void => {
      stop ??= this.#settings.clock.setTimer(doNothing, configuration.methodTimeout);
    };
    inFlight.wakeUps.set(key, wakeUp);
    return () => {
      stop?.();
      if (inFlight.wakeUps.get(key) === wakeUp) inFlight.wakeUps.delete(key);
    };
  }

  /** @param resources - takes charge of what the value keeps open; `undefined`: nobody does. */
  async #load(
    call: Call,
    load: LoadInFlight,
    reason: LoadReason,
    resources: ResourcePolicy | undefined,
  ): Promise<CacheEntry> {
    const { key, configuration, inFlight } = call;
    const { clock } = this.#settings;
    const begun = steadyNow(clock);
    const started = presentMoment(clock, configuration.storage);
    // Refreshes that come from now on need a load that begins after this one; those that wait already will join it.
    inFlight.nextRefreshes.delete(key);
    load.began = inFlight.nextTurn();
    this.#reports.loadStarted(key, reason);
    try {
      const entry =
        resources === undefined
          ? this.#build(call, await this.#run(call, load, reason, call.load))
          : await this.#loadResource(call, load, reason, resources);
      this.#reports.loadEnded(key, reason, steadyNow(clock) - begun);
      const dated = this.#dated(entry, call, started);
      const settling = this.#judgement.settle(key, dated, configuration);
      return isPromise(settling) ? await settling : settling;
    } catch (cause) {
      const error = new CachedMethodFailedError(key, cause);
      this.#reports.loadFailed(key, reason, steadyNow(clock) - begun, error);
      throw error;
    }
  }

  /**
   * The entry with its origin, as far as anybody will ask for it: when its load began matters to early refreshes and to other
   * processes, and in this one it would take a fifth of an entry's memory.
   */
  #dated(entry: CacheEntry, { demand, configuration }: Call, started: number): CacheEntry {
    const etag = demand?.etag;
    if (etag !== undefined) return { ...entry, started, etag };
    const isAskedFor = configuration.storage.shared !== false || this.#settings.earlyRefresh !== undefined;
    return isAskedFor ? { ...entry, started } : entry;
  }

  #run(
    { key, configuration, pauses }: Call,
    load: LoadInFlight,
    reason: LoadReason,
    run: () => unknown,
    onLate?: (value: unknown) => void,
  ): Promise<unknown> {
    return runLoad({
      key,
      load,
      call: run,
      timeout: configuration.methodTimeout,
      clock: this.#settings.clock,
      background: reason === 'stale',
      retrying: this.#retrying(key),
      pause: reason === 'stale' ? pauses?.background : pauses?.awaited,
      onLate,
    });
  }

  #retrying(key: string): Retrying | undefined {
    const { retry: policy } = this.#settings.failure;
    if (policy === undefined) return undefined;
    return {
      policy,
      onRetry: ({ attempt, delay, error }) => this.#reports.retry(key, attempt, delay, error),
      onPolicyFailed: (error) => this.#reports.policyFailed(key, 'retry', error),
    };
  }

  /** The entry's moments are by the storage's clock, the load's duration is by ours: neither is mixed with the other. */
  #build({ key, configuration }: Call, value: unknown): CacheEntry {
    const now = presentMoment(this.#settings.clock, configuration.storage);
    return entryIn(configuration.entryBuilder.build(key, value, now));
  }

  /** What comes when the load has been given up is closed, and not even opened if it need not be. */
  async #loadResource(
    call: Call,
    load: LoadInFlight,
    reason: LoadReason,
    resources: ResourcePolicy,
  ): Promise<CacheEntry> {
    const { key } = call;
    const loadAndTake = async (): Promise<Taken> => {
      const value = await call.load();
      if (!load.isGivenUp) return resources.take(key, value);
      resources.discard(key, value);
      throw new LoadAbandonedError(key);
    };
    const { value, resource } = (await this.#run(call, load, reason, loadAndTake, letGoTaken)) as Taken;
    try {
      return { ...this.#build(call, value), resource };
    } catch (error) {
      resource.left('declined');
      throw error;
    }
  }

  /** Keeps the entry, or lets go what its value keeps open. */
  async #keep(right: RightToLoad, candidacy: Candidacy, entry: CacheEntry): Promise<void> {
    let isKept = false;
    try {
      isKept = await this.#publish(right, candidacy, entry);
    } finally {
      if (!isKept) entry.resource?.left('declined');
    }
  }

  /**
   * Offers the entry, unless an invalidation came meanwhile (I3), and lets go what there is no room for.
   *
   * @returns whether the storage has kept it.
   */
  async #publish(right: RightToLoad, { call, load }: Candidacy, entry: CacheEntry): Promise<boolean> {
    const { key, access, inFlight } = call;
    const { storage } = call.configuration;
    load.conclude();
    if (!load.update.isAttached()) {
      this.#reports.declined(key, 'detached');
      await right.giveUp();
      // In a storage of this process, who joined before this invalidation joined before any (I3).
      if (storage.shared === false) load.answersUpTo = Infinity;
      return false;
    }
    const published = await right.publish(storage.slots?.lean(key, entry) ?? entry);
    this.#reportDeclined(key, published);
    if (published.became !== 'stored') return false;
    // What has been invalidated since is taken away by whoever did that.
    if (!load.update.isAttached()) return true;
    inFlight.absences.delete(key, load.began!);
    inFlight.rests.end(key);
    inFlight.published(key);
    await this.#books.markWritten(call.configuration, key, entry, access);
    return true;
  }

  #reportDeclined(key: string, published: Published): void {
    switch (published.became) {
      case 'declined':
        return this.#reports.declined(key, 'storage');
      case 'lost':
      case 'unled':
        return this.#reports.declined(key, published.became);
      case 'unstorable':
        return this.#reports.unstorable(key, published.error);
      default:
    }
  }

  /** That the table cannot be told must not become the failure of a load that went well (mends M63). */
  #tellTable(key: string, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#reports.policyFailed(key, 'update-statuses', error);
    }
  }
}

/** Counts a call, unless it has been counted: it may look again after a load that could not answer it. */
export function countOnce(call: Call, count: () => void): void {
  if (call.counted) return;
  call.counted = true;
  count();
}

function causeOf(error: unknown): unknown {
  return CachedMethodFailedError.isInstance(error) ? error.cause : error;
}

function letGoTaken(late: unknown): void {
  const { resource } = late as Taken;
  resource.left('declined');
}

function doNothing(): void {
  // A timer that only keeps the process alive.
}
