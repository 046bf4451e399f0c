import type { CacheEntry } from '../entry/cache-entry.js';
import type { CacheStorage, EntryMoments, OfferResult } from './cache-storage.js';

/**
 * A storage that keeps entries in this process: each comes back as the very object that was offered, until it is
 * overwritten, released or invalidated (py-memoize M88). Expired entries stay (M83); what bounds the number of entries
 * is the cache's eviction strategy.
 */
export class LocalInMemoryCacheStorage implements CacheStorage {
  readonly shared: boolean = false;
  /** Nothing here can hang, so nothing has to be timed. */
  readonly deadline = Infinity;
  readonly #entries = new Map<string, CacheEntry>();

  /** How many entries are kept, expired ones included. */
  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Promise<CacheEntry | undefined> {
    return Promise.resolve(this.#entries.get(key));
  }

  peek(key: string): CacheEntry | undefined {
    return this.#entries.get(key);
  }

  offer(key: string, entry: CacheEntry): Promise<OfferResult> {
    this.#entries.set(key, entry);
    return Promise.resolve('stored');
  }

  release(key: string): Promise<void> {
    this.#entries.delete(key);
    return Promise.resolve();
  }

  invalidate(key: string): Promise<number | undefined> {
    const expiresAfter = this.#entries.get(key)?.expiresAfter;
    this.#entries.delete(key);
    return Promise.resolve(expiresAfter);
  }

  changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    const entry = this.#entries.get(key);
    if (entry?.created !== expected.created || now >= entry.expiresAfter) return Promise.resolve(false);
    const { updateAfter, expiresAfter } = moments;
    this.#entries.set(key, { ...entry, updateAfter, expiresAfter });
    return Promise.resolve(true);
  }

  clear(scope: string): Promise<void> {
    for (const key of this.#entries.keys()) {
      if (key.startsWith(scope)) this.#entries.delete(key);
    }
    return Promise.resolve();
  }

  async *entries(): AsyncGenerator<readonly [key: string, entry: CacheEntry], void, undefined> {
    yield* this.#entries;
  }
}
