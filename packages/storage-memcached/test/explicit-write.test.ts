import type { SerDe } from '@memo/core';
import { askMemcached, lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';
import { JsonSerDe, MemcachedCacheStorage, type MemcachedCacheStorageOptions } from '../src/index.js';
import { acquire, long } from './support/asking.js';
import { beforeEvery, beforeNext } from './support/before-sending.js';

describe.skipIf(lacks('memcached'))('setting an entry', () => {
  let server: Server;
  const opened: AsyncDisposable[] = [];

  beforeAll(async () => {
    server = await startMemcached();
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
    await askMemcached(server.port, 'flush_all');
  });

  afterAll(() => server.stop());

  const open = (options: MemcachedCacheStorageOptions = {}): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(server.url, { deadline: '5 seconds', ...options });
    opened.push(storage);
    return storage;
  };
  const valueOf = async (storage: MemcachedCacheStorage): Promise<unknown> => (await storage.get('key'))?.value;
  /** Writes what is there once more, byte by byte, as somebody else would who changes the entry. */
  const touch = (): Promise<unknown> => askMemcached(server.port, 'append memo:key 0 0 0', '');

  it.each([1, 10])(
    'of fifty that set at once every one is told that it was stored, over %i storages',
    async (count) => {
      const storages = Array.from({ length: count }, () => open());
      const setting = Array.from({ length: 50 }, (_, index) => storages[index % count]!.set('key', entryOf(index)));
      expect(await Promise.all(setting)).toStrictEqual(setting.map(() => 'stored'));
      expect(await valueOf(open())).toEqual(expect.any(Number));
    },
  );

  it('what is cleared, or lost, meanwhile is set all the same', async () => {
    const json = new JsonSerDe();
    let meanwhile: (() => Promise<unknown>) | undefined;
    // The storage has looked at what is there when it packs the entry.
    const serde: SerDe = {
      serialize: async (entry) => {
        const strike = meanwhile;
        meanwhile = undefined;
        await strike?.();
        return json.serialize(entry);
      },
      deserialize: (data) => json.deserialize(data),
    };
    const [storage, other] = [open({ serde }), open({ serde })];
    await storage.set('key', entryOf('before'));
    for (const strike of [
      () => other.clear('key'),
      () => other.clear(''),
      () => other.invalidate('key'),
      () => other.set('key', entryOf('other')),
      () => askMemcached(server.port, 'delete memo%~generation'),
      () => askMemcached(server.port, 'flush_all'),
    ]) {
      const value = String(strike);
      meanwhile = strike;
      expect(await storage.set('key', entryOf(value))).toBe('stored');
      expect([await valueOf(storage), await valueOf(other)]).toStrictEqual([value, value]);
    }
  });

  it('takes the place of what is absent for a moment only', async () => {
    const storage = open();
    beforeNext('set', async () => {
      const [answer] = await askMemcached(server.port, 'mg memo:key t');
      expect(Number(/^HD t(\d+)$/.exec(answer ?? '')?.[1])).toBeLessThanOrEqual(4);
      expect(await open().get('key')).toBeUndefined();
    });
    expect(await storage.set('key', entryOf('value'))).toBe('stored');
  });

  it('declines what is larger than the server takes, and keeps what was there', async () => {
    const storage = open();
    await storage.set('key', entryOf('before'));
    expect(await storage.set('key', entryOf('x'.repeat(1_100_000)))).toBe('declined');
    expect(await storage.set('absent', entryOf('x'.repeat(1_100_000)))).toBe('declined');
    expect(await valueOf(storage)).toBe('before');
    expect(await askMemcached(server.port, 'mg memo:absent t')).toStrictEqual(['EN']);
  });

  it('does not count the time that a SerDe takes as that of the server', async () => {
    const json = new JsonSerDe();
    const slow: SerDe = {
      serialize: (entry) => {
        for (const end = performance.now() + 600; performance.now() < end;);
        return json.serialize(entry);
      },
      deserialize: (data) => json.deserialize(data),
    };
    const storage = open({ serde: slow, deadline: 500 });
    await storage.get('key');
    expect(await storage.set('key', entryOf('value'))).toBe('stored');
  });

  describe('what others write again and again, each time in between, is left as it is', () => {
    const expectContention = async (
      operation: string,
      attempt: () => Promise<unknown>,
      times: number,
    ): Promise<void> => {
      const stop = beforeEvery('set', touch);
      const error = await failureOf(attempt());
      stop();
      expect(error.message).toBe(
        `The storage failed at ${operation} of key "key": An item was changed by others each of the ${times} times that ` +
          'it was to be written, so it was left as it is. Try again later.',
      );
    };

    it('by a set', async () => {
      const storage = open();
      await storage.set('key', entryOf('before'));
      await expectContention('set', () => storage.set('key', entryOf('after')), 20);
      expect(await valueOf(storage)).toBe('before');
    });

    it('by a renewal, and when a lease is given back', async () => {
      const storage = open();
      await storage.set('key', entryOf('before'));
      const lease = await acquire(storage, 'key', { seen: 'any' });
      await expectContention('renew', () => lease.renew(long), 5);
      await expectContention('giveBack', () => lease.giveBack(), 5);
      const stop = beforeEvery('set', touch);
      expect(await storage.offer('key', entryOf('after'), lease)).toBe('declined');
      stop();
      expect(await lease.giveBack()).toBe(true);
      expect(await valueOf(storage)).toBe('before');
    });
  });
});
