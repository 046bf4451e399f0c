import { randomUUID } from 'node:crypto';
import { Memoizer } from '@memo/core';
import {
  askRedis,
  lacks,
  startProxy,
  startRedis,
  startRedisCluster,
  type RedisCluster,
  type Server,
} from '@memo/test-servers';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadline, memoizerManySuite } from '../../serde/test/support/memoizer-many-suite.js';
import { slotOf } from '../src/cluster-slot.js';
import { RedisCacheStorage } from '../src/index.js';
import { ioredis6, type ClusterClient, type StandaloneClient } from './support/clients.js';

describe.skipIf(lacks('redis-server'))('getMany over one Redis', () => {
  let server: Server;
  let client: StandaloneClient;
  let monitor: Redis;
  const seen: string[] = [];

  beforeAll(async () => {
    server = await startRedis();
    client = ioredis6.standalone({ port: server.port });
    monitor = await new Redis(server.port, { lazyConnect: true }).monitor();
    monitor.on('monitor', (_time: string, [name]: string[], source: string) => {
      if (source !== 'lua') seen.push(name!.toLowerCase());
    });
  });

  afterAll(async () => {
    monitor.disconnect();
    client.disconnect();
    await server.stop();
  });

  /** How often each command was sent since it was asked last, but for those nobody waits for. */
  const sent = async (): Promise<Readonly<Record<string, number>>> => {
    await client.call('ECHO', 'all of them');
    await expect.poll(() => seen.includes('echo')).toBe(true);
    const commands = seen.splice(0).filter((name) => !['echo', 'time', 'subscribe', 'script'].includes(name));
    return Object.fromEntries(
      [...new Set(commands)].map((name) => [name, commands.filter((other) => other === name).length]),
    );
  };
  const loadMany = (keys: readonly string[]): string[] => keys.map((key) => `value of ${key}`);

  it('asks once for all keys, and then for a lease of each that is absent', async () => {
    const storage = new RedisCacheStorage(client, { namespace: randomUUID(), deadline: '5 seconds' });
    const memo = new Memoizer(storage, { expireAfter: '1 hour' });
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    // So that the server knows the scripts.
    await memo.get('warm', () => 1);
    await sent();
    expect(await memo.getMany(keys, loadMany)).toHaveProperty('size', 20);
    expect(await sent()).toEqual({ mget: 1, evalsha: 2 * 20 });
    expect(await memo.getMany(keys, loadMany)).toHaveProperty('size', 20);
    expect(await memo.getMany(keys)).toHaveProperty('size', 20);
    expect(await sent()).toEqual({ mget: 2 });
    expect(await memo.getMany([...keys, 'absent'], loadMany)).toHaveProperty('size', 21);
    expect(await sent()).toEqual({ mget: 1, evalsha: 2 });
    await Promise.all([memo.getMany(keys), memo.get('key 1'), memo.exists('key 2')]);
    // What is asked for beside it travels together.
    expect(await sent()).toEqual({ mget: 2 });
  });

  it('takes one round trip where all are there', async () => {
    await using proxy = await startProxy({ target: server });
    const distant = ioredis6.standalone({ port: proxy.port });
    const memo = new Memoizer(new RedisCacheStorage(distant, { namespace: randomUUID(), deadline: '5 seconds' }));
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
    await memo.getMany(keys, loadMany);
    const there = 60;
    proxy.delay(there);
    const started = performance.now();
    expect(await memo.getMany(keys, loadMany)).toHaveProperty('size', 100);
    const milliseconds = performance.now() - started;
    expect([milliseconds >= 2 * there - 5, milliseconds < 4 * there]).toEqual([true, true]);
    distant.disconnect();
  });

  describe('that fails', () => {
    let ill: Server;
    let illClient: StandaloneClient;

    beforeAll(async () => {
      ill = await startRedis();
    });

    beforeEach(() => {
      illClient = ioredis6.standalone({ port: ill.port });
    });

    afterEach(() => illClient.disconnect());
    afterAll(() => ill.stop());

    memoizerManySuite({
      faults: ['frozen', 'dead'],
      ill: ['all'],
      servers: async () => [ill],
      open: () => new RedisCacheStorage(illClient, { deadline, namespace: randomUUID() }),
      serverOf: () => ill,
    });
  });
});

describe.skipIf(lacks('redis-server'))('getMany over a Redis Cluster', () => {
  let cluster: RedisCluster;
  let client: ClusterClient;

  beforeAll(async () => {
    cluster = await startRedisCluster();
  });

  beforeEach(async () => {
    await cluster.settled();
    await Promise.all(cluster.nodes.map(({ port }) => askRedis(port, 'FLUSHALL')));
    client = ioredis6.cluster(cluster.nodes);
  });

  afterEach(() => client.disconnect());
  afterAll(() => cluster.stop());

  memoizerManySuite({
    faults: ['frozen'],
    ill: ['one'],
    servers: async () => cluster.servers,
    open: () => new RedisCacheStorage(client, { deadline }),
    serverOf: (key) => cluster.servers[Math.floor((slotOf(`memo:${key}`) * 3) / 16_384)]!,
  });
});
