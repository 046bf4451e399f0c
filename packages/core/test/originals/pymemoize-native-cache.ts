import type { CacheEntry, CacheStorage, Clock, MapLike, OfferResult } from '@memo/core';
import { PythonError } from './asyncio-model.js';
import type { KeyedCache } from './pymemoize-library.js';
import { pyMemoize } from './pymemoize-model.js';

/** A cache that forgets by itself and counts in whole seconds, such as that of Django. */
export class NativeCache {
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly record: unknown; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): unknown {
    return this.secondsLeft(key) > 0 ? this.#kept.get(key)?.record : undefined;
  }

  /** @param seconds - what is kept for none of them is not kept at all. */
  set(key: string, record: unknown, seconds = Infinity): void {
    this.#kept.set(key, { record, until: this.#clock.now() + Math.trunc(seconds) * 1_000 });
  }

  delete(key: string): boolean {
    return this.#kept.delete(key);
  }

  secondsLeft(key: string): number {
    return Math.ceil(((this.#kept.get(key)?.until ?? 0) - this.#clock.now()) / 1_000);
  }
}

/** Such a cache as a store: it keeps things rather too long, and promises rather too little (P70). */
export function mapLike(cache: NativeCache): MapLike {
  return {
    get: (key) => cache.get(key),
    set: (key, record, milliseconds) =>
      cache.set(key, record, typeof milliseconds === 'number' ? Math.ceil(milliseconds / 1_000) : undefined),
    delete: (key) => cache.delete(key),
    ttl: (key) => (Number.isFinite(cache.secondsLeft(key)) ? (cache.secondsLeft(key) - 1) * 1_000 : undefined),
  };
}

/** A model of PyMemoize over its `djangocache.Cache`, with its defects (P75). */
export function overModelledDjangoCache(cache: NativeCache, clock: Clock): KeyedCache {
  const store: CacheStorage = {
    get: (key) => Promise.resolve(cache.get(key) as CacheEntry | undefined),
    offer: (key, entry): Promise<OfferResult> => {
      const expiry = (entry.value as readonly unknown[])[2] as number | null;
      // What is cut off is gone too early.
      cache.set(key, entry, expiry === null ? undefined : (expiry - clock.now()) / 1_000);
      return Promise.resolve('stored');
    },
    release: () => Promise.reject(new PythonError('TypeError', '__delitem__() takes 1 positional argument')),
  };
  const notImplemented = (): Promise<never> => Promise.reject(new PythonError('NotImplementedError'));
  return Object.assign(pyMemoize.over(store, clock), { expire: notImplemented, expireAt: notImplemented });
}
