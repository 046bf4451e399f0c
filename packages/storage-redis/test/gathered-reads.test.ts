import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import {
  memoize,
  StorageDownError,
  StorageFailedError,
  StorageTimeoutError,
  UnreadableEntryError,
  type CacheEntry,
} from '@memo/core';
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
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { slotOf } from '../src/cluster-slot.js';
import { MsgpackSerDe, RedisCacheStorage, type RedisClient } from '../src/index.js';
import { entryOf } from '../../serde/test/support/stored-entry.js';
import { majors, type ClientOptions, type ClusterClient, type StandaloneClient } from './support/clients.js';

const deadline = 300;
/** How much later an answer may come on a computer that is busy. */
const grace = 400;

/** What is answered to each of `keys`, asked for in one turn: values, and errors in the places of the others. */
async function gotten(storage: RedisCacheStorage, keys: readonly string[]): Promise<readonly unknown[]> {
  const answers = await Promise.allSettled(keys.map((key) => storage.get(key)));
  return answers.map((answer) => (answer.status === 'fulfilled' ? answer.value?.value : (answer.reason as unknown)));
}

/** Offers each of `keys`, itself as its value. */
async function offerAll(storage: RedisCacheStorage, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => storage.offer(key, entryOf(key))));
}

function keysUpTo(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `key ${String(index)}`);
}

/** A SerDe that tells how much it decodes. */
class WatchedSerDe extends MsgpackSerDe {
  decoded = 0;
  readonly onDecoding: (bytes: number) => void;
  constructor(onDecoding: (bytes: number) => void = () => {}) {
    super();
    this.onDecoding = onDecoding;
  }
  override deserialize(data: Uint8Array): CacheEntry {
    this.decoded++;
    this.onDecoding(data.length);
    return super.deserialize(data);
  }
}

describe.skipIf(lacks('redis-server')).each(majors)('reads of one turn, with $name', (major) => {
  let server: Server;
  let proxy: Proxy;
  let monitor: Redis;
  /** What clients have sent. */
  const seen: string[][] = [];
  const clients: StandaloneClient[] = [];

  beforeAll(async () => {
    server = await startRedis();
    proxy = await startProxy({ target: server });
    monitor = await new Redis(server.port, { lazyConnect: true }).monitor();
    monitor.on('monitor', (_time: string, command: string[], source: string) => {
      if (source !== 'lua') seen.push(command);
    });
  });

  beforeEach(async () => {
    await askRedis(server.port, 'FLUSHALL');
    await reads();
  });

  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });

  afterAll(async () => {
    monitor.disconnect();
    await Promise.all([proxy.stop(), server.stop()]);
  });

  const connect = (options: ClientOptions = { port: server.port }): StandaloneClient => {
    const client = major.standalone(options);
    clients.push(client);
    return client;
  };
  const open = (serde = new MsgpackSerDe(), client = connect()): RedisCacheStorage =>
    new RedisCacheStorage(client, { deadline: '5 seconds', serde });
  /** The reading commands that were sent since it was asked last, and how many names each has. */
  const reads = async (): Promise<readonly (readonly [string, number])[]> => {
    const marker = randomUUID();
    await askRedis(server.port, 'ECHO', marker);
    await expect.poll(() => seen.some((command) => command.includes(marker))).toBe(true);
    const commands = seen.splice(0).map(([name, ...names]) => [name!.toLowerCase(), names.length] as const);
    return commands.filter(([name]) => name === 'get' || name === 'mget');
  };

  it('are one GET where there is one, else one MGET, of thousands one for a thousand each', async () => {
    const storage = open();
    const keys = keysUpTo(2_500);
    await offerAll(storage, keys);
    await reads();
    expect(await gotten(storage, ['key 1'])).toEqual(['key 1']);
    expect(await reads()).toEqual([['get', 1]]);
    expect(await gotten(storage, [...keys.slice(0, 63), 'absent'])).toEqual([...keys.slice(0, 63), undefined]);
    expect(await reads()).toEqual([['mget', 64]]);
    expect(await gotten(storage, keys.slice(0, 1_000))).toEqual(keys.slice(0, 1_000));
    expect(await reads()).toEqual([['mget', 1_000]]);
    expect(await gotten(storage, keys)).toEqual(keys);
    expect(await reads()).toEqual([
      ['mget', 1_000],
      ['mget', 1_000],
      ['mget', 500],
    ]);
  });

  it('are one command for calls of a cached function, too, however many awaits lead to them', async () => {
    const cached = memoize(async (id: number) => id, { name: 'cached', storage: open() });
    const ids = Array.from({ length: 64 }, (_, id) => id);
    await Promise.all(ids.map((id) => cached(id)));
    await reads();
    const call = async (id: number): Promise<number> => {
      for (let wait = 0; wait < id % 9; wait++) await Promise.resolve();
      return cached(id);
    };
    expect(await Promise.all(ids.map(call))).toEqual(ids);
    expect(await reads()).toEqual([['mget', 64]]);
    // Who is answered together asks again together.
    const twice = async (id: number): Promise<number> => (await cached(id)) + (await cached(63 - id));
    expect(await Promise.all(ids.map(twice))).toEqual(ids.map(() => 63));
    expect(await reads()).toEqual([
      ['mget', 64],
      ['mget', 64],
    ]);
  });

  it('leave before anything else can happen in the process', async () => {
    const client = connect();
    const storage = open(new MsgpackSerDe(), client);
    await storage.get('key');
    const order: string[] = [];
    const mgetBuffer = client.mgetBuffer.bind(client);
    client.mgetBuffer = (...names) => {
      order.push('sent');
      return mgetBuffer(...names);
    };
    // What is called here comes after all microtasks, and before timers and whatever arrives.
    process.nextTick(() => order.push('next tick'));
    await gotten(storage, ['key', 'other']);
    expect(order).toEqual(['sent', 'next tick']);
  });

  it('do not wait for those who ask without end', async () => {
    const storage = open();
    await offerAll(storage, ['key']);
    let isAnswered = false;
    const answered = storage.get('key').then((entry) => {
      isAnswered = true;
      return entry;
    });
    const others: Promise<unknown>[] = [];
    for (let turn = 0; turn < 500; turn++) {
      others.push(storage.get(`key ${String(turn)}`));
      await Promise.resolve();
    }
    expect((await answered)?.value).toBe('key');
    await Promise.all(others);
    expect(isAnswered).toBe(true);
    const commands = await reads();
    expect(commands.length).toBeGreaterThan(1);
    expect(commands.reduce((sum, [, names]) => sum + names, 0)).toBe(501);
  });

  it('ask for a key once and decode its entry once, which all are handed', async () => {
    const serde = new WatchedSerDe();
    const storage = open(serde);
    await offerAll(storage, ['hot', 'other']);
    await reads();
    serde.decoded = 0;
    const entries = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => storage.get(i === 500 ? 'other' : 'hot')),
    );
    expect(await reads()).toEqual([['mget', 2]]);
    expect(serde.decoded).toBe(2);
    expect(new Set(entries.map((entry) => entry?.value))).toEqual(new Set(['hot', 'other']));
    expect(new Set(entries).size).toBe(2);
    // In another turn it is another entry.
    expect(await storage.get('hot')).not.toBe(entries[0]);
  });

  it('are answered by nothing that was sent before they were asked', async () => {
    const storage = open(new MsgpackSerDe(), connect({ port: proxy.port }));
    const writer = open();
    await writer.set('key', entryOf('old'));
    await gotten(storage, ['key']);
    await reads();
    // The answer to the first is on its way while the key is written, and while the others ask.
    proxy.delay(150);
    const early = gotten(storage, ['key', 'key']);
    await expect.poll(reads).toEqual([['get', 1]]);
    await writer.set('key', entryOf('new'));
    const late = gotten(storage, ['key', 'key']);
    try {
      expect(await late).toEqual(['new', 'new']);
      expect(await early).toEqual(['old', 'old']);
      expect(await reads()).toEqual([['get', 1]]);
    } finally {
      proxy.delay(0);
    }
  });

  it('are found after the keyPrefix of the client, and nowhere else', async () => {
    const prefixed = open(new MsgpackSerDe(), connect({ port: server.port, keyPrefix: 'app:' }));
    const names = ['a', '\ud800', 'l'.repeat(1_000)];
    await Promise.all(names.map((key) => prefixed.offer(key, entryOf('prefixed'))));
    expect(await gotten(prefixed, names)).toEqual(['prefixed', 'prefixed', 'prefixed']);
    expect(await gotten(open(), names)).toEqual([undefined, undefined, undefined]);
    expect(await askRedis(server.port, 'EXISTS', 'app:memo:a', 'memo:a')).toBe(1);
  });

  it('do not share what cannot be read', async () => {
    const storage = open();
    const keys = keysUpTo(5);
    await offerAll(storage, keys);
    await askRedis(server.port, 'SET', 'memo:key 3', 'x'.repeat(100));
    const [, , , unreadable] = await gotten(storage, keys);
    expect(UnreadableEntryError.isInstance(unreadable)).toBe(true);
    expect((unreadable as Error).message).toBe(
      'What is stored under key "key 3" cannot be read: ' +
        'The bytes cannot be read as an envelope: they do not begin like one.',
    );
    const others = keys.filter((key) => key !== 'key 3');
    expect(await gotten(storage, others)).toEqual(others);
    const both = await gotten(storage, keys);
    expect(both.filter((value) => value instanceof Error)).toHaveLength(1);
  });

  it.each<[string, string[]]>([
    ['may not be sent', ['-mget']],
    ['is not known', []],
  ])('are as many GET where MGET %s, and it is tried no more', async (_, rules) => {
    const user = ['reset', 'on', '>secret', '~*', '&*', '+@all', ...rules];
    await askRedis(server.port, 'ACL', 'SETUSER', 'reader', ...user);
    const client = connect({ port: server.port, username: 'reader', password: 'secret' });
    let tries = 0;
    const mgetBuffer = client.mgetBuffer.bind(client);
    client.mgetBuffer = (...names) => {
      tries++;
      if (rules.length > 0) return mgetBuffer(...names);
      return (client as unknown as { call(name: string, ...rest: unknown[]): Promise<never> }).call('NOGET', ...names);
    };
    const storage = open(new MsgpackSerDe(), client);
    const keys = keysUpTo(20);
    await offerAll(storage, keys);
    for (let time = 0; time < 6; time++) {
      expect(await gotten(storage, [...keys, 'absent'])).toEqual([...keys, undefined]);
    }
    expect(tries).toBe(1);
  });

  it('fail each for its key when the server is frozen: in time, and at once when it counts as down', async () => {
    const storage = new RedisCacheStorage(connect(), { deadline });
    const keys = keysUpTo(100);
    await offerAll(storage, keys);
    server.pause();
    try {
      for (let time = 0; time < 5; time++) {
        const started = performance.now();
        const errors = (await gotten(storage, keys)) as StorageFailedError[];
        expect(performance.now() - started).toBeLessThan(deadline + grace);
        expect(errors.every((error) => StorageFailedError.isInstance(error))).toBe(true);
        expect(errors.every(({ cause }) => StorageTimeoutError.isInstance(cause))).toBe(true);
        expect(errors.map(({ message }) => message)).toEqual(
          keys.map(
            (key) =>
              `The storage failed at get of key "${key}": ` +
              `The storage did not answer get within its deadline of 300 ms.`,
          ),
        );
      }
      const started = performance.now();
      const errors = (await gotten(storage, keys)) as StorageFailedError[];
      expect(errors.every(({ cause }) => StorageDownError.isInstance(cause))).toBe(true);
      expect(performance.now() - started).toBeLessThan(deadline);
      // Once a second one of them finds out whether the server is back; the others do not wait for that.
      await pause(1_100);
      const [probe, ...others] = (await gotten(storage, keys)) as StorageFailedError[];
      expect(StorageTimeoutError.isInstance(probe!.cause)).toBe(true);
      expect(others.every(({ cause }) => StorageDownError.isInstance(cause))).toBe(true);
    } finally {
      server.resume();
    }
    await expect.poll(() => gotten(storage, keys), { timeout: 4_000 }).toEqual(keys);
  });

  it('decode no more in one turn of the event loop than 128 KiB and what was begun last', async () => {
    /** How many bytes were decoded in each turn in which there were any, and which turn that was. */
    const turns: { bytes: number; turn: number }[] = [];
    let [bytesNow, turn, isOver] = [0, 0, false];
    const serde = new WatchedSerDe((bytes) => {
      // It comes before anything else can happen in the process.
      if (bytesNow === 0) process.nextTick(endDecoding);
      bytesNow += bytes;
    });
    const endDecoding = (): void => {
      turns.push({ bytes: bytesNow, turn });
      bytesNow = 0;
    };
    const countTurns = (): void => {
      turn++;
      if (!isOver) setImmediate(countTurns);
    };
    const storage = open(serde);
    const keys = keysUpTo(200);
    const size = 20_000;
    const valueOf = (key: string): string => key.padEnd(size, '-');
    await Promise.all(keys.map((key) => storage.offer(key, entryOf(valueOf(key)))));
    countTurns();
    expect(await gotten(storage, keys)).toEqual(keys.map(valueOf));
    isOver = true;
    const most = 128 * 1_024 + size + 200;
    expect(Math.max(...turns.map(({ bytes }) => bytes))).toBeLessThan(most);
    expect(turns.length).toBeGreaterThanOrEqual(Math.floor((keys.length * size) / most));
    // All that waits elsewhere has its turn between them.
    expect(new Set(turns.map((one) => one.turn)).size).toBe(turns.length);
  });
});

describe.skipIf(lacks('redis-server')).each(majors)('reads of one turn from a cluster, with $name', (major) => {
  let cluster: RedisCluster;
  const clients: ClusterClient[] = [];
  const keys = keysUpTo(300);
  const serverOf = (key: string): number => Math.floor((slotOf(`memo:${key}`) * 3) / 16_384);

  const connect = (): ClusterClient => {
    const client = major.cluster(cluster.nodes);
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

  it('travel in one packet to each server, which answers each for itself', async () => {
    const client = connect();
    const storage = open(client);
    await offerAll(storage, keys);
    await askRedis(cluster.nodes[serverOf('key 1')]!.port, 'SET', 'memo:key 1', 'no envelope');
    let packets = 0;
    const streams = client.nodes('master').map((node) => node.stream as unknown as WritingStream);
    for (const stream of streams) {
      const { _write: write, _writev: writeMany } = stream;
      stream._write = (...args) => {
        packets++;
        write.apply(stream, args);
      };
      stream._writev = (...args) => {
        packets++;
        writeMany.apply(stream, args);
      };
    }
    const values = await gotten(storage, keys);
    expect(values.filter((value) => UnreadableEntryError.isInstance(value))).toHaveLength(1);
    expect(values.filter((value, at) => value === keys[at])).toHaveLength(299);
    // The server's time may be asked for beside it.
    expect(packets).toBeLessThanOrEqual(streams.length + 1);
    expect(new Set(keys.map(serverOf))).toEqual(new Set([0, 1, 2]));
  });

  it('are found where they are while their slot is moved, and the others as well', async () => {
    const storage = open();
    const names = ['{app}here', '{app}absent', '{app}moved', ...keys];
    const slot = slotOf('memo:{app}here');
    await offerAll(storage, ['{app}here', '{app}moved', ...keys]);
    const source = cluster.servers[Math.floor((slot * 3) / 16_384)]!;
    const target = cluster.servers.find((server) => server !== source)!;
    const [from, to] = await Promise.all([source, target].map(({ port }) => askRedis(port, 'CLUSTER', 'MYID')));
    const setSlot = (server: Server, ...state: string[]): Promise<unknown> =>
      askRedis(server.port, 'CLUSTER', 'SETSLOT', String(slot), ...state);
    await setSlot(target, 'IMPORTING', String(from));
    await setSlot(source, 'MIGRATING', String(to));
    await askRedis(source.port, 'MIGRATE', target.host, String(target.port), 'memo:{app}moved', '0', '2000');
    const expected = ['{app}here', undefined, '{app}moved', ...keys];
    expect(await gotten(storage, names)).toEqual(expected);
    await askRedis(source.port, 'MIGRATE', target.host, String(target.port), 'memo:{app}here', '0', '2000');
    for (const server of new Set([target, source, ...cluster.servers])) await setSlot(server, 'NODE', String(to));
    expect(await gotten(storage, names)).toEqual(expected);
    // Back again, for the tests that follow.
    await setSlot(source, 'IMPORTING', String(to));
    await setSlot(target, 'MIGRATING', String(from));
    for (const name of ['memo:{app}here', 'memo:{app}moved']) {
      await askRedis(target.port, 'MIGRATE', source.host, String(source.port), name, '0', '2000');
    }
    for (const server of new Set([source, target, ...cluster.servers])) await setSlot(server, 'NODE', String(from));
    await cluster.settled();
  });

  it('are as many GET where what looks like one server is many slots', async () => {
    const kept = keys.filter((key) => serverOf(key) === 0);
    await offerAll(open(), kept);
    const client = major.standalone({ port: cluster.servers[0]!.port });
    try {
      expect(await gotten(open(client), kept)).toEqual(kept);
      expect(new Set(kept.map((key) => slotOf(`memo:${key}`))).size).toBeGreaterThan(1);
    } finally {
      client.disconnect();
    }
  });

  it('fail for the keys of a frozen server only', async () => {
    const storage = new RedisCacheStorage(connect(), { deadline });
    await expect.poll(() => offerAll(storage, keys).then(() => gotten(storage, keys))).toEqual(keys);
    cluster.servers[1]!.pause();
    try {
      for (let time = 0; time < 6; time++) {
        const values = await gotten(storage, keys);
        const lost = keys.filter((_, at) => values[at] !== keys[at]);
        expect(lost).toEqual(keys.filter((key) => serverOf(key) === 1));
        const causes = values.filter((value) => value instanceof Error).map(({ cause }) => cause);
        const isExpected = (cause: unknown): boolean =>
          time < 5 ? StorageTimeoutError.isInstance(cause) : StorageDownError.isInstance(cause);
        expect(causes.every(isExpected)).toBe(true);
      }
    } finally {
      cluster.servers[1]!.resume();
    }
    await expect.poll(() => gotten(storage, keys), { timeout: 5_000 }).toEqual(keys);
  });
});

/** What Node calls to write, one chunk or those that were held back. */
interface WritingStream {
  _write(...args: unknown[]): unknown;
  _writev(...args: unknown[]): unknown;
}
