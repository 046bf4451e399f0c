import type { CacheEntry } from './entry/cache-entry.js';

/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

/** Whether there is something to wait for. */
export function isPromise<T>(awaitable: Awaitable<T>): awaitable is PromiseLike<T> {
  return typeof (awaitable as Partial<PromiseLike<T>> | undefined)?.then === 'function';
}

/**
 * Turns entries into bytes and back, for storages that keep bytes (py-memoize M110).
 *
 * `deserialize(serialize(entry))` equals `entry`: a value that would come back changed is refused by throwing.
 * `deserialize` throws on bytes it did not write. Neither keeps or changes the bytes and entries it is given.
 */
export interface SerDe {
  /** Name of the format, as text that tells it apart from others, such as `json` or `msgpack+gzip`. */
  readonly format?: string;
  serialize(entry: CacheEntry): Awaitable<Uint8Array>;
  deserialize(data: Uint8Array): Awaitable<CacheEntry>;
}
