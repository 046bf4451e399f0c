import { setTimeout as pause } from 'node:timers/promises';
import { StorageDownError, StorageFailedError, StorageTimeoutError } from '@memo/core';
import { askMemcached, lacks, startMemcached, startProxy, type Proxy, type Server } from '@memo/test-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemcachedCacheStorage } from '../src/index.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';
import { failuresOf, worksAgain } from './support/failures.js';

const deadline = 300;
/** How long a connection may be silent while answers are awaited. */
const silenceLimit = 2_000;

describe.skipIf(lacks('memcached'))('faults of the server', () => {
  let server: Server;
  let proxy: Proxy;
  const opened: AsyncDisposable[] = [];

  beforeEach(async () => {
    server = await startMemcached();
    proxy = await startProxy({ target: server });
    opened.push(server, proxy);
  });

  afterEach(async () => {
    // The storages first, those that were opened last.
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });

  const connect = (port: number): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(`127.0.0.1:${port}`, { deadline });
    opened.push(storage);
    return storage;
  };
  const open = async (port = server.port): Promise<MemcachedCacheStorage> => {
    const storage = connect(port);
    const offered = () => storage.offer('key', entryOf('value')).catch(() => 'failed');
    await expect.poll(offered, { timeout: 5_000 }).toBe('stored');
    return storage;
  };
  const statistic = async (name: string): Promise<number> => {
    const lines = await askMemcached(server.port, 'stats');
    return Number(lines.find((line) => line.startsWith(`STAT ${name} `))?.split(' ')[2]);
  };

  it('a frozen server: every operation ends in time; when it goes on, so does the storage', async () => {
    const storage = await open();
    server.pause();
    for (const cause of await failuresOf(storage)) expect(StorageTimeoutError.isInstance(cause)).toBe(true);
    const started = performance.now();
    for (const cause of await failuresOf(storage)) expect(StorageDownError.isInstance(cause)).toBe(true);
    expect(performance.now() - started).toBeLessThan(deadline);
    server.resume();
    await worksAgain(storage, 1_500);
  });

  it('a frozen server: nothing piles up on the way to it', async () => {
    const storage = await open();
    const before = await statistic('cmd_get');
    server.pause();
    const end = performance.now() + silenceLimit + 500;
    let asked = 0;
    while (performance.now() < end) {
      await Promise.allSettled(Array.from({ length: 10 }, () => storage.get('key')));
      asked += 10;
      await pause(5);
    }
    expect(asked).toBeGreaterThan(500);
    server.resume();
    // The first ten, the probe behind which no other has to wait, and one after the silence. Each asks for the generation.
    expect((await statistic('cmd_get')) - before).toBeLessThanOrEqual(11 + 2 + 2);
    await worksAgain(storage, 3_000);
  });

  it('a killed server that is started again', async () => {
    const storage = await open();
    await server.kill();
    const [first] = await failuresOf(storage);
    expect(first?.message).toMatch(
      new RegExp(
        `^The connection to the memcached server 127.0.0.1:${server.port} was lost: .+\\. The next request opens a new one\\.$`,
      ),
    );
    for (const cause of await failuresOf(storage)) expect(StorageDownError.isInstance(cause)).toBe(true);
    await server.restart();
    await worksAgain(storage, 2_500);
    expect(await storage.get('never offered')).toBeUndefined();
  });

  it('a server that is not there when the storage is made', async () => {
    await server.kill();
    const storage = connect(server.port);
    for (const cause of await failuresOf(storage)) {
      expect(cause.message).toBe(
        `The connection to the memcached server 127.0.0.1:${server.port} was lost: ` +
          `connect ECONNREFUSED 127.0.0.1:${server.port}. The next request opens a new one.`,
      );
    }
    await server.restart();
    await worksAgain(storage, 2_500);
  });

  it('a network that is slower than the deadline', async () => {
    const storage = await open(proxy.port);
    proxy.delay(deadline * 2);
    await failuresOf(storage);
    await proxy.resume();
    await worksAgain(storage, 2_500);
  });

  it.each([
    ['cut', (bytes: number) => proxy.cutAfter(bytes)],
    ['stalled', (bytes: number) => proxy.stallAfter(bytes)],
  ])('connections that are %s in the middle of an answer', async (_fault, strike) => {
    const storage = await open(proxy.port);
    const values = ['x', 'y'].map((letter) => letter.repeat(100_000));
    await Promise.all(values.map((value) => storage.offer(value, entryOf(value))));
    for (const bytes of [10, 24, 60, 20_000, 110_000]) {
      strike(bytes);
      const outcomes = await Promise.allSettled(values.map((value) => storage.get(value)));
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') expect(outcome.value?.value).toBe(values[index]);
        else expect(StorageFailedError.isInstance(outcome.reason)).toBe(true);
      }
      expect(outcomes.at(-1)?.status).toBe('rejected');
      await proxy.resume();
      await worksAgain(storage, 3_000);
      for (const value of values) expect((await storage.get(value))?.value).toBe(value);
    }
  });

  it('a network that swallows everything without a word', async () => {
    const storage = await open(proxy.port);
    proxy.swallow();
    await failuresOf(storage);
    await proxy.resume();
    await worksAgain(storage, 3_000);
  });

  it('a network that has forgotten the connection: a new one is opened after the limit of silence', async () => {
    const storage = await open(proxy.port);
    proxy.forget();
    for (const cause of await failuresOf(storage)) expect(StorageTimeoutError.isInstance(cause)).toBe(true);
    // Nobody mends anything: the network stays as it is.
    await worksAgain(storage, silenceLimit + 3_000);
  });

  it('a process that was busy for longer than the deadline reads the answers that are there', async () => {
    const storage = await open();
    const answer = storage.get('key');
    await new Promise((resolve) => setImmediate(resolve));
    const end = performance.now() + deadline * 2;
    while (performance.now() < end);
    expect((await answer)?.value).toBe('value');
  });

  it('a process that was busy for longer than the limit of silence keeps its connection', async () => {
    const storage = await open();
    const before = await statistic('total_connections');
    const answer = storage.get('key');
    await new Promise((resolve) => setImmediate(resolve));
    const end = performance.now() + silenceLimit + 100;
    while (performance.now() < end);
    expect((await answer)?.value).toBe('value');
    // Each look at the statistics is a connection of its own.
    expect((await statistic('total_connections')) - before).toBe(1);
  });

  it('a server that loses everything: a miss', async () => {
    const storage = await open();
    await askMemcached(server.port, 'flush_all');
    expect(await storage.get('key')).toBeUndefined();
    await worksAgain(storage, 1_000);
    await server.restart();
    await worksAgain(storage, 2_500);
    expect(await storage.get('other')).toBeUndefined();
  });
});

describe.skipIf(lacks('memcached'))('a server without memory left', () => {
  const large = 'x'.repeat(100_000);

  const full = async (storage: MemcachedCacheStorage): Promise<void> => {
    for (let number = 0; number < 30; number++) await storage.offer(`large ${number}`, entryOf(large)).catch(() => {});
  };

  it('refuses what it has no room for, and what it holds can still be read', async () => {
    await using server = await startMemcached({ args: ['-M', '-m', '2'] });
    await using storage = new MemcachedCacheStorage(server.url, { deadline: '2 seconds' });
    for (const key of ['small', 'key']) await storage.offer(key, entryOf('value'));
    await full(storage);
    for (let time = 0; time < 6; time++) {
      expect((await failureOf(storage.offer('key', entryOf(large)))).message).toBe(
        `The storage failed at offer of key "key": The memcached server 127.0.0.1:${server.port} refused set with ` +
          'status 130: Out of memory.',
      );
    }
    expect((await storage.get('small'))?.value).toBe('value');
    expect((await storage.get('large 0'))?.value).toBe(large);
    // The server deletes what it cannot replace.
    expect(await storage.get('key')).toBeUndefined();
  });

  it('makes room where it may, and what is gone is a miss', async () => {
    await using server = await startMemcached({ args: ['-m', '2'] });
    await using storage = new MemcachedCacheStorage(server.url, { deadline: '2 seconds' });
    await full(storage);
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_, number) => (await storage.get(`large ${number}`))?.value),
    );
    expect(new Set(outcomes)).toEqual(new Set([undefined, large]));
    await worksAgain(storage, 1_000);
  });
});
