import type { CacheEntry } from '../entry/cache-entry.js';

/** What made a load begin: nothing to serve, an entry due for refreshing, or a forced refresh. */
export type LoadReason = 'miss' | 'stale' | 'forced';

/** A policy whose failure is an event. */
export type PolicyAtFault =
  | 'eviction'
  | 'update-statuses'
  | 'lock'
  | 'early-refresh'
  | 'enabled'
  | 'expiration'
  | 'negative'
  | 'retry'
  | 'dispose';

/** What every event says: the function's name, and the key it is about. */
interface About {
  /** Name of the cached function. */
  readonly name: string;
  readonly key: string;
}

/**
 * Everything a cache tells about itself, one union told apart by `type`.
 *
 * Every call is exactly one of `hit`, `stale-served`, `miss` and `join`.
 */
export type CacheEvent =
  /** A call was answered from the cache with a fresh entry. */
  | (About & { readonly type: 'hit'; readonly entry: CacheEntry })
  /** A call was answered from the cache with an entry that is due for refreshing. */
  | (About & { readonly type: 'stale-served'; readonly entry: CacheEntry })
  /**
   * A call found nothing to serve and leads the load, or fails without one: its key rests, it has waited for too long, or,
   * with `onStorageError: 'throw'`, the storage failed.
   */
  | (About & { readonly type: 'miss' })
  /** A call found nothing to serve and waits for a load that another call leads, here or in another process. */
  | (About & { readonly type: 'join' })
  /** Another process loads the key, and this one waits for it; its lease lasts `remaining` milliseconds unless renewed. */
  | (About & { readonly type: 'waiting'; readonly reason: LoadReason; readonly remaining: number })
  | (About & { readonly type: 'load-started'; readonly reason: LoadReason })
  /** The function succeeded; `duration` is in milliseconds. */
  | (About & { readonly type: 'load-ended'; readonly reason: LoadReason; readonly duration: number })
  /** The function failed, timed out or was given up; `error` is what its callers get. */
  | (About & {
      readonly type: 'load-failed';
      readonly reason: LoadReason;
      readonly duration: number;
      readonly error: Error;
    })
  /** An attempt of a load failed with `error`; the next one follows after `delay` milliseconds. `attempt` counts from 1. */
  | (About & { readonly type: 'retry'; readonly attempt: number; readonly delay: number; readonly error: unknown })
  /** A load failed with `error`, and a call was answered with an entry that has expired. */
  | (About & { readonly type: 'stale-if-error'; readonly entry: CacheEntry; readonly error: Error })
  /** A background or forced refresh succeeded; `declined` tells if its entry was not kept. */
  | (About & { readonly type: 'refreshed'; readonly entry: CacheEntry })
  /** A background or forced refresh failed. The old entry stays; the next access that finds it due tries again. */
  | (About & { readonly type: 'refresh-failed'; readonly error: Error })
  /** An entry was let go to make room. */
  | (About & { readonly type: 'evicted' })
  /** An entry was put there by `set`. */
  | (About & { readonly type: 'set'; readonly entry: CacheEntry })
  /** An entry was taken away on purpose. */
  | (About & { readonly type: 'invalidated' })
  /** All entries of the function were taken away; the `key` is the text that their keys begin with. */
  | (About & { readonly type: 'cleared' })
  /**
   * A loaded value was answered and not kept. The storage declined it (`storage`) or could not store it (`unstorable`, with
   * the `error`); an invalidation came meanwhile in this process (`detached`) or in another, or somebody else took the
   * lease over (`lost`); or nobody could say who loads, so that it was loaded without a lease (`unled`).
   */
  | (About & {
      readonly type: 'declined';
      readonly why: 'storage' | 'unstorable' | 'detached' | 'lost' | 'unled';
      readonly error?: Error;
    })
  /** An operation of the storage failed or took too long; calls went on without it. */
  | (About & { readonly type: 'storage-failed'; readonly operation: string; readonly error: Error })
  /** What the storage holds could not be read, which makes the call a miss. */
  | (About & { readonly type: 'unreadable'; readonly error: Error })
  /** A policy failed; the call went on without it. */
  | (About & { readonly type: 'policy-failed'; readonly policy: PolicyAtFault; readonly error: Error })
  /** Expired entries were removed, `removed` in number; the `key` is the text that their keys begin with. */
  | (About & { readonly type: 'expired-removed'; readonly removed: number })
  /** The function let go of what memo had made for it; the `key` is the text that its keys begin with. */
  | (About & { readonly type: 'disposed' });

/** Listens to a cache. It runs within the call it is told about, so it should be quick; what it throws is ignored. */
export type CacheEventListener = (event: CacheEvent) => void;
