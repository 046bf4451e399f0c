import type { CacheEntry } from '../entry/cache-entry.js';
import { isEntry } from '../entry/is-entry.js';
import { CachedMethodFailedError, InvalidCallError } from '../errors.js';
import { runLoad } from '../loading/load.js';
import type { Update } from '../loading/update-statuses.js';
import type { CancelTimer } from '../time/clock.js';
import type { LoadReason } from './cache-event.js';
import type { CacheSettings, Call } from './call.js';
import type { EvictionBooks } from './eviction-books.js';
import { presentMoment } from './present-moment.js';
import type { Reports } from './reports.js';

/** Leads loads: marks the key, runs the function, builds the entry, keeps it, makes room, wakes everyone who waits. */
export class Leader {
  readonly #settings: CacheSettings;
  readonly #books: EvictionBooks;
  readonly #reports: Reports;

  constructor(settings: CacheSettings, books: EvictionBooks, reports: Reports) {
    this.#settings = settings;
    this.#books = books;
    this.#reports = reports;
  }

  /**
   * Loads for a call and for all who join it. To be called in the same turn in which the table said that nobody does
   * (I1).
   *
   * @returns rejects with `CachedMethodFailedError`, and with `StorageFailedError` for those who asked for that.
   */
  async lead(call: Call, reason: LoadReason): Promise<CacheEntry> {
    const { key, inFlight } = call;
    const update = inFlight.markBeingUpdated(key);
    // Refreshes that come from now on need a load that begins after this one; those that wait already will join it.
    inFlight.nextRefreshes.delete(key);
    if (reason === 'miss') this.#reports.miss(key);
    const rest = reason === 'stale' ? this.#wakeWhenAwaited(call) : doNothing;
    try {
      const entry = await this.#load(call, reason);
      await this.#publish(call, update, entry);
      this.#tellTable(key, () => inFlight.markUpdated(update, entry));
      this.#reports.refreshed(key, reason, entry);
      return entry;
    } catch (caught) {
      const error = caught as Error;
      this.#tellTable(key, () => inFlight.markUpdateAborted(update, error));
      this.#reports.refreshFailed(key, reason, error);
      throw error;
    } finally {
      rest();
    }
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

  async #load(call: Call, reason: LoadReason): Promise<CacheEntry> {
    const { key, configuration } = call;
    const { clock } = this.#settings;
    const started = clock.now();
    this.#reports.loadStarted(key, reason);
    try {
      const value = await runLoad({
        key,
        call: call.load,
        timeout: configuration.methodTimeout,
        clock,
        background: reason === 'stale',
      });
      // The entry's moments are by the storage's clock, the duration is by ours: neither is mixed with the other.
      const now = presentMoment(clock, configuration.storage);
      const entry = entryIn(configuration.entryBuilder.build(key, value, now));
      this.#reports.loadEnded(key, reason, clock.now() - started);
      return entry;
    } catch (cause) {
      const error = new CachedMethodFailedError(key, cause);
      this.#reports.loadFailed(key, reason, clock.now() - started, error);
      throw error;
    }
  }

  /** Offers the entry, unless an invalidation came meanwhile (I3), and lets go what there is no room for. */
  async #publish(call: Call, update: Update, entry: CacheEntry): Promise<void> {
    const { key, access, inFlight } = call;
    const { evictionStrategy } = call.configuration;
    if (!update.isAttached()) {
      this.#reports.declined(key, 'detached');
      return;
    }
    const offered = await access.offer(key, entry, (write) => inFlight.writing(key, write, this.#settings.clock.now()));
    if (offered !== 'stored' || !update.isAttached()) return;
    inFlight.published(key);
    await this.#books.markWritten(evictionStrategy, key, entry, access);
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

function entryIn(built: unknown): CacheEntry {
  if (isEntry(built)) return built;
  throw new InvalidCallError('CacheEntryBuilder.build', 'an entry with created, updateAfter and expiresAfter', built);
}

function doNothing(): void {
  // A timer that only keeps the process alive.
}
