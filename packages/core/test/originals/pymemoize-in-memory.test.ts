import { type CacheStorage, type Clock, LocalInMemoryCacheStorage, storageOver } from '@memo/core';
import { lockContract } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { InProcessLocks } from './in-process-locks.js';
import { pyMemoizeSuite } from './pymemoize-suite.js';
import type { OpenedStorage } from './pymemoize-world.js';

pyMemoizeSuite({
  name: 'a LocalInMemoryCacheStorage',
  open: (clock) => spoiledByOffers(new LocalInMemoryCacheStorage({ clock })),
});

pyMemoizeSuite({
  name: 'a Map',
  open: (clock: Clock): OpenedStorage => {
    const map = new Map<string, unknown>();
    return { storage: storageOver(map, { clock }), spoil: async (key) => map.set(key, 'of another version') };
  },
});

describe('the lock of these tests', () => {
  lockContract({ describe, it, expect }, () => {
    const locks = new InProcessLocks();
    return { first: locks.of('key'), second: locks.of('key') };
  });
});

/** Only a storage of this process keeps something that is no entry. */
function spoiledByOffers(storage: CacheStorage): OpenedStorage {
  return { storage, spoil: (key) => storage.offer(key, { version: 2 } as never) };
}
