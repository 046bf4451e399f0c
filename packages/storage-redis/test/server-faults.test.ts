import { StorageDownError, StorageFailedError, StorageTimeoutError } from '@memo/core';
import { askRedis, lacks, startProxy, startRedis, type Proxy, type Server } from '@memo/test-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RedisCacheStorage } from '../src/index.js';
import { acquire, ask } from './support/asking.js';
import { majors, type ClientOptions, type StandaloneClient } from './support/clients.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';

const deadline = 200;
/** How much later an answer may come on a computer that is busy. */
const grace = 300;

describe.skipIf(lacks('redis-server')).each(majors)('faults of the server with $name', (major) => {
  let server: Server;
  let proxy: Proxy;
  const clients: StandaloneClient[] = [];

  beforeEach(async () => {
    server = await startRedis();
    proxy = await startProxy({ target: server });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await Promise.all([proxy.stop(), server.stop()]);
  });

  const connect = (options: ClientOptions): StandaloneClient => {
    const client = major.standalone(options);
    clients.push(client);
    return client;
  };
  const open = async (options: ClientOptions = { port: server.port }): Promise<RedisCacheStorage> => {
    const storage = new RedisCacheStorage(connect(options), { deadline });
    await storage.offer('key', entryOf('value'));
    return storage;
  };

  const operations = (storage: RedisCacheStorage): Record<string, () => Promise<unknown>> => ({
    get: () => storage.get('key'),
    offer: () => storage.offer('key', entryOf('value')),
    invalidate: () => storage.invalidate('key'),
    changeMoments: () => storage.changeMoments('key', entryOf(1), { updateAfter: 0, expiresAfter: 1 }, 0),
    clear: () => storage.clear(''),
  });

  /** Expects every operation to fail within the deadline, and tells what caused the failures. */
  const failuresOf = async (storage: RedisCacheStorage): Promise<Record<string, Error>> => {
    const causes: Record<string, Error> = {};
    for (const [name, operation] of Object.entries(operations(storage))) {
      const started = performance.now();
      const error = await failureOf(operation());
      expect(performance.now() - started).toBeLessThan(deadline + grace);
      expect(StorageFailedError.isInstance(error)).toBe(true);
      expect(error.message).toMatch(
        name === 'clear' ? /^The storage failed at clear: / : `failed at ${name} of key "key": `,
      );
      causes[name] = error.cause as Error;
    }
    return causes;
  };

  const works = async (storage: RedisCacheStorage): Promise<unknown> => {
    await storage.offer('key', entryOf('works again'));
    return (await storage.get('key'))?.value;
  };
  const worksAgain = (storage: RedisCacheStorage, timeout: number): Promise<void> =>
    expect.poll(() => works(storage).catch(() => undefined), { timeout, interval: 20 }).toBe('works again');

  it('a frozen server: every operation ends in time; when it goes on, so does the storage', async () => {
    const storage = await open({ port: server.port, maxRetriesPerRequest: null });
    server.pause();
    for (const cause of Object.values(await failuresOf(storage))) {
      expect(StorageTimeoutError.isInstance(cause)).toBe(true);
    }
    const started = performance.now();
    for (const cause of Object.values(await failuresOf(storage))) {
      expect(StorageDownError.isInstance(cause)).toBe(true);
    }
    expect(performance.now() - started).toBeLessThan(deadline);
    server.resume();
    await worksAgain(storage, 1_500);
  });

  it('a frozen server: nothing piles up in the client', async () => {
    const client = connect({ port: server.port });
    const storage = new RedisCacheStorage(client, { deadline: 50 });
    await storage.get('key');
    server.pause();
    let sent = 0;
    const getBuffer = client.getBuffer.bind(client);
    client.getBuffer = (key) => {
      sent++;
      return getBuffer(key);
    };
    const end = performance.now() + 2_500;
    let asked = 0;
    while (performance.now() < end) {
      await Promise.allSettled(Array.from({ length: 10 }, () => storage.get('key')));
      asked += 10;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(asked).toBeGreaterThan(500);
    // The first ten, and the probe behind which no other has to wait.
    expect(sent).toBeLessThanOrEqual(11);
    server.resume();
    await worksAgain(storage, 1_500);
  });

  it.each([
    { maxRetriesPerRequest: 20 },
    { maxRetriesPerRequest: null },
    { maxRetriesPerRequest: 0 },
    { enableOfflineQueue: false },
  ])('a killed server that is started again, and a client with %j', async (options) => {
    const client = connect({ port: server.port, ...options });
    await expect.poll(() => client.status).toBe('ready');
    const storage = new RedisCacheStorage(client, { deadline });
    await storage.get('key');
    await server.kill();
    await failuresOf(storage);
    await failuresOf(storage);
    await server.restart();
    await worksAgain(storage, 4_000);
    expect(await storage.get('never offered')).toBeUndefined();
  });

  it('a server that is not there when the storage is made', async () => {
    await server.kill();
    const storage = new RedisCacheStorage(connect({ port: server.port }), { deadline });
    await failuresOf(storage);
    await server.restart();
    await worksAgain(storage, 4_000);
  });

  it('a network that is slower than the deadline', async () => {
    const storage = await open({ port: proxy.port });
    proxy.delay(deadline * 2);
    await failuresOf(storage);
    await proxy.resume();
    await worksAgain(storage, 2_500);
  });

  it('connections that are cut, in the middle of an answer, too', async () => {
    const storage = await open({ port: proxy.port });
    await storage.offer('large', entryOf('x'.repeat(100_000)));
    for (let round = 0; round < 3; round++) {
      proxy.cutAfter(20_000);
      const outcome = await storage.get('large').then(
        () => 'answered',
        (error: unknown) => StorageFailedError.isInstance(error),
      );
      expect(outcome).toBe(true);
      await proxy.resume();
      proxy.reset();
      await worksAgain(storage, 3_000);
      expect(((await storage.get('large'))?.value as string).length).toBe(100_000);
    }
  });

  it('a network that swallows everything without a word', async () => {
    const storage = await open({ port: proxy.port });
    proxy.swallow();
    await failuresOf(storage);
    await proxy.resume();
    await worksAgain(storage, 3_000);
  });

  it('a server without memory left: what it holds can still be read', async () => {
    const storage = await open();
    await clients[0]?.call('CONFIG', 'SET', 'maxmemory', '1');
    for (let time = 0; time < 6; time++) {
      const error = await failureOf(storage.offer('key', entryOf('value')));
      expect(error.message).toMatch(/^The storage failed at offer of key "key": OOM command not allowed/);
    }
    expect((await storage.get('key'))?.value).toBe('value');
  });

  it('a process that was busy for longer than the deadline reads the answers that are there', async () => {
    const storage = await open();
    const answer = storage.get('key');
    await new Promise((resolve) => setImmediate(resolve));
    const end = performance.now() + deadline * 2;
    while (performance.now() < end);
    expect((await answer)?.value).toBe('value');
  });

  it('a server that loses everything: a miss', async () => {
    const storage = await open();
    await server.restart();
    await worksAgain(storage, 4_000);
    expect(await storage.get('other')).toBeUndefined();
  });

  it('a replica: nothing is cleared there, whether or not it has something to clear', async () => {
    const replica = await startRedis({ args: ['--replicaof', server.host, String(server.port)] });
    try {
      const storage = new RedisCacheStorage(connect({ port: replica.port }), { deadline: '2 seconds' });
      const status = async (): Promise<string> => String(await askRedis(replica.port, 'INFO', 'replication'));
      await expect.poll(status, { timeout: 15_000 }).toContain('master_link_status:up');
      for (const clear of [() => storage.clear(''), () => storage.clear('scope'), () => storage.invalidate('key')]) {
        const error = await failureOf(clear());
        expect(StorageFailedError.isInstance(error)).toBe(true);
        expect(error.message).toContain("READONLY You can't write against a read only replica");
      }
    } finally {
      await replica.stop();
    }
  });

  it('a transaction of somebody else on the same client: nothing is taken for done', async () => {
    const storage = await open();
    const [client] = clients;
    const entry = entryOf('value');
    const lease = await acquire(storage, 'held');
    const lock = storage.lock('locked');
    await lock.acquire(0);
    await client!.call('MULTI');
    for (const [operation, attempt] of Object.entries({
      offer: () => storage.offer('key', entry),
      set: () => storage.set('key', entry),
      invalidate: () => storage.invalidate('key'),
      changeMoments: () => storage.changeMoments('key', entry, { updateAfter: 0, expiresAfter: 1 }, 0),
      lease: () => ask(storage, 'key'),
      renew: () => lease.renew(1_000),
      giveBack: () => lease.giveBack(),
      lock: () => storage.lock('key').acquire(0),
      unlock: () => lock.release(),
      clear: () => storage.clear(''),
    })) {
      const error = await failureOf(attempt());
      expect([operation, StorageFailedError.isInstance(error)]).toEqual([operation, true]);
      const key =
        operation === 'clear'
          ? ''
          : ` of key "${{ renew: 'held', giveBack: 'held', unlock: 'locked' }[operation] ?? 'key'}"`;
      expect(error.message).toBe(
        `The storage failed at ${operation}${key}: The server answered 'QUEUED'. ` +
          'Give the storage a client on which nobody sends MULTI.',
      );
    }
    const [among] = await storage.getMany(['key']);
    expect(StorageFailedError.isInstance(among)).toBe(true);
    expect((among as Error).message).toBe(
      `The storage failed at getMany of key "key": The server answered 'QUEUED'. ` +
        'Give the storage a client on which nobody sends MULTI.',
    );
    await client!.call('DISCARD');
    // The server is there: nobody has to wait.
    expect((await storage.get('key'))?.value).toBe('value');
  });
});
