import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { cacheStorageContract } from '@memo/core/testing';
import { lacks, startProxy, startRedis, startRedisCluster, type RedisCluster, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisCacheStorage, type RedisClient } from '../src/index.js';
import { majors, type ClusterClient } from './support/clients.js';

/** Which namespace of which client a storage is. */
const places = new WeakMap<RedisCacheStorage, { readonly client: RedisClient; readonly namespace: string }>();

function open(client: RedisClient, namespace: string = randomUUID()): RedisCacheStorage {
  // Hundreds of clauses at once keep a computer busy.
  const storage = new RedisCacheStorage(client, { namespace, deadline: '2 seconds' });
  places.set(storage, { client, namespace });
  return storage;
}

const traits = {
  resolution: '1 second',
  openAnother: (storage: RedisCacheStorage) => open(places.get(storage)!.client, places.get(storage)!.namespace),
  openNeighbour: (storage: RedisCacheStorage) =>
    open(places.get(storage)!.client, `${places.get(storage)!.namespace}:neighbour`),
  corrupt: async (storage: RedisCacheStorage, key: string) => {
    const { client, namespace } = places.get(storage)!;
    await client.set(`${namespace}:${key}`, Buffer.from('not by memo'));
  },
};

// Each clause has a namespace of its own, so that they need not wait for one another.
describe.skipIf(lacks('redis-server')).concurrent.each(majors)('RedisCacheStorage with $name', (major) => {
  describe('over one server', () => {
    let server: Server;
    const interruptions = new WeakMap<RedisCacheStorage, () => Promise<() => Promise<void>>>();

    beforeAll(async () => {
      server = await startRedis();
    });

    afterAll(() => server.stop());

    const openOverProxy = async () => {
      const proxy = await startProxy({ target: server });
      const client = major.standalone({ port: proxy.port });
      const storage = open(client);
      interruptions.set(storage, async () => {
        proxy.freeze();
        return () => proxy.resume();
      });
      const close = async (): Promise<void> => {
        client.disconnect();
        await proxy.stop();
      };
      return { storage, close };
    };

    cacheStorageContract({ describe, it, expect }, openOverProxy, {
      ...traits,
      interrupt: (storage) => interruptions.get(storage)!(),
    });
  });

  describe('over a cluster', () => {
    let cluster: RedisCluster;
    let client: ClusterClient;

    beforeAll(async () => {
      cluster = await startRedisCluster();
      client = major.cluster(cluster.nodes);
    });

    afterAll(async () => {
      client.disconnect();
      await cluster.stop();
    });

    cacheStorageContract({ describe, it, expect }, () => open(client), traits);
  });
});
