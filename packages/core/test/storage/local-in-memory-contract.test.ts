import { describe, expect, it } from 'vitest';
import { LocalInMemoryCacheStorage } from '../../src/storage/local-in-memory-cache-storage.js';
import { cacheStorageContract } from '../../src/testing/index.js';

cacheStorageContract({ describe, it, expect }, () => new LocalInMemoryCacheStorage(), {
  sameEntry: true,
  values: 'any',
});
