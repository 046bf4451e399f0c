import type { CacheEntry } from '../entry/cache-entry.js';
import { isEntry } from '../entry/is-entry.js';
import {
  describe,
  MissingAbilityError,
  StorageFailedError,
  UnreadableEntryError,
  UnstorableValueError,
} from '../errors.js';
import type { CacheStorage } from '../storage/cache-storage.js';

import type { Clock } from '../time/clock.js';
import { withinDeadline } from '../time/within-deadline.js';
import type { Reports } from './reports.js';

/** What a storage may take of one call where it does not say so itself, in milliseconds. */
const defaultDeadline = 500;

/** How time is told, and what a failure of the storage means for the call. */
export interface StorageFaultPolicy {
  readonly clock: Clock;
  /** `bypass`: only the event tells; `throw`: the call fails, too. */
  readonly onStorageError: 'bypass' | 'throw';
}

/** What became of an entry that a call offered. */
export type Offered = 'stored' | 'declined' | 'failed';

/**
 * One call's way to the storage. It has one deadline for the whole call, and after the first failure it leaves the
 * storage alone: a dead storage costs a call once (DESIGN §3, "failed storage").
 */
export class StorageAccess {
  readonly #storage: CacheStorage;
  readonly #policy: StorageFaultPolicy;
  readonly #reports: Reports;
  /** Milliseconds that this call may still spend on the storage. */
  #left: number;
  #failed = false;
  readonly #background: boolean;

  /** @param awaited - whether a caller waits for it; what goes on in the background keeps no process alive. */
  constructor(
    storage: CacheStorage,
    policy: StorageFaultPolicy,
    reports: Reports,
    awaited: 'awaited' | 'background' = 'awaited',
  ) {
    this.#storage = storage;
    this.#background = awaited === 'background';
    this.#policy = policy;
    this.#reports = reports;
    this.#left = deadlineOf(storage);
  }

  /** The entry under `key`; `undefined` also for what cannot be read, and when the storage fails. */
  async get(key: string): Promise<CacheEntry | undefined> {
    if (this.#failed) return undefined;
    try {
      const answer: unknown = await this.#inTime('get', () => this.#storage.get(key));
      if (answer === undefined || answer === null) return undefined;
      if (!isEntry(answer)) throw new UnreadableEntryError(key, `the storage answered ${describe(answer)}, no entry.`);
      return answer;
    } catch (error) {
      if (UnreadableEntryError.isInstance(error)) this.#reports.unreadable(key, error);
      else this.#reportFailure('get', key, error);
      return undefined;
    }
  }

  /** @param track - is handed the write itself, which may go on after this call has given it up. */
  async offer(key: string, entry: CacheEntry, track: <R>(write: Promise<R>) => Promise<R>): Promise<Offered> {
    if (this.#failed) return 'failed';
    try {
      const result = await this.#inTime('offer', () => track(this.#storage.offer(key, entry)));
      if (result !== 'declined') return 'stored';
      this.#reports.declined(key, 'storage');
      return 'declined';
    } catch (error) {
      if (UnstorableValueError.isInstance(error)) {
        this.#reports.unstorable(key, error);
        return 'declined';
      }
      this.#reportFailure('offer', key, error);
      return 'failed';
    }
  }

  /** Resolves to whether the storage let `key` go. A failure never reaches the call that needed the room. */
  async release(key: string): Promise<boolean> {
    try {
      await this.#inTime('release', () => this.#storage.release(key));
      return true;
    } catch (error) {
      this.#count('release', key, error);
      return false;
    }
  }

  #reportFailure(operation: string, key: string, cause: unknown): void {
    this.#failed = true;
    const error = this.#count(operation, key, cause);
    if (this.#policy.onStorageError === 'throw') throw error;
  }

  #count(operation: string, key: string, cause: unknown): Error {
    const error = asStorageFailure(operation, key, cause);
    this.#reports.storageFailed(key, operation, error);
    return error;
  }

  async #inTime<R>(operation: string, attempt: () => Promise<R>): Promise<R> {
    const started = this.#policy.clock.now();
    try {
      return await withinDeadline(
        { milliseconds: this.#left, operation, clock: this.#policy.clock, background: this.#background },
        attempt,
      );
    } finally {
      this.#left = Math.max(0, this.#left - (this.#policy.clock.now() - started));
    }
  }
}

/**
 * Runs an operation that was asked for by name, such as `delete`: it has the storage's deadline, and says so when it
 * could not be carried out.
 *
 * @throws StorageFailedError
 */
export async function insist<R>(
  storage: CacheStorage,
  clock: Clock,
  operation: string,
  key: string | undefined,
  attempt: () => Promise<R>,
  deadline: number = deadlineOf(storage),
): Promise<R> {
  try {
    return await withinDeadline({ milliseconds: deadline, operation, clock }, attempt);
  } catch (error) {
    throw asStorageFailure(operation, key, error);
  }
}

/** The entry of `key`; none where what is there cannot be read, which is no reason to leave it there. */
export async function readableEntry(storage: CacheStorage, key: string): Promise<CacheEntry | undefined> {
  try {
    const answer: unknown = await storage.get(key);
    return isEntry(answer) ? answer : undefined;
  } catch (error) {
    if (UnreadableEntryError.isInstance(error)) return undefined;
    throw error;
  }
}

/** A storage that states no sensible deadline has the usual one. */
function deadlineOf({ deadline }: CacheStorage): number {
  return typeof deadline === 'number' && deadline >= 0 ? deadline : defaultDeadline;
}

function asStorageFailure(operation: string, key: string | undefined, cause: unknown): Error {
  // What a storage cannot do at all is no failure of it.
  if (StorageFailedError.isInstance(cause) || MissingAbilityError.isInstance(cause)) return cause;
  return new StorageFailedError(operation, key, cause);
}
