import { Buffer } from 'node:buffer';
import { StorageFailedError, type Duration } from '@memo/core';
import { askRedis, lacks, startRedisCluster, type RedisCluster } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { slotOf } from '../src/cluster-slot.js';
import { RedisCacheStorage } from '../src/index.js';
import { majors, type ClusterClient } from './support/clients.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';

describe.skipIf(lacks('redis-server')).each(majors)('a cluster of three masters with $name', (major) => {
  let cluster: RedisCluster;
  let client: ClusterClient;
  const clients: ClusterClient[] = [];

  const connect = (keyPrefix = ''): ClusterClient => {
    const connected = major.cluster(cluster.nodes, { keyPrefix });
    clients.push(connected);
    return connected;
  };
  /** Where nothing is frozen, hundreds of operations at once may take a busy computer a while. */
  const open = (on = client, deadline: Duration = '3 seconds'): RedisCacheStorage =>
    new RedisCacheStorage(on, { deadline });
  const sizes = (): Promise<number[]> =>
    Promise.all(cluster.nodes.map(async ({ port }) => Number(await askRedis(port, 'DBSIZE'))));
  const keys = Array.from({ length: 300 }, (_, index) => `key ${String(index)}`);
  /** The keys that the server of this number keeps. */
  const keysOf = (server: number, prefix = ''): string[] =>
    keys.filter((key) => Math.floor((slotOf(`${prefix}memo:${key}`) * 3) / 16_384) === server);

  beforeAll(async () => {
    cluster = await startRedisCluster();
  });

  beforeEach(async () => {
    await Promise.all(cluster.nodes.map(({ port }) => askRedis(port, 'FLUSHALL')));
    client = connect();
  });

  afterEach(() => {
    for (const connected of clients.splice(0)) connected.disconnect();
  });

  afterAll(() => cluster.stop());

  it.each(['', 'app:'])('spreads entries over all masters, and clears all of them (keyPrefix %j)', async (prefix) => {
    const storage = open(connect(prefix));
    await Promise.all(keys.map((key) => storage.offer(key, entryOf(key))));
    await storage.offer('l'.repeat(1_000), entryOf('long'));
    const other = connect();
    await other.set('other', Buffer.from('other'));
    expect((await sizes()).every((size) => size > 50)).toBe(true);
    expect((await Promise.all(keys.map((key) => storage.get(key)))).map((entry) => entry?.value)).toEqual(keys);
    await storage.clear('key 1');
    const left = (await Promise.all(keys.map((key) => storage.get(key)))).flatMap((entry) =>
      entry ? [entry.value] : [],
    );
    expect(left).toEqual(keys.filter((key) => !key.startsWith('key 1')));
    await storage.clear('');
    expect((await sizes()).reduce((sum, size) => sum + size)).toBe(1);
  });

  it('is cleared by a client that was not connected yet', async () => {
    await Promise.all(keys.map((key) => open().offer(key, entryOf(key))));
    await open(connect()).clear('');
    expect(await sizes()).toEqual([0, 0, 0]);
  });

  it('is where slots are computed', async () => {
    const port = cluster.nodes[0]!.port;
    for (const key of ['', 'a', 'user:{42}', '{}a', 'a{b', '{a}{b}', '{{a}}', '鍵', 'k'.repeat(600)]) {
      expect([key, slotOf(key)]).toEqual([key, await askRedis(port, 'CLUSTER', 'KEYSLOT', key)]);
    }
  });

  it('goes on with the other masters while one is frozen', async () => {
    await Promise.all(keys.map((key) => open().offer(key, entryOf(key))));
    const storage = open(client, 500);
    cluster.servers[1]!.pause();
    try {
      const rounds = async (of: readonly string[]): Promise<number> => {
        const outcomes = await Promise.allSettled(of.map((key) => storage.get(key)));
        return outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
      };
      for (let round = 0; round < 3; round++) {
        expect(await rounds(keysOf(1))).toBe(0);
        expect(await rounds(keysOf(0))).toBe(keysOf(0).length);
        expect(await rounds(keysOf(2))).toBe(keysOf(2).length);
      }
      expect(StorageFailedError.isInstance(await failureOf(storage.clear('')))).toBe(true);
    } finally {
      cluster.servers[1]!.resume();
    }
    await expect.poll(() => storage.clear('').then(() => 'cleared'), { timeout: 5_000 }).toBe('cleared');
    expect(await sizes()).toEqual([0, 0, 0]);
  });

  it('never says that it is cleared while a master is gone, and is once it is back', { timeout: 20_000 }, async () => {
    const storage = open();
    await Promise.all(keys.map((key) => storage.offer(key, entryOf(key))));
    await cluster.servers[2]!.kill();
    const error = await failureOf(storage.clear(''));
    expect(StorageFailedError.isInstance(error)).toBe(true);
    for (let again = 0; again < 3; again++) await failureOf(storage.clear(''));
    await cluster.servers[2]!.restart();
    await expect.poll(() => storage.clear('').then(() => 'cleared'), { timeout: 10_000 }).toBe('cleared');
    expect(await sizes()).toEqual([0, 0, 0]);
    await storage.offer('key', entryOf('works again'));
    expect((await storage.get('key'))?.value).toBe('works again');
  });
});
