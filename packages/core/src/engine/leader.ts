import type { CacheEntry } from '../entry/cache-entry.js';
import { slotsOf } from '../entry/entry-slot.js';
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
import { presentMoment, recentMoment } from './present-moment.js';
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

/** A load that is running. */
interface Loading {
  readonly call: Call;
  readonly load: LoadInFlight;
  readonly reason: LoadReason;
  readonly resources: ResourcePolicy | undefined;
  /** By `steadyNow`, where somebody wants to hear how long it takes. */
  readonly begun: number;
  /** By the clock that entries are judged by, epoch milliseconds. */
  readonly started: number;
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
   * Not an `async` function, nor is anything on the way of a load that goes well: what a storage of this process does it does
   * at once, so that a miss waits for the load and for little else.
   *
   * @param found - the entry that the call has found and that will not do.
   * @returns rejects with `CachedMethodFailedError`, and with `StorageFailedError` for those who asked for that.
   */
  lead(call: Call, reason: LoadReason, found?: CacheEntry): Promise<CacheEntry> {
    const { key, inFlight } = call;
    try {
      const load = inFlight.begin(key);
      load.etag = call.demand?.etag;
      load.enter();
      call.waitsFor = load;
      const rest = reason === 'stale' ? this.#wakeWhenAwaited(call) : doNothing;
      return this.#obtain({ call, load, reason, found }).then(
        (entry) => {
          this.#tellTable(key, () => inFlight.end(key, load, entry));
          rest();
          return entry;
        },
        (error: Error) => {
          this.#tellTable(key, () => inFlight.end(key, load, error));
          this.#reports.refreshFailed(key, reason, error);
          rest();
          throw error;
        },
      );
    } catch (error) {
      return Promise.reject(error);
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
    const loading = this.#begin(call, load, 'miss', by === 'alone' ? this.#resources : undefined);
    try {
      return await this.#entryOf(loading, await this.#valueOf(loading));
    } catch (cause) {
      throw this.#failureOf(loading, cause);
    }
  }

  #obtain(candidacy: Candidacy): Promise<CacheEntry> {
    try {
      const electing = this.#elect(candidacy);
      // Where nothing has to be waited for, the load begins in the turn of the call.
      if (!isPromise(electing)) return this.#goOn(electing, candidacy);
      return Promise.resolve(electing).then((elected) => this.#goOn(elected, candidacy));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #goOn(elected: Elected, { call, load, reason }: Candidacy): Promise<CacheEntry> {
    if ('entry' in elected) {
      if (reason === 'miss') countOnce(call, () => this.#reports.join(call.key));
      return Promise.resolve(elected.entry);
    }
    if (reason === 'miss') countOnce(call, () => this.#reports.miss(call.key));
    const { right } = elected;
    try {
      load.throwIfAbandoned();
    } catch (error) {
      return this.#keepFailure(right, call, load, reason, error as Error);
    }
    const loading = this.#begin(call, load, reason, this.#resources);
    return this.#valueOf(loading).then(
      (value) => this.#keepValue(right, loading, value),
      (cause: unknown) => this.#keepFailure(right, call, load, reason, this.#failureOf(loading, cause)),
    );
  }

  #keepValue(right: RightToLoad, loading: Loading, value: unknown): Awaitable<CacheEntry> {
    const { call, load, reason } = loading;
    const failed = (cause: unknown): Promise<CacheEntry> =>
      this.#keepFailure(right, call, load, reason, this.#failureOf(loading, cause));
    let making: Awaitable<CacheEntry>;
    try {
      making = this.#entryOf(loading, value);
    } catch (cause) {
      return failed(cause);
    }
    const keep = (entry: CacheEntry): Awaitable<CacheEntry> => this.#keepAndTell(right, loading, entry);
    return isPromise(making) ? Promise.resolve(making).then(keep, failed) : keep(making);
  }

  #keepAndTell(right: RightToLoad, { call, load, reason }: Loading, entry: CacheEntry): Awaitable<CacheEntry> {
    const told = (): CacheEntry => {
      this.#reports.refreshed(call.key, reason, entry);
      return entry;
    };
    const keeping = this.#keep(right, call, load, entry);
    return keeping === undefined ? told() : keeping.then(told);
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

  /** What is done when a load has failed: it is remembered, or the key rests. @returns rejects with `error` where it is not remembered. */
  async #keepFailure(
    right: RightToLoad,
    call: Call,
    load: LoadInFlight,
    reason: LoadReason,
    error: Error,
  ): Promise<CacheEntry> {
    const remembered = load.update.isAttached() ? await this.#remembered(call, error) : undefined;
    if (remembered !== undefined) {
      this.#reports.refreshFailed(call.key, reason, error);
      await this.#keep(right, call, load, remembered);
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
  #begin(call: Call, load: LoadInFlight, reason: LoadReason, resources: ResourcePolicy | undefined): Loading {
    const { key, configuration, inFlight } = call;
    const { clock } = this.#settings;
    const begun = this.#reports.isHeard ? steadyNow(clock) : 0;
    const started = recentMoment(clock, configuration.storage);
    // Refreshes that come from now on need a load that begins after this one; those that wait already will join it.
    if (inFlight.nextRefreshes.size > 0) inFlight.nextRefreshes.delete(key);
    load.began = inFlight.nextTurn();
    this.#reports.loadStarted(key, reason);
    return { call, load, reason, resources, begun, started };
  }

  /** What the function answers; where there are resources, what they have taken of it. */
  #valueOf({ call, load, reason, resources }: Loading): Promise<unknown> {
    return resources === undefined
      ? this.#run(call, load, reason, call.load)
      : this.#runAndTake(call, load, reason, resources);
  }

  /** The entry for what the function has answered. @throws what the policies throw that make it. */
  #entryOf({ call, reason, resources, begun, started }: Loading, value: unknown): Awaitable<CacheEntry> {
    const { key, configuration } = call;
    const entry = resources === undefined ? this.#build(call, value) : this.#buildWithResource(call, value as Taken);
    if (this.#reports.isHeard) this.#reports.loadEnded(key, reason, steadyNow(this.#settings.clock) - begun);
    const by = reason === 'stale' ? 'background' : 'awaited';
    return this.#judgement.settle(key, this.#dated(entry, call, started), configuration, by);
  }

  #failureOf({ call, reason, begun }: Loading, cause: unknown): CachedMethodFailedError {
    const error = new CachedMethodFailedError(call.key, cause);
    this.#reports.loadFailed(call.key, reason, steadyNow(this.#settings.clock) - begun, error);
    return error;
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
  #runAndTake(call: Call, load: LoadInFlight, reason: LoadReason, resources: ResourcePolicy): Promise<unknown> {
    const { key } = call;
    const loadAndTake = async (): Promise<Taken> => {
      const value = await call.load();
      if (!load.isGivenUp) return resources.take(key, value);
      resources.discard(key, value);
      throw new LoadAbandonedError(key);
    };
    return this.#run(call, load, reason, loadAndTake, letGoTaken);
  }

  #buildWithResource(call: Call, { value, resource }: Taken): CacheEntry {
    try {
      return { ...this.#build(call, value), resource };
    } catch (error) {
      resource.left('declined');
      throw error;
    }
  }

  /**
   * Offers the entry, unless an invalidation came meanwhile (I3), lets go what there is no room for, and what its value keeps
   * open if it is not kept. `undefined`: that has been done.
   */
  #keep(right: RightToLoad, call: Call, load: LoadInFlight, entry: CacheEntry): Promise<void> | undefined {
    load.conclude();
    if (!load.update.isAttached()) return this.#dropDetached(right, call, load, entry);
    const { storage } = call.configuration;
    const offered = slotsOf(storage)?.lean(call.key, entry) ?? entry;
    const publishing = right.publish(offered);
    if (!isPromise(publishing)) return this.#settle(publishing, call, load, offered);
    return Promise.resolve(publishing).then(
      (published) => this.#settle(published, call, load, offered),
      (error: unknown) => {
        entry.resource?.left('declined');
        throw error;
      },
    );
  }

  async #dropDetached(
    right: RightToLoad,
    { key, configuration }: Call,
    load: LoadInFlight,
    entry: CacheEntry,
  ): Promise<void> {
    try {
      this.#reports.declined(key, 'detached');
      await right.giveUp();
      // In a storage of this process, who joined before this invalidation joined before any (I3).
      if (configuration.storage.shared === false) load.answersUpTo = Infinity;
    } finally {
      entry.resource?.left('declined');
    }
  }

  /** Draws the conclusions from what became of an offered entry. */
  #settle(published: Published, call: Call, load: LoadInFlight, entry: CacheEntry): Promise<void> | undefined {
    const { key, access, inFlight } = call;
    this.#reportDeclined(key, published);
    if (published.became !== 'stored') {
      letGoUnkept(entry, published);
      return undefined;
    }
    // What has been invalidated since is taken away by whoever did that.
    if (!load.update.isAttached()) return undefined;
    inFlight.absences.delete(key, load.began!);
    inFlight.rests.end(key);
    inFlight.published(key);
    const noting = this.#books.markWritten(call.configuration, key, entry, access);
    return noting === undefined ? undefined : Promise.resolve(noting);
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

/** What an entry keeps open that is not kept; if its write was given up, once it is known that it was not carried out. */
function letGoUnkept({ resource }: CacheEntry, published: Published): void {
  if (resource === undefined) return;
  const letGo = (): void => resource.left('declined');
  const write = published.became === 'failed' ? published.write : undefined;
  if (write === undefined) letGo();
  else write.then((result) => (result === 'declined' ? letGo() : undefined), letGo);
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
