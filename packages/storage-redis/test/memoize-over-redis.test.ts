import { memoize, StorageFailedError, type CacheEvent } from '@memo/core';
import { lacks, startRedis, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisCacheStorage } from '../src/index.js';
import { ioredis6, type StandaloneClient } from './support/clients.js';
import { failureOf } from '../../serde/test/support/stored-entry.js';

describe.skipIf(lacks('redis-server'))('functions that share a Redis', () => {
  let server: Server;
  const clients: StandaloneClient[] = [];
  /** A storage as another process would have it. */
  const open = (deadline = 500): RedisCacheStorage => {
    const client = ioredis6.standalone({ port: server.port });
    clients.push(client);
    return new RedisCacheStorage(client, { deadline });
  };
  let loads = 0;
  const load = async (id: string): Promise<string> => `${id} ${String(++loads)}`;

  beforeAll(async () => {
    server = await startRedis();
  });

  beforeEach(async () => {
    await open().clear('');
    loads = 0;
  });

  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server.stop();
  });

  it('find what the other loaded, deleted, and expired', async () => {
    const [one, other] = [
      memoize(load, { name: 'load', storage: open() }),
      memoize(load, { name: 'load', storage: open() }),
    ];
    expect([await one('a'), await other('a')]).toEqual(['a 1', 'a 1']);
    expect(await other.expire(['a'], '1 minute')).toBe(true);
    // Each storage knows the server's clock to within the time that an answer takes.
    expect(await one.ttl(['a'])).toBeLessThan(60_500);
    expect(await other.delete(['a'])).toBe(true);
    expect(await one('a')).toBe('a 2');
  });

  it('clear their own entries only', async () => {
    const storage = open();
    const one = memoize(load, { name: 'one', storage });
    const other = memoize(load, { name: 'one*', storage });
    for (const key of ['a', 'b'.repeat(1_000)]) await Promise.all([one(key), other(key)]);
    await other.clear();
    expect([await one.exists(['a']), await one.exists(['b'.repeat(1_000)])]).toEqual([true, true]);
    expect([await other.exists(['a']), await other.exists(['b'.repeat(1_000)])]).toEqual([false, false]);
  });

  it('answer in time when the server is frozen, and an explicit delete says that it was not done', async () => {
    const events: CacheEvent['type'][] = [];
    const cached = memoize(load, { name: 'frozen', storage: open(200), onEvent: ({ type }) => events.push(type) });
    await cached('a');
    server.pause();
    try {
      const started = performance.now();
      expect(await cached('b')).toBe('b 2');
      expect(performance.now() - started).toBeLessThan(600);
      expect(events).toContain('storage-failed');
      expect(StorageFailedError.isInstance(await failureOf(cached.delete(['a'])))).toBe(true);
    } finally {
      server.resume();
    }
    const deleted = (): Promise<unknown> =>
      cached.delete(['a']).then(
        () => 'deleted',
        () => 'failed',
      );
    await expect.poll(deleted).toBe('deleted');
    expect(await cached('a')).toBe('a 3');
  });
});
