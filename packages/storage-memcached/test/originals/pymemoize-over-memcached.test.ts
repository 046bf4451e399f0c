import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { Clock } from '@memo/core';
import { lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe } from 'vitest';
import { pyMemoizeSuite } from '../../../core/test/originals/pymemoize-suite.js';
import { MemcachedServer } from '../../src/client/memcached-server.js';
import { MemcachedCacheStorage } from '../../src/index.js';
import { SafeKeys } from '../../src/safe-key.js';

describe.skipIf(lacks('memcached'))('with one server', () => {
  let server: Server;

  beforeAll(async () => {
    server = await startMemcached();
  });

  afterAll(() => server.stop());

  pyMemoizeSuite({
    name: 'Memcached',
    open: (clock) => {
      const namespace = randomUUID();
      const storage = new MemcachedCacheStorage(server.url, { namespace, clock });
      return {
        storage,
        spoil: (key) => leave(new SafeKeys(namespace).nameOf(key), clock),
        close: () => storage[Symbol.asyncDispose](),
      };
    },
  });

  async function leave(name: string, clock: Clock): Promise<void> {
    const { host, port } = server;
    const client = new MemcachedServer({ host, port }, { clock, requestPatience: 1_000 });
    await client.set(name, Buffer.from('of another version'), { expires: 0 });
    await client.close();
  }
});
