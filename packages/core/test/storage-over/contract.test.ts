import { storageOver, type CacheStorage, type MapLike, type StorageOverOptions } from '@memo/core';
import { cacheStorageContract, type CacheStorageTraits } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import {
  AbleStore,
  Backend,
  byJson,
  byStructuredClone,
  DistantStore,
  ListingStore,
  textOnly,
  V8SerDe,
  type Copying,
} from './stores.js';

const runner = { describe, it, expect };

type StoreClass = new (copying: Copying, backend: Backend) => MapLike;

/** The contract over one kind of store, where every storage that is opened is another client of its backend. */
function contractOver(
  Store: StoreClass,
  copying: Copying,
  options: StorageOverOptions,
  { garbage, ...traits }: CacheStorageTraits & { readonly garbage: unknown },
): void {
  const backends = new WeakMap<CacheStorage, Backend>();
  const open = (backend: Backend): CacheStorage => {
    const storage = storageOver(new Store(copying, backend), options);
    backends.set(storage, backend);
    return storage;
  };
  cacheStorageContract(runner, () => open(new Backend()), {
    resolution: 1,
    ...(options.shared !== false && { openAnother: (storage: CacheStorage) => open(backends.get(storage)!) }),
    interrupt: (storage) => backends.get(storage)!.interrupt(),
    corrupt: (storage, key) => void backends.get(storage)!.kept.set(key, { written: garbage, until: Infinity }),
    ...traits,
  });
}

describe('over a Map', () => {
  cacheStorageContract(runner, () => storageOver(new Map()), { sameEntry: true, values: 'any' });
});

describe('over a store that copies by JSON', () => {
  contractOver(ListingStore, byJson, {}, { values: 'json', garbage: '{"memo":2}' });
});

describe('over one that can whatever a store can do', () => {
  contractOver(AbleStore, byJson, {}, { values: 'json', garbage: '{"memo":1,' });
});

describe('over one that can nothing else', () => {
  contractOver(DistantStore, byJson, {}, { values: 'json', garbage: 'null and void' });
});

describe('over one of this process that copies by structured clone', () => {
  const options = { shared: false, values: 'any' } as const;
  contractOver(ListingStore, byStructuredClone, options, { lossy: true, garbage: new Date(0) });
});

describe('over one that keeps text, with a SerDe', () => {
  contractOver(ListingStore, textOnly, { serde: new V8SerDe() }, { lossy: true, garbage: 'no record' });
});
