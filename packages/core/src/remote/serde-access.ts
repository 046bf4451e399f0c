import type { CacheEntry } from '../entry/cache-entry.js';
import { SerDeTimeoutError, StorageTimeoutError, UnreadableEntryError, UnstorableValueError } from '../errors.js';
import type { Awaitable } from '../serde.js';
import { withinDeadline } from '../time/within-deadline.js';
import type { Clock } from '../time/clock.js';
import { TurnBudget } from './turn-budget.js';

/** All storages of a process share its turns. */
const decoding = new TurnBudget();

/**
 * The way of a storage to its SerDe, which may be anybody's: it may be asynchronous and take too long, or throw anything.
 * What goes wrong becomes the error by which the engine knows that the storage itself is well.
 */
export class SerDeAccess {
  readonly #deadline: number;
  readonly #clock: Clock;

  constructor({ deadline, clock }: { readonly deadline: number; readonly clock: Clock }) {
    this.#deadline = deadline;
    this.#clock = clock;
  }

  /**
   * The bytes that `pack` makes of the entry for `key`.
   *
   * @throws UnstorableValueError
   */
  async pack(key: string, pack: () => Awaitable<Uint8Array>): Promise<Uint8Array> {
    try {
      return await this.#inTime('serialize', pack());
    } catch (cause) {
      throw UnstorableValueError.isInstance(cause) ? cause : new UnstorableValueError(key, cause);
    }
  }

  /**
   * The entry for `key` that `unpack` makes of bytes.
   *
   * @throws UnreadableEntryError
   */
  async unpack(key: string, unpack: () => Awaitable<CacheEntry | undefined>): Promise<CacheEntry | undefined> {
    try {
      return await this.#inTime('deserialize', unpack());
    } catch (cause) {
      throw unreadableEntry(key, cause);
    }
  }

  /**
   * The same of an envelope of so many bytes, at once where the SerDe makes it at once. Of very many bytes that have come
   * together some wait for the next turn of the event loop.
   *
   * @throws UnreadableEntryError, or rejects with it.
   */
  entryIn(
    key: string,
    bytes: number,
    unpack: () => Awaitable<CacheEntry | undefined>,
  ): Awaitable<CacheEntry | undefined> {
    if (decoding.admits(bytes)) return this.entryNow(key, unpack);
    return new Promise((resolve, reject) => {
      decoding.later(bytes, () => {
        try {
          resolve(this.entryNow(key, unpack));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** The turn of the event loop in which so many bytes may be unpacked; `undefined`: this one. For those who go through many. */
  turnFor(bytes: number): Promise<void> | undefined {
    return decoding.admits(bytes) ? undefined : laterTurnFor(bytes);
  }

  /**
   * The entry for `key` that `unpack` makes of bytes, whose turn it is; at once where the SerDe makes it at once.
   *
   * @throws UnreadableEntryError, or rejects with it.
   */
  entryNow(key: string, unpack: () => Awaitable<CacheEntry | undefined>): Awaitable<CacheEntry | undefined> {
    try {
      const result = unpack();
      return isPromise(result) ? this.unpack(key, () => result) : result;
    } catch (cause) {
      throw unreadableEntry(key, cause);
    }
  }

  #inTime<R>(operation: string, result: Awaitable<R>): Awaitable<R> {
    if (!isPromise(result)) return result;
    const deadline = { milliseconds: this.#deadline, operation, clock: this.#clock };
    return withinDeadline(deadline, () => result).catch((error: unknown) => {
      throw StorageTimeoutError.isInstance(error) ? new SerDeTimeoutError(operation, this.#deadline) : error;
    });
  }
}

function laterTurnFor(bytes: number): Promise<void> {
  return new Promise((go) => decoding.later(bytes, go));
}

function isPromise<R>(result: Awaitable<R>): result is PromiseLike<R> {
  return typeof (result as Partial<PromiseLike<R>> | undefined)?.then === 'function';
}

/** The error of a storage for what it cannot read, for whatever reason. */
export function unreadableEntry(key: string, cause: unknown): UnreadableEntryError {
  if (UnreadableEntryError.isInstance(cause)) return cause;
  return new UnreadableEntryError(key, cause instanceof Error ? cause.message : String(cause), { cause });
}
