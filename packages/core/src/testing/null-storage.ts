import type { CacheEntry } from '../entry/cache-entry.js';
import type { CacheStorage, OfferResult } from '../storage/cache-storage.js';

/** A storage that keeps nothing: it declines every entry, so that each call is a miss. */
export class NullStorage implements CacheStorage {
  readonly shared = false;
  readonly deadline = Infinity;
  /** None is ever kept, so that none has to leave. */
  readonly keepsResources = true;

  get(_key: string): Promise<CacheEntry | undefined> {
    return Promise.resolve(undefined);
  }

  getMany(keys: readonly string[]): Promise<readonly undefined[]> {
    return Promise.resolve(keys.map(() => undefined));
  }

  offer(_key: string, _entry: CacheEntry): Promise<OfferResult> {
    return Promise.resolve('declined');
  }

  release(_key: string): Promise<void> {
    return Promise.resolve();
  }

  invalidate(_key: string): Promise<number | undefined> {
    return Promise.resolve(undefined);
  }

  clear(_scope: string): Promise<void> {
    return Promise.resolve();
  }
}
