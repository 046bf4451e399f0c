import type { EntryResource } from './entry-resource.js';

/**
 * A remembered result: the value and the moments that decide how long it is served.
 *
 * Every moment is in epoch milliseconds. Both deadlines are inclusive: *at* `expiresAfter` the entry is expired
 * (py-memoize M19, M20). An entry is plain data and is never changed once built.
 */
export interface CacheEntry<V = unknown> {
  /** The value as the entry builder left it. `undefined`, `null`, `0` and `''` are values like any other. */
  readonly value: V;
  /** When the entry was built, after the load had ended. */
  readonly created: number;
  /**
   * When the load began, by the same clock. In storages of this process it is left out unless somebody asks for it, as
   * `earlyRefresh` does.
   */
  readonly started?: number;
  /** From this instant on the entry is still served, and refreshed behind the caller's back. */
  readonly updateAfter: number;
  /** From this instant on the entry is not served. `Infinity`: never expires. */
  readonly expiresAfter: number;
  /** Revision of what the value was made from. */
  readonly etag?: string;
  /** Present when `value` is a remembered failure: what was thrown, or in a shared storage a plain record of it. */
  readonly failed?: true;
  /**
   * Until when it is kept at least, though it is not served any more: where the load fails it may still be. Never before
   * `expiresAfter`, which it is where it is left out.
   */
  readonly keepUntil?: number;
  /**
   * The `expiresAfter` that was judged when the entry was built, where that is judged again at each read. Only in storages
   * of this process; as long as nobody has changed `expiresAfter`, both are the same, and the later judgement counts.
   */
  readonly judged?: number;
  /** What the value keeps open. Only in storages of this process that say `keepsResources`. */
  readonly resource?: EntryResource;
}
