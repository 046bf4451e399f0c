import type { CacheEntry } from '../entry/cache-entry.js';
import { EntryTable } from '../entry/entry-table.js';
import { plainEntry } from '../entry/in-memory-entry.js';
import { judgedDeadline } from '../entry/judged-deadline.js';
import { ReentrantCallError, UnexpectedPromiseError } from '../errors.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { ExpirationPolicy } from '../expiration/expiration.js';
import type { FailureSettings } from './call.js';
import { EvictionBooks, type Keeping, mostReleasesAtOnce, noteRead, noteWritten } from './eviction-books.js';
import type { Reports } from './reports.js';
import { atOnce } from './unexpected-promise.js';

/** What the entries of a synchronous function are kept by. */
export interface SyncEntriesSettings {
  /** Name of the function, for messages. */
  readonly name: string;
  readonly expiration: ExpirationPolicy;
  readonly evictionStrategy: EvictionStrategy;
  readonly failure: FailureSettings;
}

/** What an entry is made from: a value, or a failure to be remembered. */
export type Result = Pick<CacheEntry, 'value' | 'created' | 'failed' | 'etag'>;

/**
 * The entries of one synchronous function: a table, the deadlines that are judged anew at each look, and the books of an
 * eviction strategy.
 */
export class SyncEntries {
  readonly #settings: SyncEntriesSettings;
  readonly #reports: Reports;
  readonly #books: EvictionBooks;
  readonly #entries: EntryTable;
  readonly #keeping: Keeping;
  /** The keys of entries that are being judged now: what judges them may call the function. */
  readonly #judging = new Set<string>();

  constructor(settings: SyncEntriesSettings, reports: Reports) {
    this.#settings = settings;
    this.#reports = reports;
    this.#books = new EvictionBooks(reports);
    const storage: { slots?: EntryTable } = {};
    this.#entries = storage.slots = new EntryTable(storage);
    this.#keeping = { storage, evictionStrategy: settings.evictionStrategy };
  }

  /** How many there are, expired ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** The entry of `key` with the deadline that holds for it now, and that may have passed. */
  find(key: string): CacheEntry | undefined {
    const entry = this.#entries.get(key);
    // Where a deadline was settled for good, a look costs no more than this.
    return entry?.judged === undefined ? entry : this.#judgedAnew(key, entry);
  }

  /** The entry of `key`, if that says itself when it expires. */
  peek(key: string): CacheEntry | undefined {
    const entry = this.#entries.get(key);
    return entry?.judged === undefined ? entry : undefined;
  }

  /** Tells the eviction strategy that an entry was found. @throws what the strategy throws. */
  noteRead(key: string, entry: CacheEntry): void {
    noteRead(this.#keeping, key, entry);
  }

  /** Tells the eviction strategy that an entry was found, expired or not. */
  markRead(key: string, entry: CacheEntry): void {
    this.#books.markRead(this.#keeping, key, entry);
  }

  /**
   * Makes an entry, with the deadline that is judged for it now. It is not kept yet.
   *
   * @throws UnexpectedPromiseError
   */
  make(key: string, result: Result): CacheEntry {
    const expiresAfter = this.#deadlineOf(key, result);
    const entry = { ...result, updateAfter: Infinity, expiresAfter };
    return this.#policyFor(result).isJudgedAtReads ? { ...entry, judged: expiresAfter } : entry;
  }

  /** Keeps an entry, and lets go what there is no room for. */
  keep(key: string, entry: CacheEntry): void {
    this.#entries.set(key, this.#entries.lean(key, entry));
    const isNoted = this.#isNoted(key, entry);
    try {
      this.#makeRoom();
    } catch (error) {
      // That it fails has been said for this entry, if it could not note it.
      if (isNoted) this.#reports.policyFailed(key, 'eviction', error);
    }
  }

  #isNoted(key: string, entry: CacheEntry): boolean {
    try {
      noteWritten(this.#keeping, key, entry);
      return true;
    } catch (error) {
      this.#reports.policyFailed(key, 'eviction', error);
      return false;
    }
  }

  #makeRoom(): void {
    const { evictionStrategy } = this.#settings;
    for (let count = 0; count < mostReleasesAtOnce; count++) {
      const victim = evictionStrategy.nextToRelease();
      if (victim === undefined) return;
      this.release(victim);
      this.#reports.evicted(victim);
    }
  }

  /** Lets the entry of `key`, which is there, expire at another moment. */
  changeDeadline(key: string, expiresAfter: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#entries.set(key, { ...plainEntry(entry), expiresAfter });
  }

  release(key: string): void {
    this.#entries.delete(key);
    this.#books.markReleased(this.#settings.evictionStrategy, key);
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.release(key);
  }

  /** Until when an entry is of use: where a load fails, it may be served beyond its expiry. */
  isOfUse({ expiresAfter, failed }: CacheEntry, now: number): boolean {
    return now < (failed === true ? expiresAfter : expiresAfter + this.#settings.failure.staleIfError);
  }

  /** Takes away what is of no use any more. @returns how many entries. */
  removeExpired(now: number): number {
    let removed = 0;
    // What judges entries may call the function, which keeps more of them.
    for (const key of [...this.#entries.keys()]) {
      const entry = this.find(key);
      if (entry === undefined || this.isOfUse(entry, now)) continue;
      this.release(key);
      removed++;
    }
    return removed;
  }

  #judgedAnew(key: string, entry: CacheEntry): CacheEntry {
    const expiresAfter = judgedDeadline(entry, this.#deadlineOrExpired(key, entry));
    return expiresAfter === entry.expiresAfter ? entry : { ...entry, expiresAfter };
  }

  #deadlineOrExpired(key: string, entry: CacheEntry): number {
    try {
      return this.#deadlineOf(key, entry);
    } catch {
      // A new entry would be judged by the same function, and then the caller hears of the promise.
      return entry.created;
    }
  }

  /**
   * From when on it has expired. What cannot be judged has expired already, and that it cannot is an event (mends aquiche
   * Q29).
   *
   * @throws UnexpectedPromiseError
   */
  #deadlineOf(key: string, result: Result): number {
    try {
      return this.#judge(key, result);
    } catch (error) {
      this.#reports.policyFailed(key, 'expiration', error);
      if (UnexpectedPromiseError.isInstance(error)) throw error;
      return result.created;
    }
  }

  #judge(key: string, result: Result): number {
    const { name } = this.#settings;
    if (this.#judging.has(key)) throw new ReentrantCallError(name, key);
    this.#judging.add(key);
    try {
      const { value, created, failed = false } = result;
      const option = failed ? 'negative.expireAfter' : 'expireAfter';
      const deadline = this.#policyFor(result).deadlineOf({ value, lastFetched: created, isError: failed });
      return atOnce(deadline, name, key, option);
    } finally {
      this.#judging.delete(key);
    }
  }

  #policyFor({ failed }: Result): ExpirationPolicy {
    const { expiration, failure } = this.#settings;
    return failed === true && failure.negative !== undefined ? failure.negative.expiration : expiration;
  }
}
