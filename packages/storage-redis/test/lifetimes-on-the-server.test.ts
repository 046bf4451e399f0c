import { memoize } from '@memo/core';
import { askRedis, lacks, startRedis, startRedisCluster, type RedisCluster, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotOf } from '../src/cluster-slot.js';
import { RedisCacheStorage, type RedisClient } from '../src/index.js';
import { majors } from './support/clients.js';

const [minute, hour] = [60_000, 3_600_000];
/** How far the clocks of this process and of a server may be apart, and how long a busy computer may take. */
const tolerance = 10_000;

describe.skipIf(lacks('redis-server')).each(majors)('expire and expireAt with $name', (major) => {
  let server: Server;
  let cluster: RedisCluster;

  beforeAll(async () => {
    [server, cluster] = await Promise.all([startRedis(), startRedisCluster()]);
  });

  afterAll(() => Promise.all([server.stop(), cluster.stop()]));

  /** For how many milliseconds the server keeps `name`; -1 for ever, -2 if it does not have it. */
  const keptFor = async (name: string, inCluster: boolean): Promise<number> => {
    const keeper = inCluster ? cluster.servers[Math.floor((slotOf(name) * 3) / 16_384)]! : server;
    return Number(await askRedis(keeper.port, 'PTTL', name));
  };

  it.each([
    { where: 'one server', keyPrefix: '', inCluster: false },
    { where: 'one server', keyPrefix: 'app:', inCluster: false },
    { where: 'a cluster', keyPrefix: '', inCluster: true },
    { where: 'a cluster', keyPrefix: 'app:', inCluster: true },
  ])('change how long $where keeps the entry (keyPrefix $keyPrefix)', async ({ keyPrefix, inCluster }) => {
    const client: RedisClient & { disconnect(): void } = inCluster
      ? major.cluster(cluster.nodes, { keyPrefix })
      : major.standalone({ port: server.port, keyPrefix });
    const storage = new RedisCacheStorage(client, { deadline: '3 seconds' });
    const cached = memoize(async (id: string) => id, { name: 'load', storage, expireAfter: '1 hour', jitter: 0 });
    for (const id of ['a', 'b', 'c', 'd']) {
      const expectKeptFor = async (milliseconds: number): Promise<void> => {
        const kept = await keptFor(`${keyPrefix}memo:load:${id}`, inCluster);
        expect([kept, Math.abs(kept - milliseconds) < tolerance]).toEqual([kept, true]);
      };
      const expectKeptForEver = async (): Promise<void> =>
        expect(await keptFor(`${keyPrefix}memo:load:${id}`, inCluster)).toBe(-1);
      await cached(id);
      await expectKeptFor(hour);

      expect(await cached.expire([id], '1 minute')).toBe(true);
      await expectKeptFor(minute);
      expect(await cached.expire([id], '2 hours')).toBe(true);
      await expectKeptFor(2 * hour);
      expect(await cached.expire([id], null)).toBe(true);
      await expectKeptForEver();

      expect(await cached.expireAt([id], new Date(Date.now() + minute))).toBe(true);
      await expectKeptFor(minute);
      expect(await cached.expireAt([id], Date.now() + 2 * hour)).toBe(true);
      await expectKeptFor(2 * hour);
      expect(await cached.expireAt([id], null)).toBe(true);
      await expectKeptForEver();

      await cached.expireAt([id], Date.now() - minute);
      await expect.poll(() => keptFor(`${keyPrefix}memo:load:${id}`, inCluster)).toBe(-2);
    }
    client.disconnect();
  });
});
