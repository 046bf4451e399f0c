import { storageOver, type CacheEntry, type CacheStorage, type Lock, type MapLike } from '@memo/core';
import { describe, expectTypeOf, it } from 'vitest';

/** As Keyv declares itself. */
interface KeyvLike {
  iterator?: (argument: unknown) => AsyncGenerator<unknown[], void>;
  get ttl(): number | undefined;
  get<Value>(key: string, options?: { raw: false }): Promise<Value | undefined>;
  get<Value>(key: string[], options?: { raw: false }): Promise<(Value | undefined)[]>;
  getMany<Value>(keys: string[]): Promise<(Value | undefined)[]>;
  set<Value>(key: string, value: Value, ttl?: number): Promise<boolean>;
  delete(key: string | string[]): Promise<boolean>;
  clear(): Promise<void>;
}

/** As lru-cache declares itself. */
interface LeastRecentlyUsedLike<K, V> {
  readonly ttl: number;
  get(key: K, options?: { updateAgeOnGet?: boolean }): V | undefined;
  set(key: K, value: V | undefined, options?: { ttl?: number; size?: number }): this;
  delete(key: K): boolean;
  clear(): void;
  keys(): Generator<K, void, unknown>;
  entries(): Generator<[K, V], void, unknown>;
}

declare const keyv: KeyvLike;
declare const leastRecentlyUsed: LeastRecentlyUsedLike<string, object>;

class Own implements MapLike {
  async get(key: string): Promise<string | undefined> {
    return key;
  }
  async set(_key: string, _record: unknown, _milliseconds?: number): Promise<void> {}
  async delete(_key: string): Promise<void> {}
  lock(_key: string): Lock {
    return { acquire: async () => true, release: async () => {} };
  }
  async ttl(_key: string): Promise<number> {
    return 1;
  }
  async keys(): Promise<string[]> {
    return [];
  }
}

describe('storageOver', () => {
  it('takes maps and stores of all kinds', () => {
    expectTypeOf(storageOver(new Map())).toEqualTypeOf<CacheStorage>();
    storageOver(new Map<string, CacheEntry>());
    storageOver(new Map<unknown, unknown>());
    storageOver(keyv);
    storageOver(leastRecentlyUsed, { shared: false, values: 'any' });
    storageOver(new Own());
    storageOver({ get: () => null, set: (_key: string, _record: unknown, _ms?: number) => {}, delete: () => {} });
  });

  it('refuses what is no store, and options that there are not', () => {
    // @ts-expect-error it has no delete
    storageOver({ get: () => null, set: () => {} });
    // @ts-expect-error a lock has acquire and release
    storageOver({ get: () => null, set: () => {}, delete: () => {}, lock: () => true });
    // @ts-expect-error there is no such option
    storageOver(new Map(), { namespace: 'a' });
  });
});
