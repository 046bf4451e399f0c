import { type CacheEntry, LocalInMemoryCacheStorage } from '@memo/core';
import { describe, expect, it } from 'vitest';

const entry: CacheEntry = { value: { is: 'an object' }, created: 0, updateAfter: 1, expiresAfter: 2 };

describe('py-memoize test_storage', () => {
  it('test_offer_and_get_returns_same_object', async () => {
    const storage = new LocalInMemoryCacheStorage();
    await storage.offer('key', entry);
    expect(await storage.get('key')).toBe(entry);
  });

  it('test_get_without_offer_returns_none', async () => {
    expect(await new LocalInMemoryCacheStorage().get('key')).toBe(undefined);
  });

  it('test_released_object_is_not_returned: and to release it twice does no harm', async () => {
    const storage = new LocalInMemoryCacheStorage();
    await storage.offer('key', entry);
    await storage.release('key');
    await storage.release('key');
    expect(await storage.get('key')).toBe(undefined);
  });
});
