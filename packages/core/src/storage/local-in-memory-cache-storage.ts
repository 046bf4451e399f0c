/// <reference lib="esnext.disposable" preserve="true" />
import type { CacheEntry } from '../entry/cache-entry.js';
import type { Departure } from '../entry/entry-resource.js';
import { plainEntry } from '../entry/in-memory-entry.js';
import { EntryTable } from '../entry/entry-table.js';
import { aClock, checkOptions } from '../check-options.js';
import type { Clock } from '../time/clock.js';
import { systemClock } from '../time/system-clock.js';
import type { CacheStorage, EntryMoments, OfferResult, StorageSlots } from './cache-storage.js';
import { tellLeft, tellReplaced } from './departures.js';
import { entryWithMoments } from './entry-with-moments.js';
import { InMemoryLeases } from './in-memory-leases.js';
import type { Lease, LeaseAnswer, LeaseRequest } from './lease.js';

/** What a `LocalInMemoryCacheStorage` may be told. */
export interface LocalInMemoryCacheStorageOptions {
  /**
   * Measures leases.
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock;
}

/**
 * A storage that keeps entries in this process: each comes back as the very object that was offered, until it is
 * overwritten, released or invalidated (py-memoize M88). Expired entries stay (M83); what bounds the number of entries
 * is the cache's eviction strategy.
 *
 * Caches reach its entries by their slots. Whoever wants to see to something in between extends the class or stands a storage
 * before it, and then its methods are called; to replace a method of an instance is not noticed.
 */
export class LocalInMemoryCacheStorage implements CacheStorage {
  readonly shared: boolean = false;
  /** Nothing here can hang, so nothing has to be timed. */
  readonly deadline = Infinity;
  readonly keepsResources = true;
  /** `undefined` where the class has been extended: then its methods are asked for everything. */
  readonly slots: StorageSlots | undefined;
  readonly #slots: Slots;

  /** @throws InvalidOptionError */
  constructor(options: LocalInMemoryCacheStorageOptions = {}) {
    checkOptions('new LocalInMemoryCacheStorage', options, { clock: aClock });
    this.#slots = new Slots(this, options.clock ?? systemClock);
    this.slots = new.target === LocalInMemoryCacheStorage ? this.#slots : undefined;
  }

  /** How many entries are kept, expired ones included. */
  get size(): number {
    return this.#slots.size;
  }

  get(key: string): Promise<CacheEntry | undefined> {
    return Promise.resolve(this.#slots.plainEntry(key));
  }

  getMany(keys: readonly string[]): Promise<readonly (CacheEntry | undefined)[]> {
    return Promise.resolve(keys.map((key) => this.#slots.plainEntry(key)));
  }

  peek(key: string): CacheEntry | undefined {
    return this.#slots.plainEntry(key);
  }

  offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
    return Promise.resolve(this.#slots.offer(key, entry, lease));
  }

  set(key: string, entry: CacheEntry): Promise<OfferResult> {
    return this.offer(key, entry);
  }

  lease(key: string, request: LeaseRequest): LeaseAnswer {
    return this.#slots.leases.acquire(key, request, this.#slots.plainEntry(key));
  }

  release(key: string): Promise<void> {
    this.#slots.release(key);
    return Promise.resolve();
  }

  invalidate(key: string): Promise<number | undefined> {
    this.#slots.leases.end(key);
    return Promise.resolve(this.#slots.letGo(key, 'invalidated')?.expiresAfter);
  }

  changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    const entry = this.#slots.plainEntry(key);
    if (entry?.created !== expected.created || isOver(entry, now)) return Promise.resolve(false);
    this.#slots.set(key, entryWithMoments(entry, moments));
    return Promise.resolve(true);
  }

  clear(scope: string): Promise<void> {
    this.#slots.letGoScope(scope, 'cleared');
    return Promise.resolve();
  }

  async *entries(): AsyncGenerator<readonly [key: string, entry: CacheEntry], void, undefined> {
    for (const { key, entry } of this.#slots.values()) yield [key, plainEntry(entry)];
  }

  /** Lets go of all entries. It keeps nothing from now on. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#slots.dispose();
    return Promise.resolve();
  }
}

/** The entries of a storage in their slots, and who may load them. */
class Slots extends EntryTable implements StorageSlots {
  readonly leases: InMemoryLeases;
  #isDisposed = false;

  constructor(owner: object, clock: Clock) {
    super(owner);
    this.leases = new InMemoryLeases(clock);
  }

  plainEntry(key: string): CacheEntry | undefined {
    const entry = this.get(key);
    return entry && plainEntry(entry);
  }

  offer(key: string, entry: CacheEntry, lease?: Lease): OfferResult {
    if (lease !== undefined && !this.leases.holds(key, lease)) return 'declined';
    // What came later would never leave.
    if (this.#isDisposed) return 'declined';
    const before = this.set(key, entry);
    this.leases.end(key);
    tellReplaced(before, entry);
    return 'stored';
  }

  release(key: string): void {
    this.letGo(key, 'released');
  }

  letGo(key: string, why: Departure): CacheEntry | undefined {
    const entry = this.delete(key);
    tellLeft(entry, why);
    return entry;
  }

  letGoScope(scope: string, why: Departure): void {
    this.leases.endScope(scope);
    for (const key of this.keys()) {
      if (key.startsWith(scope)) this.letGo(key, why);
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.letGoScope('', 'disposed');
  }
}

/** Of what is judged at each read only whoever judges it knows whether it is over, unless its deadline has been changed. */
function isOver({ expiresAfter, judged }: CacheEntry, now: number): boolean {
  return judged !== expiresAfter && now >= expiresAfter;
}
