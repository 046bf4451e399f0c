import { randomUUID } from 'node:crypto';
import { lacks, startRedis, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe } from 'vitest';
import { pyMemoizeSuite } from '../../../core/test/originals/pymemoize-suite.js';
import { RedisCacheStorage } from '../../src/index.js';
import { ioredis6, type StandaloneClient } from '../support/clients.js';

describe.skipIf(lacks('redis-server'))('with ioredis 6', () => {
  let server: Server;
  let client: StandaloneClient;

  beforeAll(async () => {
    server = await startRedis();
    client = ioredis6.standalone({ port: server.port });
  });

  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  pyMemoizeSuite({
    name: 'Redis',
    open: (clock) => {
      const namespace = randomUUID();
      const storage = new RedisCacheStorage(client, { namespace, clock });
      return {
        storage,
        spoil: (key) => client.call('SET', `${namespace}:${key}`, 'of another version'),
        close: () => storage[Symbol.asyncDispose](),
      };
    },
  });
});
