import { isDeepStrictEqual } from 'node:util';
import type { CacheEntry } from '../../../src/entry/cache-entry.js';
import { keepUntilOf } from '../../../src/entry/keep-until.js';
import {
  StorageFailedError,
  StorageTimeoutError,
  UnreadableEntryError,
  UnstorableValueError,
} from '../../../src/errors.js';
import type { CacheStorage, EntryMoments, OfferResult } from '../../../src/storage/cache-storage.js';
import { entryWithMoments } from '../../../src/storage/entry-with-moments.js';
import { InMemoryLeases } from '../../../src/storage/in-memory-leases.js';
import type { Lease, LeaseAnswer, LeaseRequest, LeaseRest } from '../../../src/storage/lease.js';
import type { Lock } from '../../../src/storage/lock.js';
import { toMilliseconds } from '../../../src/time/duration.js';
import { systemClock } from '../../../src/time/system-clock.js';

/** What a `ReferenceStorage` is a client of. */
export class Backend {
  readonly records = new Map<string, Record>();
  readonly leases = new InMemoryLeases(systemClock);
  /** Who has a lock, by the name of its key. */
  readonly locks = new Map<string, Lock>();
  away = false;
}

interface Record {
  readonly key: string;
  /** `undefined`: bytes that nobody can read. */
  readonly entry: CacheEntry | undefined;
  readonly reclaimedAt: number;
}

/** A right implementation of every clause about shared storages, made so that one thing at a time can be broken. */
export class ReferenceStorage implements CacheStorage {
  readonly deadline: number = 50;
  readonly backend: Backend;
  readonly namespace: string;

  constructor(backend: Backend, namespace = 'own') {
    this.backend = backend;
    this.namespace = namespace;
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    await this.reach('get');
    const record = this.record(key);
    if (record === undefined) return undefined;
    if (record.entry === undefined) throw new UnreadableEntryError(key, 'it is garbage');
    return this.decode(record.entry);
  }

  async getMany(keys: readonly string[]): Promise<readonly (CacheEntry | Error | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key).catch((error: unknown) => error as Error)));
  }

  async ttl(key: string): Promise<number | undefined> {
    await this.reach('ttl');
    const record = this.record(key);
    return record && Math.max(0, record.reclaimedAt - Date.now());
  }

  peek(key: string): CacheEntry | undefined {
    const entry = this.record(key)?.entry;
    return entry && this.decode(entry);
  }

  async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
    await this.reach('offer');
    const encoded = this.encode(key, entry);
    if (lease !== undefined && !this.holds(key, lease)) return 'declined';
    this.write(key, encoded);
    this.endLease(key);
    return 'stored';
  }

  set(key: string, entry: CacheEntry): Promise<OfferResult> {
    return this.offer(key, entry);
  }

  async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
    await this.reach('lease');
    const entry = this.record(key)?.entry;
    const answer = this.backend.leases.acquire(this.nameOf(key), request, entry && this.decode(entry));
    return answer.state === 'granted' ? { state: 'granted', lease: this.leaseOf(key, answer.lease) } : answer;
  }

  lock(key: string): Lock {
    const { locks } = this.backend;
    const name = this.nameOf(key);
    const lock: Lock = {
      async acquire(timeout): Promise<boolean> {
        const end = Date.now() + toMilliseconds(timeout, { call: 'acquire', option: 'timeout' });
        while (locks.has(name) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
        if (locks.has(name)) return false;
        locks.set(name, lock);
        return true;
      },
      async release(): Promise<void> {
        if (locks.get(name) === lock) locks.delete(name);
      },
    };
    return lock;
  }

  async release(_key: string): Promise<void> {
    await this.reach('release');
  }

  async invalidate(key: string): Promise<number | undefined> {
    await this.reach('invalidate');
    const record = this.record(key);
    this.backend.records.delete(this.nameOf(key));
    this.endLease(key);
    return record?.entry?.expiresAfter;
  }

  async changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    await this.reach('changeMoments');
    const entry = this.record(key)?.entry;
    if (entry?.created !== expected.created || now >= entry.expiresAfter) return false;
    this.write(key, entryWithMoments(entry, moments));
    return true;
  }

  async clear(scope: string): Promise<void> {
    await this.reach('clear');
    for (const name of this.backend.records.keys()) {
      if (name.startsWith(this.nameOf(scope))) this.backend.records.delete(name);
    }
    this.backend.leases.endScope(this.nameOf(scope));
  }

  async *entries(): AsyncGenerator<readonly [string, CacheEntry], void, undefined> {
    await this.reach('entries');
    for (const [name, { key, entry }] of this.backend.records) {
      if (name.startsWith(this.nameOf('')) && entry !== undefined) yield [key, this.decode(entry)];
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  corrupt(key: string): void {
    this.backend.records.set(this.nameOf(key), { key, entry: undefined, reclaimedAt: Infinity });
  }

  protected leaseOf(_key: string, lease: Lease): Lease {
    return {
      ...lease,
      renew: async (time: number): Promise<boolean> => {
        await this.reach('renew');
        return lease.renew(time);
      },
      giveBack: async (rest?: LeaseRest): Promise<boolean> => {
        await this.reach('giveBack');
        return lease.giveBack(rest);
      },
    };
  }

  protected holds(key: string, lease: Lease): boolean {
    return this.backend.leases.holds(this.nameOf(key), lease);
  }

  protected endLease(key: string): void {
    this.backend.leases.end(this.nameOf(key));
  }

  protected nameOf(key: string): string {
    return `${this.namespace}\n${key}`;
  }

  /** Copies the entry as bytes would, and refuses what a copy is not equal to. */
  protected encode(key: string, entry: CacheEntry): CacheEntry {
    const copy = copyOf(key, entry);
    if (isDeepStrictEqual(copy.value, entry.value)) return copy;
    throw new UnstorableValueError(key, new Error('it would change'));
  }

  protected decode(entry: CacheEntry): CacheEntry {
    return structuredClone(entry);
  }

  protected write(key: string, entry: CacheEntry): void {
    this.backend.records.set(this.nameOf(key), { key, entry, reclaimedAt: this.reclaimedAt(entry) });
  }

  protected reclaimedAt(entry: CacheEntry): number {
    return keepUntilOf(entry);
  }

  protected record(key: string): Record | undefined {
    const record = this.backend.records.get(this.nameOf(key));
    if (record === undefined || Date.now() < record.reclaimedAt) return record;
    this.backend.records.delete(this.nameOf(key));
    return undefined;
  }

  protected async reach(operation: string): Promise<void> {
    if (!this.backend.away) return;
    await new Promise((resolve) => setTimeout(resolve, this.deadline));
    const cause = new StorageTimeoutError(operation, this.deadline);
    throw new StorageFailedError(operation, undefined, cause);
  }
}

/** Counts the time of leases and rests in whole seconds, as a backend may, and is right none the less. */
export class CountingSeconds extends ReferenceStorage {
  override lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
    return super.lease(key, { ...request, time: inSeconds(request.time) });
  }

  protected override leaseOf(key: string, lease: Lease): Lease {
    const { renew, giveBack, ...parts } = super.leaseOf(key, lease);
    return {
      ...parts,
      renew: (time) => renew(inSeconds(time)),
      giveBack: (rest) => giveBack(rest && { ...rest, milliseconds: inSeconds(rest.milliseconds) }),
    };
  }
}

function inSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000) * 1_000;
}

function copyOf(key: string, entry: CacheEntry): CacheEntry {
  try {
    return structuredClone(entry);
  } catch (error) {
    throw new UnstorableValueError(key, error);
  }
}
