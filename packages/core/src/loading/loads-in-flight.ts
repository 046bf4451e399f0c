import type { CacheEntry } from '../entry/cache-entry.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import { InMemoryUpdateStatuses } from './in-memory-update-statuses.js';
import type { UpdateStatuses } from './update-statuses.js';

/** The reads of one key that were sent since the last load of it was published. */
export interface Reading {
  readonly key: string;
  readers: number;
  /** Whether a load was published while they were on their way. */
  overtaken: boolean;
}

/** What is under way over one storage; everyone who uses the storage shares it (I2). */
export class LoadsInFlight {
  readonly statuses: UpdateStatuses;
  /** Forced refreshes that wait for the load in flight to end, so that theirs begins after they were called. */
  readonly nextRefreshes = new Map<string, Promise<CacheEntry>>();
  /** Reads that wait for the storage, by key. */
  readonly #reads = new Map<string, Reading>();
  /** Entries being written. An invalidation lets them land first, so that it takes them away, too. */
  readonly #publishes = new Map<string, Set<Promise<unknown>>>();

  constructor(statuses: UpdateStatuses) {
    this.statuses = statuses;
  }

  /** Remembers that `publish` writes under `key` until it settles. */
  async publishing<R>(key: string, publish: Promise<R>): Promise<R> {
    const ofKey = this.#publishes.get(key) ?? new Set();
    this.#publishes.set(key, ofKey.add(publish));
    try {
      return await publish;
    } finally {
      ofKey.delete(publish);
      if (ofKey.size === 0) this.#publishes.delete(key);
    }
  }

  /**
   * Notes that `key` is being read, until `endReading`. Whoever finds the reading overtaken when the answer is there reads
   * once more: the answer may have been on its way before a load was published, and would make a second load of what was
   * just loaded (mends M48).
   */
  startReading(key: string): Reading {
    const reading = this.#reads.get(key) ?? { key, readers: 0, overtaken: false };
    this.#reads.set(key, reading);
    reading.readers++;
    return reading;
  }

  endReading(reading: Reading): void {
    reading.readers--;
    if (reading.readers === 0 && this.#reads.get(reading.key) === reading) this.#reads.delete(reading.key);
  }

  /** Tells the reads under way that a load of `key` was published. */
  published(key: string): void {
    const reading = this.#reads.get(key);
    if (reading === undefined) return;
    reading.overtaken = true;
    this.#reads.delete(key);
  }

  /** Detaches the load of `key`; resolves once nothing is being written there. */
  async detach(key: string): Promise<void> {
    this.statuses.detach(key);
    const writes = this.#publishes.get(key);
    if (writes !== undefined) await Promise.allSettled(writes);
  }

  /** Detaches the loads of all keys that begin with `scope`; resolves once nothing is being written to them. */
  async detachScope(scope: string): Promise<void> {
    const keys = new Set([...this.statuses.keys(), ...this.#publishes.keys()]);
    await Promise.all([...keys].filter((key) => key.startsWith(scope)).map((key) => this.detach(key)));
  }
}

const byStorage = new WeakMap<CacheStorage, LoadsInFlight>();
const byStatuses = new WeakMap<UpdateStatuses, LoadsInFlight>();

/** What is under way over `storage`; in a table of the user's own where `statuses` is given. */
export function loadsInFlightOver(storage: CacheStorage, statuses: UpdateStatuses | undefined): LoadsInFlight {
  if (statuses !== undefined) return found(byStatuses, statuses, () => statuses);
  // Without a lock timeout: the engine's own loads end by their timeout and the storage's deadline.
  return found(byStorage, storage, () => new InMemoryUpdateStatuses({ lockTimeout: Infinity }));
}

function found<K extends object>(
  table: WeakMap<K, LoadsInFlight>,
  owner: K,
  makeStatuses: () => UpdateStatuses,
): LoadsInFlight {
  let loads = table.get(owner);
  if (loads === undefined) {
    loads = new LoadsInFlight(makeStatuses());
    table.set(owner, loads);
  }
  return loads;
}
