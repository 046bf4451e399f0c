import { setTimeout as pause } from 'node:timers/promises';
import { StorageDownError, StorageFailedError, StorageTimeoutError, UnreadableEntryError } from '@memo/core';
import {
  askRedis,
  lacks,
  startProxy,
  startRedis,
  startRedisCluster,
  type Proxy,
  type RedisCluster,
  type Server,
} from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { slotOf } from '../src/cluster-slot.js';
import { RedisCacheStorage, type RedisClient } from '../src/index.js';
import { majors, type ClientOptions, type ClusterClient, type StandaloneClient } from './support/clients.js';
import { entryOf } from '../../serde/test/support/stored-entry.js';

const deadline = 300;
/** How much later an answer may come on a computer that is busy. */
const grace = 400;

/** The values found under `keys`, the errors in the places of the others. */
async function valuesOf(storage: RedisCacheStorage, keys: readonly string[]): Promise<readonly unknown[]> {
  return (await storage.getMany(keys)).map((answer) => (answer instanceof Error ? answer : answer?.value));
}

/** The same within the deadline. */
async function valuesInTime(storage: RedisCacheStorage, keys: readonly string[]): Promise<readonly unknown[]> {
  const started = performance.now();
  const values = await valuesOf(storage, keys);
  expect(performance.now() - started).toBeLessThan(storage.deadline + grace);
  return values;
}

/** What the storage's errors among `values` were caused by. */
function causesIn(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) => {
    expect(StorageFailedError.isInstance(value)).toBe(true);
    return (value as StorageFailedError).cause;
  });
}

/** Offers each of `keys`, itself as its value. */
async function offerAll(storage: RedisCacheStorage, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => storage.offer(key, entryOf(key))));
}

describe.skipIf(lacks('redis-server')).each(majors)('many keys of one server with $name', (major) => {
  let server: Server;
  let proxy: Proxy;
  const clients: StandaloneClient[] = [];
  const keys = Array.from({ length: 20 }, (_, index) => `key ${String(index)}`);

  beforeEach(async () => {
    server = await startRedis();
    proxy = await startProxy({ target: server });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await Promise.all([proxy.stop(), server.stop()]);
  });

  const connect = (options: ClientOptions = { port: server.port }): StandaloneClient => {
    const client = major.standalone(options);
    clients.push(client);
    return client;
  };
  const worksAgain = (storage: RedisCacheStorage): Promise<void> =>
    expect.poll(() => valuesOf(storage, ['key 1', 'absent']), { timeout: 4_000 }).toEqual(['key 1', undefined]);

  it('are found after the keyPrefix of the client, and nowhere else', async () => {
    const prefixed = new RedisCacheStorage(connect({ port: server.port, keyPrefix: 'app:' }));
    const plain = new RedisCacheStorage(connect());
    const names = ['a', '\ud800', 'l'.repeat(1_000)];
    await Promise.all(names.map((key) => prefixed.offer(key, entryOf('prefixed'))));
    await plain.offer('a', entryOf('plain'));
    expect(await valuesOf(prefixed, names)).toEqual(['prefixed', 'prefixed', 'prefixed']);
    expect(await valuesOf(plain, names)).toEqual(['plain', undefined, undefined]);
    expect(await askRedis(server.port, 'EXISTS', 'app:memo:a', 'memo:a')).toBe(2);
  });

  it('are found by a client that connects later', async () => {
    await offerAll(new RedisCacheStorage(connect()), keys);
    const later = new RedisCacheStorage(connect({ port: server.port, lazyConnect: true }), { deadline: '3 seconds' });
    expect(await valuesOf(later, keys)).toEqual(keys);
  });

  it('that are no strings are not there, as MGET tells it', async () => {
    const storage = new RedisCacheStorage(connect());
    await offerAll(storage, keys);
    await askRedis(server.port, 'DEL', 'memo:key 3');
    await askRedis(server.port, 'LPUSH', 'memo:key 3', 'element');
    expect(await valuesOf(storage, keys)).toEqual(keys.map((key) => (key === 'key 3' ? undefined : key)));
  });

  it('are not to be had from a frozen server: said of each, in time, and at once when it counts as down', async () => {
    const storage = new RedisCacheStorage(connect(), { deadline });
    await offerAll(storage, keys);
    server.pause();
    for (let time = 0; time < 5; time++) {
      const values = await valuesInTime(storage, keys);
      expect(values.map((error) => (error as Error).message)).toEqual(
        keys.map(
          (key) =>
            `The storage failed at getMany of key "${key}": ` +
            `The storage did not answer getMany within its deadline of 300 ms.`,
        ),
      );
      expect(causesIn(values).every((cause) => StorageTimeoutError.isInstance(cause))).toBe(true);
    }
    const started = performance.now();
    expect(causesIn(await valuesOf(storage, keys)).every((cause) => StorageDownError.isInstance(cause))).toBe(true);
    expect(performance.now() - started).toBeLessThan(deadline);
    server.resume();
    await worksAgain(storage);
  });

  it('are not to be had from a server that is gone, and found when it is back', async () => {
    const client = connect();
    const storage = new RedisCacheStorage(client, { deadline });
    await offerAll(storage, keys);
    await server.kill();
    for (let time = 0; time < 7; time++) causesIn(await valuesInTime(storage, keys));
    await server.restart();
    await expect.poll(() => valuesOf(storage, keys), { timeout: 4_000 }).toEqual(keys.map(() => undefined));
    await offerAll(storage, keys);
    expect(await valuesOf(storage, keys)).toEqual(keys);
  });

  it('are found whole or not at all where connections are cut in the middle of an answer', async () => {
    const storage = new RedisCacheStorage(connect({ port: proxy.port, maxRetriesPerRequest: 0 }), { deadline });
    const large = (key: string): string => key.padEnd(10_000, '-');
    await Promise.all(keys.map((key) => storage.offer(key, entryOf(large(key)))));
    for (const bytes of [1, 9_000, 55_000, 150_000]) {
      proxy.cutAfter(bytes);
      const values = await valuesInTime(storage, keys);
      expect(values.every((value) => StorageFailedError.isInstance(value))).toBe(true);
      await proxy.resume();
      proxy.reset();
      await expect.poll(() => valuesOf(storage, keys), { timeout: 4_000 }).toEqual(keys.map(large));
    }
  });

  it('that came before the deadline are not lost with those that come after it', async () => {
    const storage = new RedisCacheStorage(connect({ port: proxy.port }), { deadline: 1_000 });
    await offerAll(storage, ['key']);
    // There and back: two answers come in time, the third does not.
    proxy.delay(200);
    const values = await valuesInTime(storage, Array<string>(5_000).fill('key'));
    const found = values.filter((value) => value === 'key').length;
    expect([1_000, 2_000]).toContain(found);
    expect(values.lastIndexOf('key')).toBe(found - 1);
    expect(causesIn(values.slice(found)).every((cause) => StorageTimeoutError.isInstance(cause))).toBe(true);
  });

  it('are read one by one where MGET is refused', async () => {
    const rules = ['reset', 'on', '>secret', '~*', '&*', '+@all', '-mget'];
    await askRedis(server.port, 'ACL', 'SETUSER', 'single', ...rules);
    const client = connect({ port: server.port, username: 'single', password: 'secret' });
    const storage = new RedisCacheStorage(client, { deadline: '3 seconds' });
    await offerAll(storage, keys);
    expect(await valuesOf(storage, [...keys, 'absent'])).toEqual([...keys, undefined]);
    expect(await valuesOf(storage, keys)).toEqual(keys);
    // It was tried once.
    const counts = String(await askRedis(server.port, 'INFO', 'commandstats'));
    expect(counts).toMatch(/cmdstat_mget:calls=0,.*rejected_calls=1,/);
  });
});

describe.skipIf(lacks('redis-server')).each(majors)('many keys of a cluster with $name', (major) => {
  let cluster: RedisCluster;
  const clients: ClusterClient[] = [];
  const keys = Array.from({ length: 300 }, (_, index) => `key ${String(index)}`);
  const serverOf = (key: string, prefix = ''): number => Math.floor((slotOf(`${prefix}memo:${key}`) * 3) / 16_384);

  const connect = (keyPrefix = ''): ClusterClient => {
    const client = major.cluster(cluster.nodes, { keyPrefix });
    clients.push(client);
    return client;
  };
  const open = (client: RedisClient = connect()): RedisCacheStorage =>
    new RedisCacheStorage(client, { deadline: '3 seconds' });

  beforeAll(async () => {
    cluster = await startRedisCluster();
  });

  beforeEach(() => Promise.all(cluster.nodes.map(({ port }) => askRedis(port, 'FLUSHALL'))));

  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });

  afterAll(() => cluster.stop());

  it.each(['', 'app:'])('are found on all servers, in their order (keyPrefix %j)', async (prefix) => {
    const storage = open(connect(prefix));
    const kept = keys.filter((_, index) => index % 3 !== 0);
    await offerAll(storage, kept);
    expect(await valuesOf(storage, keys)).toEqual(keys.map((key) => (kept.includes(key) ? key : undefined)));
    expect(new Set(keys.map((key) => serverOf(key, prefix)))).toEqual(new Set([0, 1, 2]));
  });

  it('are found by a client that does not know the servers yet', async () => {
    await offerAll(open(), keys);
    expect(await valuesOf(open(), keys)).toEqual(keys);
  });

  it('are asked for in a few packets, and one by one', async () => {
    const client = connect();
    const storage = open(client);
    await offerAll(storage, keys);
    const streams = client.nodes('master').map((node) => node.stream as unknown as WritingStream);
    let writes = 0;
    for (const stream of streams) {
      const { _write: write, _writev: writeMany } = stream;
      stream._write = (...args) => {
        writes++;
        write.apply(stream, args);
      };
      stream._writev = (...args) => {
        writes++;
        writeMany.apply(stream, args);
      };
    }
    expect(await valuesOf(storage, keys)).toEqual(keys);
    // One for each server; the server's time may be asked for beside it.
    expect(writes).toBeLessThanOrEqual(streams.length + 1);
    expect(streams.map((stream) => stream.writableCorked)).toEqual([0, 0, 0]);
  });

  it('leave the connections as they were when the client throws', async () => {
    const client = connect();
    const storage = open(client);
    await offerAll(storage, keys);
    const getBuffer = client.getBuffer.bind(client);
    client.getBuffer = () => {
      throw new RangeError('own');
    };
    expect(causesIn(await valuesOf(storage, ['key 1', 'key 2']))).toEqual([
      new RangeError('own'),
      new RangeError('own'),
    ]);
    client.getBuffer = getBuffer;
    expect(await valuesOf(storage, keys)).toEqual(keys);
  });

  it('are not asked for in vain when the client has refused them five times', async () => {
    const client = connect();
    const storage = open(client);
    const getBuffer = client.getBuffer.bind(client);
    client.getBuffer = () => Promise.reject(new Error('Connection is closed.'));
    for (let time = 0; time < 5; time++) {
      const [error] = causesIn(await valuesOf(storage, ['key 1', 'key 1']));
      expect((error as Error).message).toBe('Connection is closed.');
    }
    const [down] = causesIn(await valuesOf(storage, ['key 1']));
    expect(StorageDownError.isInstance(down)).toBe(true);
    client.getBuffer = getBuffer;
    await expect.poll(() => valuesOf(storage, ['key 1']), { timeout: 4_000 }).toEqual([undefined]);
  });

  it('that are no strings cannot be read', async () => {
    const storage = open();
    await offerAll(storage, ['key 1', 'key 2']);
    await cluster.servers.reduce(async (before, { port }) => {
      await before;
      await askRedis(port, 'DEL', 'memo:key 1').then(
        () => askRedis(port, 'LPUSH', 'memo:key 1', 'element'),
        () => undefined,
      );
    }, Promise.resolve<unknown>(undefined));
    const [list, text] = await valuesOf(storage, ['key 1', 'key 2']);
    expect(UnreadableEntryError.isInstance(list)).toBe(true);
    expect((list as Error).message).toBe('What is stored under key "key 1" cannot be read: it is no string of Redis');
    expect(text).toBe('key 2');
  });

  it('are found where they are while their slot is moved', async () => {
    const storage = open();
    const names = ['{app}here', '{app}absent', '{app}moved'];
    const slot = slotOf('memo:{app}here');
    await offerAll(storage, ['{app}here', '{app}moved']);
    const source = cluster.servers[Math.floor((slot * 3) / 16_384)]!;
    const target = cluster.servers.find((server) => server !== source)!;
    const [from, to] = await Promise.all([source, target].map(({ port }) => askRedis(port, 'CLUSTER', 'MYID')));
    const setSlot = (server: Server, ...state: string[]): Promise<unknown> =>
      askRedis(server.port, 'CLUSTER', 'SETSLOT', String(slot), ...state);
    await setSlot(target, 'IMPORTING', String(from));
    await setSlot(source, 'MIGRATING', String(to));
    await askRedis(source.port, 'MIGRATE', target.host, String(target.port), 'memo:{app}moved', '0', '2000');
    const expected = ['{app}here', undefined, '{app}moved'];
    expect(await valuesInTime(storage, names)).toEqual(expected);
    await askRedis(source.port, 'MIGRATE', target.host, String(target.port), 'memo:{app}here', '0', '2000');
    for (const server of new Set([target, source, ...cluster.servers])) await setSlot(server, 'NODE', String(to));
    expect(await valuesInTime(storage, names)).toEqual(expected);
    await cluster.settled();
  });

  it('cost only their own server when that is frozen', async () => {
    const storage = new RedisCacheStorage(connect(), { deadline });
    await expect.poll(() => offerAll(storage, keys).then(() => valuesOf(storage, keys))).toEqual(keys);
    cluster.servers[1]!.pause();
    try {
      for (let time = 0; time < 7; time++) {
        const values = await valuesInTime(storage, keys);
        const lost = keys.filter((_, at) => values[at] !== keys[at]);
        expect(lost.length).toBeGreaterThan(50);
        expect(new Set(lost.map((key) => serverOf(key)))).toEqual(new Set([1]));
        const causes = causesIn(values.filter((value) => value instanceof Error));
        const isExpected = (cause: unknown): boolean =>
          time < 5 ? StorageTimeoutError.isInstance(cause) : StorageDownError.isInstance(cause);
        expect(causes.every(isExpected)).toBe(true);
      }
    } finally {
      cluster.servers[1]!.resume();
    }
    await expect.poll(() => valuesOf(storage, keys), { timeout: 5_000 }).toEqual(keys);
  });

  it('cost only their own server when that is gone', { timeout: 30_000 }, async () => {
    await cluster.settled();
    const storage = new RedisCacheStorage(connect(), { deadline });
    await expect.poll(() => offerAll(storage, keys).then(() => valuesOf(storage, keys))).toEqual(keys);
    const others = keys.filter((key) => serverOf(key) !== 2);
    await cluster.servers[2]!.kill();
    try {
      // The others go on for as long as they have not agreed that the cluster lacks slots.
      for (const end = performance.now() + 1_000; performance.now() < end;) {
        const values = await valuesInTime(storage, keys);
        const found = values.filter((value) => typeof value === 'string');
        expect(found).toEqual(others);
        causesIn(values.filter((value) => typeof value !== 'string'));
        await pause(50);
      }
    } finally {
      await cluster.servers[2]!.restart();
    }
    await cluster.settled();
    const expected = keys.map((key) => (serverOf(key) === 2 ? undefined : key));
    await expect.poll(() => valuesOf(storage, keys), { timeout: 10_000 }).toEqual(expected);
  });
});

/** What Node calls to write, one chunk or those that were held back. */
interface WritingStream {
  readonly writableCorked: number;
  _write(...args: unknown[]): unknown;
  _writev(...args: unknown[]): unknown;
}
