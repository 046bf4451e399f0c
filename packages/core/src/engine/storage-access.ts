import type { CacheEntry } from '../entry/cache-entry.js';
import { StorageFailedError, StorageTimeoutError, UnreadableEntryError, UnstorableValueError } from '../errors.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Clock } from '../time/clock.js';
import type { EventReporter } from './event-reporter.js';
import type { Statistics } from './statistics.js';

/** What a storage may take of one call where it does not say so itself, in milliseconds. */
const defaultDeadline = 500;

/** Whom a failure of the storage is told. */
export interface StorageFaultPolicy {
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
  readonly #clock: Clock;
  readonly #reporter: EventReporter;
  readonly #statistics: Statistics;
  readonly #policy: StorageFaultPolicy;
  /** Milliseconds that this call may still spend on the storage. */
  #left: number;
  #failed = false;

  constructor(
    storage: CacheStorage,
    clock: Clock,
    reporter: EventReporter,
    statistics: Statistics,
    policy: StorageFaultPolicy,
  ) {
    this.#storage = storage;
    this.#clock = clock;
    this.#reporter = reporter;
    this.#statistics = statistics;
    this.#policy = policy;
    this.#left = storage.deadline ?? defaultDeadline;
  }

  /** The entry under `key`; `undefined` also for what cannot be read, and when the storage fails. */
  async get(key: string): Promise<CacheEntry | undefined> {
    if (this.#failed) return undefined;
    try {
      return await this.#inTime('get', () => this.#storage.get(key));
    } catch (error) {
      if (UnreadableEntryError.isInstance(error)) this.#reportUnreadable(key, error);
      else this.#reportFailure('get', key, error);
      return undefined;
    }
  }

  async offer(key: string, entry: CacheEntry): Promise<Offered> {
    if (this.#failed) return 'failed';
    try {
      const result = await this.#inTime('offer', () => this.#storage.offer(key, entry));
      if (result === 'declined') this.reportDeclined(key, 'storage');
      return result;
    } catch (error) {
      if (UnstorableValueError.isInstance(error)) {
        this.reportDeclined(key, 'unstorable', error);
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

  reportDeclined(key: string, why: 'storage' | 'unstorable' | 'detached', error?: Error): void {
    this.#statistics.declined++;
    if (error === undefined) this.#reporter.report({ type: 'declined', key, why });
    else this.#reporter.reportFault({ type: 'declined', key, why, error });
  }

  #reportUnreadable(key: string, error: Error): void {
    this.#statistics.unreadable++;
    this.#reporter.reportFault({ type: 'unreadable', key, error });
  }

  #reportFailure(operation: string, key: string, cause: unknown): void {
    this.#failed = true;
    const error = this.#count(operation, key, cause);
    if (this.#policy.onStorageError === 'throw') throw error;
  }

  #count(operation: string, key: string, cause: unknown): Error {
    const error = asStorageFailure(operation, key, cause);
    this.#statistics.storageFailures++;
    this.#reporter.reportFault({ type: 'storage-failed', key, operation, error });
    return error;
  }

  async #inTime<R>(operation: string, attempt: () => Promise<R>): Promise<R> {
    const started = this.#clock.now();
    try {
      return await within(this.#left, operation, attempt, this.#clock);
    } finally {
      this.#left = Math.max(0, this.#left - (this.#clock.now() - started));
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
  deadline: number = storage.deadline ?? defaultDeadline,
): Promise<R> {
  try {
    return await within(deadline, operation, attempt, clock);
  } catch (error) {
    throw asStorageFailure(operation, key, error);
  }
}

function asStorageFailure(operation: string, key: string | undefined, cause: unknown): Error {
  return StorageFailedError.isInstance(cause) ? cause : new StorageFailedError(operation, key, cause);
}

/** The outcome of `attempt`, or a `StorageTimeoutError` after `deadline` milliseconds. */
function within<R>(deadline: number, operation: string, attempt: () => Promise<R>, clock: Clock): Promise<R> {
  if (deadline === Infinity) return attempt();
  return new Promise<R>((resolve, reject) => {
    const stopTimer = clock.setTimer(() => reject(new StorageTimeoutError(operation, deadline)), deadline);
    // In an executor, a method that throws instead of rejecting rejects all the same.
    const answer = new Promise<R>((settle) => settle(attempt()));
    answer.then(resolve, reject).finally(stopTimer);
  });
}
