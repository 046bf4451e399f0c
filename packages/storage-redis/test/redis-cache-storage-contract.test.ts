import { randomUUID } from 'node:crypto';
import { cacheStorageContract } from '@memo/core/testing';
import { lacks, startRedis, startRedisCluster, type RedisCluster, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisCacheStorage, type RedisClient } from '../src/index.js';
import { majors } from './support/clients.js';

describe.skipIf(lacks('redis-server'))('RedisCacheStorage keeps the contract of storages', () => {
  let server: Server;
  let cluster: RedisCluster;
  const clients = new Map<string, RedisClient & { disconnect(): void }>();

  beforeAll(async () => {
    [server, cluster] = await Promise.all([startRedis(), startRedisCluster()]);
    for (const major of majors) {
      clients.set(`${major.name}, standalone`, major.standalone({ port: server.port }));
      clients.set(`${major.name}, cluster`, major.cluster(cluster.nodes));
    }
  });

  afterAll(async () => {
    for (const client of clients.values()) client.disconnect();
    await Promise.all([server.stop(), cluster.stop()]);
  });

  describe.each(['ioredis 5, standalone', 'ioredis 6, standalone', 'ioredis 5, cluster', 'ioredis 6, cluster'])(
    '%s',
    (name) => {
      const client = (): RedisClient => clients.get(name)!;
      const namespaces = new WeakMap<RedisCacheStorage, string>();
      const open = (namespace: string = randomUUID()): RedisCacheStorage => {
        const storage = new RedisCacheStorage(client(), { namespace });
        namespaces.set(storage, namespace);
        return storage;
      };

      cacheStorageContract({ describe, it, expect }, () => open(), {
        resolution: '1 second',
        openAnother: (storage) => open(namespaces.get(storage)),
        openNeighbour: (storage) => open(`${namespaces.get(storage)}:`),
        corrupt: async (storage, key) => {
          await client().set(`${namespaces.get(storage)}:${key}`, Buffer.from('not by memo'));
        },
      });
    },
  );
});
