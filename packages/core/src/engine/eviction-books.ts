import type { CacheEntry } from '../entry/cache-entry.js';
import { type EntrySlots, slotOf, slotsOf } from '../entry/entry-slot.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import type { Awaitable } from '../serde.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Reports } from './reports.js';
import type { StorageAccess } from './storage-access.js';

/** The most keys that one write lets go, so that a strategy which never has enough cannot hold a cache up. */
export const mostReleasesAtOnce = 64;

type Slots = Pick<EntrySlots, 'owner' | 'books' | 'keep' | 'of'>;

/** What keeps the entries, and decides which of them go. */
export interface Keeping {
  readonly storage: { readonly slots?: Slots | undefined };
  readonly evictionStrategy: EvictionStrategy;
}

/** Why a key is to leave the storage: to make room, or because it was invalidated and that failed. */
type Leaving = 'evicted' | 'invalidated';

/** Keys that strategies gave up and whose release failed; they are tried again, first of all (mends M37). */
const unreleasedKeys = new WeakMap<EvictionStrategy, Map<string, Leaving>>();

/**
 * Keeps the books of an eviction strategy for one cache. A strategy that throws is an event, never the failure of a call
 * (mends M44).
 */
export class EvictionBooks {
  readonly #reports: Reports;

  constructor(reports: Reports) {
    this.#reports = reports;
  }

  /** @param entry - what was found. */
  markRead(keeping: Keeping, key: string, entry: CacheEntry): void {
    try {
      noteRead(keeping, key, entry);
    } catch (error) {
      this.#reports.policyFailed(key, 'eviction', error);
    }
  }

  /** Tells the strategy that `key` is gone, whoever took it away (mends M93). */
  markReleased(strategy: EvictionStrategy, key: string): void {
    try {
      strategy.markReleased(key);
    } catch (error) {
      this.#reports.policyFailed(key, 'eviction', error);
    }
  }

  /**
   * Strikes keys off the books while they are taken away. That comes first: a key that is written again meanwhile must
   * stay on them. Where taking them away fails, they are let go with the next write.
   */
  async strikeOff<R>(strategy: EvictionStrategy, keys: readonly string[], takeAway: () => Promise<R>): Promise<R> {
    for (const key of keys) this.markReleased(strategy, key);
    try {
      return await takeAway();
    } catch (error) {
      for (const key of keys) remember(strategy, key, 'invalidated');
      throw error;
    }
  }

  /** The keys on the books that begin with `scope`. */
  keysWithin(strategy: EvictionStrategy, scope: string): readonly string[] {
    try {
      return [...(strategy.keys?.() ?? [])].filter((key) => key.startsWith(scope));
    } catch (error) {
      this.#reports.policyFailed(scope, 'eviction', error);
      return [];
    }
  }

  /**
   * Notes a written entry and lets go what the strategy has no room for: at once where the storage does so at once; else it
   * resolves when that has been done, or the storage has failed.
   *
   * The books are changed before the storage answers: a key that is written again meanwhile must stay on them.
   */
  markWritten(
    keeping: Keeping & { readonly storage: CacheStorage },
    key: string,
    entry: CacheEntry,
    access: StorageAccess,
  ): Awaitable<void> {
    const isNoted = this.#isNoted(keeping, key, entry);
    try {
      return this.#makeRoom(keeping, key, access);
    } catch (error) {
      // That it fails has been said for this entry, if it could not note it.
      if (isNoted) this.#reports.policyFailed(key, 'eviction', error);
      return undefined;
    }
  }

  #isNoted(keeping: Keeping, key: string, entry: CacheEntry): boolean {
    try {
      unreleasedKeys.get(keeping.evictionStrategy)?.delete(key);
      noteWritten(keeping, key, entry);
      return true;
    } catch (error) {
      this.#reports.policyFailed(key, 'eviction', error);
      return false;
    }
  }

  #makeRoom(
    { evictionStrategy: strategy, storage }: Keeping & { readonly storage: CacheStorage },
    key: string,
    access: StorageAccess,
  ): Awaitable<void> {
    const slots = slotsOf(storage);
    for (let count = 0; count < mostReleasesAtOnce; count++) {
      const victim = takeVictim(strategy);
      if (victim === undefined) return undefined;
      if (slots === undefined) return this.#releaseAll(strategy, victim, key, access);
      slots.release(victim.key);
      this.#tellEvicted(victim);
    }
    return undefined;
  }

  async #releaseAll(strategy: EvictionStrategy, first: Victim, key: string, access: StorageAccess): Promise<void> {
    try {
      let victim = first;
      for (let count = 1; ; count++) {
        if (!(await access.release(victim.key))) {
          remember(strategy, victim.key, victim.why);
          return;
        }
        this.#tellEvicted(victim);
        const next = count < mostReleasesAtOnce ? takeVictim(strategy) : undefined;
        if (next === undefined) return;
        victim = next;
      }
    } catch (error) {
      this.#reports.policyFailed(key, 'eviction', error);
    }
  }

  #tellEvicted({ key, why }: Victim): void {
    if (why === 'evicted') this.#reports.evicted(key);
  }
}

/** Notes that an entry was found: in its slot, where the books are kept in slots. What a strategy throws is the caller's. */
export function noteRead({ storage, evictionStrategy }: Keeping, key: string, entry: CacheEntry): void {
  const { slots: books } = evictionStrategy;
  const slots = slotsOf(storage);
  if (books === undefined || books !== slots?.books) return evictionStrategy.markRead(key);
  // What was found by `peek` stands in its slot; anything else is a copy.
  const slot = slotOf(entry) ?? slots.of(key);
  if (slot !== undefined) books.markRead(slot);
}

/** Notes a written entry: in its slot, where the books are kept in slots. What a strategy throws is the caller's. */
export function noteWritten({ storage, evictionStrategy }: Keeping, key: string, entry: CacheEntry): void {
  const { slots: books } = evictionStrategy;
  const slots = slotsOf(storage);
  if (books !== undefined) slots?.keep(books);
  if (books === undefined || books !== slots?.books) return evictionStrategy.markWritten(key, entry);
  // What was made for a slot stands in it; anything else is a copy, and may have left again.
  const slot = slotOf(entry) ?? slots.of(key);
  if (slot !== undefined) books.markWritten(slot, entry);
}

/** A key that is to leave the storage. */
interface Victim {
  readonly key: string;
  readonly why: Leaving;
}

function takeVictim(strategy: EvictionStrategy): Victim | undefined {
  const unreleased = unreleasedKeys.get(strategy);
  for (const [key, why] of unreleased ?? []) {
    unreleased?.delete(key);
    return { key, why };
  }
  const key = strategy.nextToRelease();
  if (key === undefined) return undefined;
  strategy.markReleased(key);
  return { key, why: 'evicted' };
}

function remember(strategy: EvictionStrategy, key: string, why: Leaving): void {
  const unreleased = unreleasedKeys.get(strategy) ?? new Map<string, Leaving>();
  unreleasedKeys.set(strategy, unreleased.set(key, why));
}
