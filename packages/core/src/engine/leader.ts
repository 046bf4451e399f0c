import type { CacheEntry } from '../entry/cache-entry.js';
import { entryIn } from '../entry/is-entry.js';
import { CachedMethodFailedError, LoadAbandonedError } from '../errors.js';
import { isOfSingleKey } from '../loading/batched-loads.js';
import { runLoad } from '../loading/load.js';
import type { LoadInFlight } from '../loading/load-in-flight.js';
import { type Awaitable, isPromise } from '../serde.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { type CancelTimer, steadyNow } from '../time/clock.js';
import type { LoadReason } from './cache-event.js';
import type { CacheSettings, Call } from './call.js';
import { type Candidacy, type Elected, Election } from './election.js';
import type { EvictionBooks } from './eviction-books.js';
import { presentMoment } from './present-moment.js';
import type { Reports } from './reports.js';
import type { Published, RightToLoad } from './right-to-load.js';

/** Leads loads: marks the key, runs the function, builds the entry, keeps it, makes room, wakes everyone who waits. */
export class Leader {
  readonly #settings: CacheSettings;
  readonly #books: EvictionBooks;
  readonly #reports: Reports;
  readonly #election: Election;

  constructor(settings: CacheSettings, books: EvictionBooks, reports: Reports) {
    this.#settings = settings;
    this.#books = books;
    this.#reports = reports;
    this.#election = new Election(settings, reports);
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
    await this.#publish(elected.right, candidacy, entry);
    this.#reports.refreshed(call.key, reason, entry);
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
      return await this.#load(call, load, reason);
    } catch (error) {
      const failures = right.failures + 1;
      const rest = load.update.isAttached() ? this.#restAfter(failures, call, error) : undefined;
      const held = await right.giveUp(rest);
      if (held && rest !== undefined) call.inFlight.rests.note(call.key, failures, rest, this.#settings.clock);
      throw error;
    }
  }

  /**
   * For how many milliseconds the fleet leaves a key alone after so many failures in a row. Where nobody else shares the
   * storage, after a load that was given up, and where the source has answered for just this key, the next call tries at
   * once (M45, M46).
   */
  #restAfter(failures: number, { configuration }: Call, error: unknown): number | undefined {
    const { storage } = configuration;
    if (storage.shared === false || !this.asks(storage)) return undefined;
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

  async #load(call: Call, load: LoadInFlight, reason: LoadReason): Promise<CacheEntry> {
    const { key, configuration, inFlight } = call;
    const { clock } = this.#settings;
    const begun = steadyNow(clock);
    const started = presentMoment(clock, configuration.storage);
    // Refreshes that come from now on need a load that begins after this one; those that wait already will join it.
    inFlight.nextRefreshes.delete(key);
    load.began = inFlight.nextTurn();
    this.#reports.loadStarted(key, reason);
    try {
      const value = await runLoad({
        key,
        load,
        call: call.load,
        timeout: configuration.methodTimeout,
        clock,
        background: reason === 'stale',
      });
      // The entry's moments are by the storage's clock, the duration is by ours: neither is mixed with the other.
      const now = presentMoment(clock, configuration.storage);
      const entry = entryIn(configuration.entryBuilder.build(key, value, now));
      this.#reports.loadEnded(key, reason, steadyNow(clock) - begun);
      const etag = call.demand?.etag;
      return etag === undefined ? { ...entry, started } : { ...entry, started, etag };
    } catch (cause) {
      const error = new CachedMethodFailedError(key, cause);
      this.#reports.loadFailed(key, reason, steadyNow(clock) - begun, error);
      throw error;
    }
  }

  /** Offers the entry, unless an invalidation came meanwhile (I3), and lets go what there is no room for. */
  async #publish(right: RightToLoad, { call, load }: Candidacy, entry: CacheEntry): Promise<void> {
    const { key, access, inFlight } = call;
    const { evictionStrategy, storage } = call.configuration;
    load.conclude();
    if (!load.update.isAttached()) {
      this.#reports.declined(key, 'detached');
      await right.giveUp();
      // In a storage of this process, who joined before this invalidation joined before any (I3).
      if (storage.shared === false) load.answersUpTo = Infinity;
      return;
    }
    const published = await right.publish(entry);
    this.#reportDeclined(key, published);
    if (published.became !== 'stored' || !load.update.isAttached()) return;
    inFlight.absences.delete(key, load.began!);
    inFlight.rests.end(key);
    inFlight.published(key);
    await this.#books.markWritten(evictionStrategy, key, entry, access);
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

function doNothing(): void {
  // A timer that only keeps the process alive.
}
