import type { CacheEntry } from '../entry/cache-entry.js';
import { SerDeTimeoutError, StorageTimeoutError, UnreadableEntryError, UnstorableValueError } from '../errors.js';
import type { Awaitable } from '../serde.js';
import { withinDeadline } from '../time/within-deadline.js';
import type { Clock } from '../time/clock.js';

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

  #inTime<R>(operation: string, result: Awaitable<R>): Awaitable<R> {
    if (typeof (result as Partial<PromiseLike<R>> | undefined)?.then !== 'function') return result;
    const deadline = { milliseconds: this.#deadline, operation, clock: this.#clock };
    return withinDeadline(deadline, () => result as PromiseLike<R>).catch((error: unknown) => {
      throw StorageTimeoutError.isInstance(error) ? new SerDeTimeoutError(operation, this.#deadline) : error;
    });
  }
}

/** The error of a storage for what it cannot read, for whatever reason. */
export function unreadableEntry(key: string, cause: unknown): UnreadableEntryError {
  if (UnreadableEntryError.isInstance(cause)) return cause;
  return new UnreadableEntryError(key, cause instanceof Error ? cause.message : String(cause), { cause });
}
