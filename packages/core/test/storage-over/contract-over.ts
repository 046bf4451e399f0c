import { storageOver, type CacheStorage, type MapLike, type StorageOverOptions } from '@memo/core';
import { cacheStorageContract, type CacheStorageTraits } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { Backend, type Copying } from './stores.js';

export const runner = { describe, it, expect };

type StoreClass = new (copying: Copying, backend: Backend) => MapLike;

/** The contract over one kind of store, where every storage that is opened is another client of its backend. */
export function contractOver(
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
