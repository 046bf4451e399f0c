import type { CacheConfiguration } from '../configuration/cache-configuration.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { plainEntry } from '../entry/in-memory-entry.js';
import { judgedDeadline } from '../entry/judged-deadline.js';
import { ExpirationTimeoutError, StorageTimeoutError } from '../errors.js';
import { failureIn } from '../loading/failed-entry.js';
import { type Awaitable, isPromise } from '../serde.js';
import { withinDeadline } from '../time/within-deadline.js';
import type { CacheSettings } from './call.js';
import type { Reports } from './reports.js';

/** Whether somebody waits for a judgement; what goes on in the background keeps no process alive (I10). */
type Judging = 'awaited' | 'background';

/**
 * Judges when entries expire where that is not settled once and for all: by functions, and by what stands in the value.
 *
 * What cannot be judged has expired, and that it cannot is an event (mends aquiche Q29). A judgement may wait, but for no
 * longer than a load may take.
 */
export class Judgement {
  readonly #settings: CacheSettings;
  readonly #reports: Reports;
  /** The judgements under way of entries that are kept: all who read an entry meanwhile share one, also one that it asks for. */
  readonly #underWay = new WeakMap<CacheEntry, PromiseLike<number>>();

  constructor(settings: CacheSettings, reports: Reports) {
    this.#settings = settings;
    this.#reports = reports;
  }

  /** Whether the entry says by itself when it expires. */
  isSettled(entry: CacheEntry, { entryBuilder }: CacheConfiguration): boolean {
    return entry.failed === undefined && entryBuilder.deadlineOf === undefined;
  }

  /** A new entry with the deadline that is judged for it, and how long it is kept beyond that. */
  settle(
    key: string,
    entry: CacheEntry,
    configuration: CacheConfiguration,
    by: Judging = 'awaited',
  ): Awaitable<CacheEntry> {
    const judging = this.#judge(key, entry, configuration, by);
    if (judging === undefined) return this.#keptLonger(entry);
    const settled = (deadline: number): CacheEntry =>
      this.#keptLonger({ ...entry, expiresAfter: deadline, judged: deadline });
    return isPromise(judging) ? judging.then(settled) : settled(judging);
  }

  /** The same entry with the deadline that is judged for it now. */
  anew(
    key: string,
    entry: CacheEntry,
    configuration: CacheConfiguration,
    by: Judging = 'awaited',
  ): Awaitable<CacheEntry> {
    if (this.isSettled(entry, configuration)) return entry;
    // Whoever does not ask for remembered failures is not answered with those of others.
    if (entry.failed === true && this.#settings.failure.negative === undefined) return expired(entry);
    if (entry.failed === true && !this.#isJudgedAtReads(configuration)) return entry;
    const judging = this.#judge(key, entry, configuration, by)!;
    const judged = (deadline: number): CacheEntry => ({
      ...plainEntry(entry),
      expiresAfter: judgedDeadline(entry, deadline),
    });
    return isPromise(judging) ? judging.then(judged) : judged(judging);
  }

  /** Of what was thrown a shared storage has a record only, so there it is judged when it is remembered. */
  #isJudgedAtReads({ storage }: CacheConfiguration): boolean {
    return storage.shared === false && this.#settings.failure.negative?.expiration.isJudgedAtReads === true;
  }

  /** Until when an entry is kept that expires at `expiresAfter`. */
  keepUntil(expiresAfter: number): number {
    return expiresAfter + this.#settings.failure.staleIfError;
  }

  #keptLonger(entry: CacheEntry): CacheEntry {
    if (this.#settings.failure.staleIfError === 0 || entry.failed === true) return entry;
    return { ...entry, keepUntil: this.keepUntil(entry.expiresAfter) };
  }

  #judge(
    key: string,
    entry: CacheEntry,
    configuration: CacheConfiguration,
    by: Judging,
  ): Awaitable<number> | undefined {
    const failed = (error: unknown): number => {
      this.#reports.policyFailed(key, 'expiration', error);
      return entry.created;
    };
    try {
      const underWay = this.#underWay.get(entry);
      if (underWay !== undefined) return underWay;
      const judging = this.#deadlineOf(key, entry, configuration);
      if (judging === undefined || !isPromise(judging)) return judging;
      const judged = this.#inTime(key, judging, configuration, by)
        .catch(failed)
        .finally(() => this.#underWay.delete(entry));
      this.#underWay.set(entry, judged);
      return judged;
    } catch (error) {
      return failed(error);
    }
  }

  #deadlineOf(
    key: string,
    entry: CacheEntry,
    { entryBuilder, storage }: CacheConfiguration,
  ): Awaitable<number> | undefined {
    if (entry.failed === undefined) return entryBuilder.deadlineOf?.(entry);
    const item = { value: failureIn(entry, key, storage), lastFetched: entry.created, isError: true };
    return this.#settings.failure.negative?.expiration.deadlineOf(item);
  }

  async #inTime(
    key: string,
    judging: PromiseLike<number>,
    { methodTimeout }: CacheConfiguration,
    by: Judging,
  ): Promise<number> {
    const { clock } = this.#settings;
    const background = by === 'background';
    try {
      return await withinDeadline(
        { milliseconds: methodTimeout, operation: 'expiration', clock, background },
        () => judging,
      );
    } catch (error) {
      throw StorageTimeoutError.isInstance(error) ? new ExpirationTimeoutError(key, methodTimeout) : error;
    }
  }
}

function expired(entry: CacheEntry): CacheEntry {
  return { ...plainEntry(entry), expiresAfter: -Infinity };
}
