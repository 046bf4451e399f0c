/// <reference lib="esnext.disposable" preserve="true" />
import type { CacheEntry } from '../entry/cache-entry.js';
import type { EntrySlots } from '../entry/entry-slot.js';
import type { Awaitable } from '../serde.js';
import type { Lease, LeaseAnswer, LeaseRequest } from './lease.js';
import type { Lock } from './lock.js';

/** What became of an offered entry. A storage declines what it cannot or need not keep; that is not an error. */
export type OfferResult = 'stored' | 'declined';

/** The moments of an entry that can be changed while it is kept; epoch milliseconds. */
export interface EntryMoments {
  readonly updateAfter: number;
  readonly expiresAfter: number;
  /** As in an entry; `expiresAfter` where it is left out. */
  readonly keepUntil?: number;
}

/**
 * The slots of a storage: it has nothing that does not stand in one, so that what `peek` does not find is not there. What it
 * can do it does at once here, and in no other way than by its methods that promise.
 */
export interface StorageSlots extends EntrySlots {
  /** As `CacheStorage.peek`, but the entry may stand in its slot: it is for those who keep the slots' books. */
  get(key: string): CacheEntry | undefined;
  /** As `CacheStorage.offer`. */
  offer(key: string, entry: CacheEntry, lease?: Lease): OfferResult;
  /** As `CacheStorage.release`. */
  release(key: string): void;
}

/**
 * Keeps entries by key, in this process or shared with others.
 *
 * Keys are any non-empty text; a storage that has limits of its own shortens or escapes them injectively. Entries come
 * back as they were offered, or not at all: bytes that cannot be read are an `UnreadableEntryError`, a value that the
 * storage's SerDe refuses is an `UnstorableValueError`; the engine makes a miss of the one and an event of both. Any
 * other rejection is a fault of the storage. Expired entries may be returned (the engine judges) or be gone, once their
 * `keepUntil` has passed.
 *
 * Optional methods are abilities: the engine asks for the ability, never for the kind of storage. An ability that a
 * storage lacks is left out, not stubbed.
 */
export interface CacheStorage {
  /**
   * Whether what is offered here may be served by another process, now or after a restart. Functions on a shared
   * storage need a name of their own; in-process storages say `false`.
   * @defaultValue `true`
   */
  readonly shared?: boolean;
  /**
   * How long one call may spend on this storage in all, in milliseconds. The engine goes on without the storage after
   * that; the storage's own operations settle within it, too.
   * @defaultValue 500
   */
  readonly deadline?: number;

  /**
   * Whether entries come back as the same objects, with their `resource`, which the storage tells that an entry has left: once
   * for each that it has kept, in the same turn, however it came to leave, also by the storage's own disposal. An entry that
   * only has other moments has not left.
   * @defaultValue `false`
   */
  readonly keepsResources?: boolean;

  /** How many entries are kept, expired ones included, where that is known. */
  readonly size?: number;

  /** The entry kept under `key`, or `undefined`. */
  get(key: string): Promise<CacheEntry | undefined>;
  /**
   * Keeps `entry` under `key` in place of what was there, unless it declines. With a `lease` only if that is still held,
   * and the same step ends it; without one it voids whatever lease there is. Either wakes those who wait.
   */
  offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult>;
  /** This client needs the key no more. Never takes it away from other clients: a shared storage may do nothing. */
  release(key: string): Promise<void>;

  /**
   * Nobody may be served the entry any more, in any process. The lease of the key is void, and those who wait for it wake.
   * Resolves, once that is certain, with the `expiresAfter` of what it took away, `undefined` if nothing was there.
   * A storage of this process without it is asked to `get` and `release` instead; a shared one needs it.
   */
  invalidate?(key: string): Promise<number | undefined>;
  /**
   * Says who loads `key`, among all who share the storage: grants a lease, or tells why there is none. One step: nobody
   * can come between the look at the entry and the grant. A storage that can say so at once does, and the load begins in
   * the same turn.
   */
  lease?(key: string, request: LeaseRequest): Awaitable<LeaseAnswer>;
  /**
   * Keeps `entry` under `key` whatever was there, and voids the lease, in one step. Given up at the deadline, it may not
   * take effect after something else has been confirmed.
   * A storage without it is asked to `offer` instead.
   */
  set?(key: string, entry: CacheEntry): Promise<OfferResult>;
  /**
   * What is kept under each of `keys`, in their order: as `get` answers, but in one round trip. In the place of a key whose
   * answer could not be had or read stands the error that `get` would have rejected with.
   * A storage without it is asked to `get` each.
   */
  getMany?(keys: readonly string[]): Promise<readonly (CacheEntry | Error | undefined)[]>;
  /** A lock for `key` that all who share the storage respect. It decides who loads where the storage has no `lease`. */
  lock?(key: string): Lock;
  /**
   * The present moment by the storage's own clock, epoch milliseconds: what all processes that share it judge by (I5).
   * @defaultValue the clock of the cache
   */
  now?(): number;
  /**
   * For how many milliseconds the backend will keep `key`, where it may forget earlier than the entry expires; rounded down
   * where it cannot tell exactly. `undefined`: it does not say.
   */
  ttl?(key: string): Awaitable<number | undefined>;
  /**
   * The entry kept under `key`, at once: a hit without waiting. `undefined` means "ask `get`".
   */
  peek?(key: string): CacheEntry | undefined;
  /** Its slots, where it keeps all entries in slots of this process, so that nothing has to be waited for. */
  readonly slots?: StorageSlots | undefined;
  /**
   * Gives the entry under `key` other moments in one step, only while it is the same entry that `expected` names by its
   * `created` and is live at the instant `now`. Resolves to whether that was so.
   */
  changeMoments?(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean>;
  /**
   * Takes away every entry whose key begins with `scope`, and voids the leases of such keys; all that belong to this
   * storage when it is empty.
   */
  clear?(scope: string): Promise<void>;
  /** All entries kept, in no particular order; those that change meanwhile may be seen or not. */
  entries?(): AsyncIterable<readonly [key: string, entry: CacheEntry]>;
  /** Closes what the storage itself opened; never what it was given. */
  [Symbol.asyncDispose]?(): Promise<void>;
}
