import type { CacheStorage, Clock } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { turn } from '../support/deferred.js';
import { asAnotherProcess } from './another-process.js';
import type { KeyedCache, KeyedLibrary, RegionOptions } from './pymemoize-library.js';

/** Where a cache keeps its entries: in the process, or on servers. */
export interface Place {
  readonly name: string;
  /** A storage with nothing in it, which judges by `clock`. */
  open(clock: Clock): OpenedStorage;
}

export interface OpenedStorage {
  readonly storage: CacheStorage;
  /** Puts something there that is no entry of this version of memo. */
  spoil(key: string): Promise<unknown>;
  close?(): Promise<unknown>;
}

/** All that a scenario plays in: a library, a place, and a time that passes when the scenario says so. */
export class World {
  readonly library: KeyedLibrary;
  readonly clock = new ManualClock(Date.UTC(2030, 0, 1));
  readonly #place: Place;
  readonly #opened = new Map<CacheStorage, OpenedStorage>();

  constructor(library: KeyedLibrary, place: Place) {
    this.library = library;
    this.#place = place;
  }

  /** A storage with nothing in it. */
  open(): CacheStorage {
    const opened = this.#place.open(this.clock);
    const storage = this.library.sees(opened.storage);
    this.#opened.set(storage, opened);
    return storage;
  }

  /** A cache over `storage`, a new one unless one is given. */
  cache(options?: RegionOptions, storage: CacheStorage = this.open()): KeyedCache {
    return this.library.over(storage, this.clock, options);
  }

  /** A cache of another process that shares `storage`. */
  cacheElsewhere(storage: CacheStorage, options?: RegionOptions): KeyedCache {
    return this.cache(options, asAnotherProcess(storage));
  }

  /** Whether `storage` keeps anything for `key` of a cache. */
  async keeps(storage: CacheStorage, key: string, namespace?: string): Promise<boolean> {
    return (await storage.get(this.library.storedKey(key, namespace))) !== undefined;
  }

  /** Leaves under `key` what another version of the library would have kept there. */
  async leaveAnotherVersion(storage: CacheStorage, key: string): Promise<void> {
    const [name, { ofAnotherVersion: value }] = [this.library.storedKey(key), this.library];
    if (value === undefined) await this.#opened.get(storage)!.spoil(name);
    else await storage.offer(name, { value, created: 0, updateAfter: Infinity, expiresAfter: Infinity });
  }

  /** Lets everything happen that needs no time: what was asked of a server is answered in turn. */
  async settle(storage: CacheStorage): Promise<void> {
    for (let step = 0; step < 20; step++) {
      await storage.get('of nobody');
      await turn();
    }
  }

  /** Waits until something is so that needs no time, however slow a server is; then lets everything happen. */
  async settleOnce(storage: CacheStorage, isSo: () => boolean): Promise<void> {
    while (!isSo()) await this.settle(storage);
    await this.settle(storage);
  }

  async end(): Promise<void> {
    for (const { close } of this.#opened.values()) await close?.();
  }
}
