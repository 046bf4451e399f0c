import type { CacheEntry } from '../entry/cache-entry.js';

/** One load in flight, as `markBeingUpdated` returned it to whoever leads it. */
export interface Update {
  readonly key: string;
  /** `false` once the load was detached, timed out or ended: its outcome may not be kept any more. */
  isAttached(): boolean;
}

/** How an update ended for those who waited: its entry, or the error; errors are results here, never rejections. */
export type UpdateOutcome = CacheEntry | Error;

/**
 * The table of loads in flight over one storage: who loads, and who waits for it (py-memoize M60).
 *
 * Strict: marking twice, ending what does not run or waiting for what does not run throws `UpdateProtocolError` (M61).
 * `isBeingUpdated` is true until the next `await` only; whoever got `false` marks before awaiting anything.
 */
export interface UpdateStatuses {
  isBeingUpdated(key: string): boolean;
  markBeingUpdated(key: string): Update;
  /** The load ended well; everyone who waits gets `entry`. */
  markUpdated(update: Update, entry: CacheEntry): void;
  /** The load failed; everyone who waits gets `error`. */
  markUpdateAborted(update: Update, error: Error): void;
  awaitUpdated(key: string): Promise<UpdateOutcome>;
  /**
   * Nobody may join the load in flight any more, and its outcome may not be kept; those who wait already still get it.
   * @returns whether there was one.
   */
  detach(key: string): boolean;
  /** The keys being updated at the moment. */
  keys(): Iterable<string>;
}
