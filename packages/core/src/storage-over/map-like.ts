import type { Awaitable } from '../serde.js';
import type { Lock } from '../storage/lock.js';

/** What a store lists, at once or one after the other; it may take a moment before it begins. */
export type Listing<T> = Awaitable<Iterable<T> | AsyncIterable<T>>;

/**
 * Something that keeps records by key, for `storageOver`: a `Map`, or any store with these three methods, each of which
 * answers at once or by a promise. One that cannot do what it is asked for throws or rejects.
 *
 * Keys are any text that is not empty. What the other methods can do is made use of where they are there.
 */
export interface MapLike {
  /** The record under `key` as it was set; `undefined` or `null` where there is none. */
  get(key: string): unknown;
  /**
   * Keeps `record` in place of what was there. Only the answer `false` has a meaning: it was not kept.
   *
   * @param record - plain data that JSON brings back as it was; text where there is a SerDe; the entry itself in a `Map`.
   * @param milliseconds - a number: for how long the record is worth keeping, in whole milliseconds, rounded up.
   *   `undefined`: for ever. A store that cannot forget by itself takes no notice of it.
   */
  set(key: string, record: unknown, milliseconds?: unknown): unknown;
  /** Takes the record away. The answer `false` says that there was none. */
  delete(key: string): unknown;
  /** A lock that all who share the store respect: it decides who loads. */
  lock?(key: string): Lock;
  /**
   * For how many milliseconds the store itself will keep `key`, rather too few than too many; `undefined`: it does not say.
   * A number of that name, as some stores have it, is left alone.
   */
  readonly ttl?: ((key: string) => Awaitable<number | undefined>) | number | undefined;
  /**
   * Its keys with their records, in pairs; a key that is no text is passed over. Those that change meanwhile may be listed
   * or not.
   */
  entries?(): Listing<readonly unknown[]>;
  /** The same, as Keyv calls it. A store that can be iterated over gives the same as well. */
  iterator?(namespace?: unknown): Listing<readonly unknown[]>;
  /** Its keys, as `get` and `delete` take them. */
  keys?(): Listing<unknown>;
  /** Takes all records away. Needed by nobody, but faster than one after the other. */
  clear?(): unknown;
}
