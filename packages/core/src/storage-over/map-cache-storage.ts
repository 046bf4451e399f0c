import type { CacheEntry } from '../entry/cache-entry.js';
import { isEntry } from '../entry/is-entry.js';
import { describe, UnreadableEntryError } from '../errors.js';
import type { Awaitable } from '../serde.js';
import type { CacheStorage, EntryMoments, OfferResult } from '../storage/cache-storage.js';
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
    this.#map.set(key, entry);
    this.#leases.end(key);
    return 'stored';
  }

  async set(key: string, entry: CacheEntry): Promise<OfferResult> {
    return this.offer(key, entry);
  }

  async release(key: string): Promise<void> {
    this.#map.delete(key);
  }

  async invalidate(key: string): Promise<number | undefined> {
    const expiresAfter = this.#entry(key)?.expiresAfter;
    this.#map.delete(key);
    this.#leases.end(key);
    return expiresAfter;
  }

  async changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    const entry = this.#entry(key);
    if (entry?.created !== expected.created || now >= entry.expiresAfter) return false;
    const { updateAfter, expiresAfter } = moments;
    this.#map.set(key, { ...entry, updateAfter, expiresAfter });
    return true;
  }

  async clear(scope: string): Promise<void> {
    for (const key of this.#map.keys()) {
      if (typeof key === 'string' && key.startsWith(scope)) this.#map.delete(key);
    }
    this.#leases.endScope(scope);
  }

  async *entries(): AsyncGenerator<readonly [key: string, entry: CacheEntry], void, undefined> {
    for (const [key, found] of this.#map) {
      if (typeof key === 'string' && isEntry(found)) yield [key, found];
    }
  }

  #entry(key: string): CacheEntry | undefined {
    const found = this.#map.get(key);
    return isEntry(found) ? found : undefined;
  }
}
