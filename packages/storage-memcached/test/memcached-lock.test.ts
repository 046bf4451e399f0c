import { InvalidOptionError, StorageFailedError } from '@memo/core';
import { lockContract, ManualClock } from '@memo/core/testing';
import { askMemcached, lacks, startMemcached, startProxy, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';
import { MemcachedCacheStorage, type MemcachedCacheStorageOptions } from '../src/index.js';

describe.skipIf(lacks('memcached'))('the lock of MemcachedCacheStorage', () => {
  let server: Server;
  const opened: MemcachedCacheStorage[] = [];

  beforeAll(async () => {
    server = await startMemcached();
  });

  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage[Symbol.asyncDispose]();
    await askMemcached(server.port, 'flush_all');
  });

  afterAll(() => server.stop());

  const open = (options: MemcachedCacheStorageOptions = {}, port = server.port): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(`127.0.0.1:${port}`, { deadline: '2 seconds', ...options });
    opened.push(storage);
    return storage;
  };

  lockContract({ describe, it, expect }, () => ({ first: open().lock('key'), second: open().lock('key') }));

  it('is one item of its own for each key and namespace, which ends after a minute', async () => {
    const storage = open({ namespace: 'a:b' });
    await storage.offer('key', entryOf('value'));
    for (const key of ['key', 'k'.repeat(600), '\ud800', 'key 1']) {
      expect(await storage.lock(key).acquire(0)).toBe(true);
      expect(await storage.lock(key).acquire(0)).toBe(false);
      expect(await open({ namespace: 'a' }).lock(key).acquire(0)).toBe(true);
    }
    const [answer] = await askMemcached(server.port, 'mg a%3Ab%~lock:key t');
    expect(Number(/^HD t(\d+)$/.exec(answer ?? '')?.[1])).toBeGreaterThan(55);
    expect((await storage.get('key'))?.value).toBe('value');
    await storage.clear('');
    expect(await storage.lock('key').acquire(0)).toBe(false);
  });

  it('is had by the next one when its time is over, and is not given back by the one before', async () => {
    const [first, second, third] = [open().lock('key'), open().lock('key'), open().lock('key')];
    await first.acquire(0);
    await askMemcached(server.port, 'delete memo%~lock:key');
    expect(await second.acquire(0)).toBe(true);
    await first.release();
    expect(await third.acquire(0)).toBe(false);
    await second.release();
    expect(await third.acquire(0)).toBe(true);
  });

  it('is given back over another connection', async () => {
    await using proxy = await startProxy({ target: server });
    const storage = open({}, proxy.port);
    const lock = storage.lock('key');
    await lock.acquire(0);
    proxy.reset();
    await expect.poll(() => storage.get('key').catch(() => 'failed')).toBeUndefined();
    await lock.release();
    expect(await open().lock('key').acquire(0)).toBe(true);
  });

  it('does not stay locked by a try that was given up', async () => {
    await using proxy = await startProxy({ target: server });
    const slow = open({ deadline: 100 }, proxy.port).lock('key');
    await slow.acquire(0);
    await slow.release();
    proxy.freeze();
    const error = await failureOf(slow.acquire(0));
    expect(StorageFailedError.isInstance(error)).toBe(true);
    expect(error.message).toBe(
      'The storage failed at lock of key "key": The storage did not answer lock within its deadline of 100 ms.',
    );
    await proxy.resume();
    // The request that was held back has reached the server when another one after it was answered.
    await slow.release();
    await expect.poll(() => askMemcached(server.port, 'mg memo%~lock:key t')).toEqual(['EN']);
    expect(await open().lock('key').acquire(0)).toBe(true);
  });

  it('is tried again after pauses that grow, by the clock of the storage', async () => {
    const clock = new ManualClock();
    await open().lock('key').acquire(0);
    const tries = async (): Promise<number> => {
      const lines = await askMemcached(server.port, 'stats');
      return Number(lines.find((line) => line.startsWith('STAT cmd_set '))?.split(' ')[2]);
    };
    const before = await tries();
    const waiting = open({ clock, deadline: '1 hour' }).lock('key').acquire('10 seconds');
    const triesWithin: number[] = [];
    for (const pause of [0, 19, 1, 29, 1, 44, 1]) {
      await clock.advance(pause);
      // Nothing but the pause is left when the server has answered.
      await expect.poll(() => clock.pendingTimers).toBe(1);
      triesWithin.push((await tries()) - before);
    }
    expect(triesWithin).toEqual([1, 1, 2, 2, 3, 3, 4]);
    const isOver = waiting.then(() => true);
    const rest = async (): Promise<boolean> => {
      await clock.advance(100);
      return Promise.race([isOver, new Promise<false>((resolve) => setTimeout(resolve, 5, false))]);
    };
    await expect.poll(rest, { timeout: 10_000, interval: 1 }).toBe(true);
    expect(await waiting).toBe(false);
  });

  it('refuses a timeout that is none', async () => {
    const error = await failureOf(open().lock('key').acquire('30'));
    expect(InvalidOptionError.isInstance(error)).toBe(true);
    expect(error.message).toContain(`option 'timeout' should be a duration`);
  });
});
