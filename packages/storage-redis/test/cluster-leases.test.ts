import type { LeaseWatch } from '@memo/core';
import { askRedis, lacks, startRedisCluster, type RedisCluster, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { slotOf } from '../src/cluster-slot.js';
import { RedisCacheStorage } from '../src/index.js';
import { acquire, ask, held } from './support/asking.js';
import { majors, type ClusterClient } from './support/clients.js';
import { startReplica } from './support/replica.js';
import { entryOf } from '../../serde/test/support/stored-entry.js';

describe.skipIf(lacks('redis-server')).each(majors)('leases in a cluster of three masters, with $name', (major) => {
  let cluster: RedisCluster;
  const clients: ClusterClient[] = [];
  const storages: RedisCacheStorage[] = [];

  const open = (keyPrefix = ''): RedisCacheStorage => {
    const client = major.cluster(cluster.nodes, { keyPrefix });
    clients.push(client);
    const storage = new RedisCacheStorage(client, { deadline: '3 seconds' });
    storages.push(storage);
    return storage;
  };
  /** A key that the server of this number keeps. */
  const keyOn = (server: number, prefix = ''): string => {
    for (let number = 0; ; number++) {
      const key = `key ${String(number)}`;
      if (Math.floor((slotOf(`${prefix}memo:${key}`) * 3) / 16_384) === server) return key;
    }
  };
  const subscribersOf = async ({ port }: Server): Promise<number> =>
    String(await askRedis(port, 'CLIENT', 'LIST', 'TYPE', 'pubsub').catch(() => ''))
      .split('\n')
      .filter((line) => line.includes('sub=1')).length;
  const changed = (watch: LeaseWatch | undefined): Promise<unknown> => watch!.changed.then(() => 'changed');
  const watchOf = async (storage: RedisCacheStorage, key: string): Promise<LeaseWatch | undefined> =>
    (await held(storage, key, { seen: 'any' })).watch;
  const listening = async (keyPrefix = ''): Promise<RedisCacheStorage> => {
    const storage = open(keyPrefix);
    const key = `listening ${String(storages.length)}`;
    await acquire(storage, key);
    await changed(await watchOf(storage, key));
    return storage;
  };

  beforeAll(async () => {
    cluster = await startRedisCluster({ args: ['--cluster-node-timeout', '2000'] });
  });

  beforeEach(() => Promise.all(cluster.nodes.map(({ port }) => askRedis(port, 'FLUSHALL'))));

  afterEach(async () => {
    await Promise.all(storages.splice(0).map((storage) => storage[Symbol.asyncDispose]()));
    for (const client of clients.splice(0)) client.disconnect();
    for (const server of cluster.servers) await expect.poll(() => subscribersOf(server)).toBe(0);
  });

  afterAll(() => cluster.stop());

  it.each(['', 'app:'])(
    'wake those who wait at any server, over one connection to any (keyPrefix %j)',
    async (prefix) => {
      const holder = open(prefix);
      const waiters = await Promise.all([listening(prefix), listening(prefix), listening(prefix)]);
      for (const server of [0, 1, 2]) {
        const key = keyOn(server, prefix);
        const lease = await acquire(holder, key);
        const watches = await Promise.all(waiters.map((waiter) => watchOf(waiter, key)));
        await holder.offer(key, entryOf('value'), lease);
        expect(await Promise.all(watches.map(changed))).toEqual(['changed', 'changed', 'changed']);
      }
      await acquire(holder, 'cleared');
      const watch = await watchOf(waiters[0], 'cleared');
      await holder.clear('');
      expect(await changed(watch)).toBe('changed');
      const connections = await Promise.all(cluster.servers.map(subscribersOf));
      expect(connections.reduce((sum, each) => sum + each)).toBe(3);
    },
  );

  it('do not all listen to the same server', async () => {
    await Promise.all(Array.from({ length: 12 }, () => listening()));
    const connections = await Promise.all(cluster.servers.map(subscribersOf));
    expect(connections.filter((each) => each > 0).length).toBeGreaterThan(1);
  });

  it('stay held while their slot is moved, and are published where it is now', async () => {
    const [holder, waiter] = [open(), await listening()];
    for (const key of [keyOn(0), keyOn(1)]) {
      const lease = await acquire(holder, key);
      const watch = await watchOf(waiter, key);
      await cluster.moveSlot(slotOf(`memo:${key}`));
      expect(await lease.renew(60_000)).toBe(true);
      expect((await ask(waiter, key)).state).toBe('held');
      expect(await holder.offer(key, entryOf('value'), lease)).toBe('stored');
      expect(await changed(watch)).toBe('changed');
      expect((await waiter.get(key))?.value).toBe('value');
    }
  });

  it('are granted and published once while their slot is on the move', async () => {
    const [holder, waiter] = [open(), open()];
    const key = keyOn(2);
    const slot = slotOf(`memo:${key}`);
    const [from, to] = [cluster.servers[2]!, cluster.servers[0]!];
    const [source, target] = await Promise.all(
      [from, to].map(async ({ port }) => String(await askRedis(port, 'CLUSTER', 'MYID'))),
    );
    await askRedis(to.port, 'CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', source!);
    await askRedis(from.port, 'CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', target!);
    // What is not there yet is asked for at the server that the slot goes to.
    const lease = await acquire(holder, key);
    expect((await ask(waiter, key)).state).toBe('held');
    expect(await lease.renew(60_000)).toBe(true);
    expect(await holder.offer(key, entryOf('value'), lease)).toBe('stored');
    expect((await waiter.get(key))?.value).toBe('value');
    await waiter.invalidate(key);
    const late = await acquire(holder, key);
    await waiter.invalidate(key);
    expect(await holder.offer(key, entryOf('late'), late)).toBe('declined');
    for (const { port } of [to, from, cluster.servers[1]!]) {
      await askRedis(port, 'CLUSTER', 'SETSLOT', String(slot), 'NODE', target!);
    }
    expect(await waiter.get(key)).toBeUndefined();
  });

  it('wake those who wait over another server when the one they listen to is gone', { timeout: 30_000 }, async () => {
    const waiter = await listening();
    const connections = await Promise.all(cluster.servers.map(subscribersOf));
    const gone = connections.indexOf(1);
    const key = keyOn((gone + 1) % 3);
    await acquire(waiter, key, { seen: 'any' });
    const watch = await watchOf(waiter, key);
    await cluster.servers[gone]!.kill();
    expect(await changed(watch)).toBe('changed');
    await cluster.servers[gone]!.restart();
    const works = async (): Promise<string> => (await ask(waiter, key).catch(() => ({ state: 'failed' }))).state;
    await expect.poll(works, { timeout: 15_000 }).toBe('held');
  });

  it('outlive their master where a replica knows of them', { timeout: 60_000 }, async () => {
    const master = cluster.servers[1]!;
    await using replica = await startReplica(cluster, master);
    const [holder, waiter] = [open(), open()];
    const key = keyOn(1);
    const lease = await acquire(holder, key);
    expect((await ask(waiter, key)).state).toBe('held');
    await expect.poll(() => askRedis(master.port, 'WAIT', '1', '1000')).toBe(1);
    await master.kill();
    await expect.poll(() => askRedis(replica.port, 'CLUSTER', 'FAILOVER', 'TAKEOVER').catch(String)).toBe('OK');
    const offered = (): Promise<string> => holder.offer(key, entryOf('value'), lease).catch(() => 'failed');
    await expect.poll(offered, { timeout: 20_000 }).toBe('stored');
    const read = async (): Promise<unknown> => (await waiter.get(key).catch(() => undefined))?.value;
    await expect.poll(read, { timeout: 10_000 }).toBe('value');
    await master.restart();
  });
});
