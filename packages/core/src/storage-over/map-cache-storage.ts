import type { CacheEntry } from '../entry/cache-entry.js';
import { isEntry } from '../entry/is-entry.js';
import { describe, UnreadableEntryError } from '../errors.js';
import type { Departure } from '../entry/entry-resource.js';
import type { Awaitable } from '../serde.js';
import type { CacheStorage, EntryMoments, OfferResult } from '../storage/cache-storage.js';
import { tellLeft, tellReplaced } from '../storage/departures.js';
import { entryWithMoments } from '../storage/entry-with-moments.js';
import { InMemoryLeases } from '../storage/in-memory-leases.js';
import type { Lease, LeaseAnswer, LeaseRequest } from '../storage/lease.js';
import type { Lock } from '../storage/lock.js';
import type { Clock } from '../time/clock.js';
import { pickedUpLock, pickedUpTtl } from './abilities.js';

/** A `Map`, of which nobody knows what else is in it. */
type AnyMap = Map<unknown, unknown>;

/**
 * A storage over a `Map` of this process. It keeps the entries as they are, beside whatever else is in the map; only what
 * stands under the key of an entry is taken away or replaced.
 */
export class MapCacheStorage implements CacheStorage {
  readonly shared = false;
  readonly deadline: number;
  readonly keepsResources: boolean;
  /** Absent where the map has locks: then these decide who loads. */
  readonly lease?: (key: string, request: LeaseRequest) => LeaseAnswer;
  readonly lock?: (key: string) => Lock;
  readonly ttl?: (key: string) => Awaitable<number | undefined>;
  readonly #map: AnyMap;
  readonly #leases: InMemoryLeases;

  constructor(map: AnyMap, { deadline, clock }: { readonly deadline: number; readonly clock: Clock }) {
    this.#map = map;
    this.#leases = new InMemoryLeases(clock);
    this.deadline = deadline;
    // One that extends Map may let go of entries by itself, and nobody would hear of it.
    this.keepsResources = Object.getPrototypeOf(map) === Map.prototype;
    const [lock, ttl] = [pickedUpLock(map), pickedUpTtl(map)];
    if (lock === undefined) {
      this.lease = (key, request) => this.#leases.acquire(key, request, this.#entry(key));
    } else {
      this.lock = lock;
    }
    if (ttl !== undefined) this.ttl = ttl;
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const found = this.#map.get(key);
    if (found === undefined || isEntry(found)) return found;
    throw new UnreadableEntryError(key, `it is ${describe(found)}, no entry.`);
  }

  peek(key: string): CacheEntry | undefined {
    return this.#entry(key);
  }

  async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
    if (lease !== undefined && !this.#leases.holds(key, lease)) return 'declined';
    const before = this.#entry(key);
    this.#map.set(key, entry);
    this.#leases.end(key);
    tellReplaced(before, entry);
    return 'stored';
  }

  async set(key: string, entry: CacheEntry): Promise<OfferResult> {
    return this.offer(key, entry);
  }

  async release(key: string): Promise<void> {
    this.#letGo(key, 'released');
  }

  async invalidate(key: string): Promise<number | undefined> {
    this.#leases.end(key);
    return this.#letGo(key, 'invalidated')?.expiresAfter;
  }

  async changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    const entry = this.#entry(key);
    if (entry?.created !== expected.created || now >= entry.expiresAfter) return false;
    this.#map.set(key, entryWithMoments(entry, moments));
    return true;
  }

  async clear(scope: string): Promise<void> {
    this.#leases.endScope(scope);
    for (const key of this.#map.keys()) {
      if (typeof key === 'string' && key.startsWith(scope)) this.#letGo(key, 'cleared');
    }
  }

  async *entries(): AsyncGenerator<readonly [key: string, entry: CacheEntry], void, undefined> {
    for (const [key, found] of this.#map) {
      if (typeof key === 'string' && isEntry(found)) yield [key, found];
    }
  }

  #letGo(key: string, why: Departure): CacheEntry | undefined {
    const entry = this.#entry(key);
    this.#map.delete(key);
    tellLeft(entry, why);
    return entry;
  }

  #entry(key: string): CacheEntry | undefined {
    const found = this.#map.get(key);
    return isEntry(found) ? found : undefined;
  }
}
