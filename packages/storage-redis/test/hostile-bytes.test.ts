import { lacks, startRedis, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantedFunction, plantedPlains, requireMisses } from '../../serde/test/fuzz/planted-bytes.js';
import { RedisCacheStorage } from '../src/index.js';
import { EntryNames } from '../src/entry-name.js';
import { ioredis6, type StandaloneClient } from './support/clients.js';

const seed = 1;
const count = 300;

describe.skipIf(lacks('redis-server'))('hostile bytes in Redis', () => {
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

  it.each(plantedPlains)(`are a miss and an event, or a sound value, for $name: seed ${seed}`, async (plain) => {
    const storage = new RedisCacheStorage(client, { serde: plain.serde, namespace: plain.name });
    const key = `${plantedFunction}:a`;
    const name = new EntryNames(plain.name).nameOf(key);
    const planted = {
      ...{ storage, key },
      read: async () => (await client.getBuffer(name))!,
      plant: async (bytes: Uint8Array) => void (await client.call('SET', name, Buffer.from(bytes))),
    };
    const { unreadable, hits } = await requireMisses(plain, planted, { seed, count });
    expect(unreadable).toBeGreaterThan(count / 2);
    expect(hits).toBeGreaterThan(0);
  });
});
