import { memoize, type CacheEntry, type EntryMoments } from '@memo/core';
import { askRedis, lacks, startRedis, startRedisCluster, type RedisCluster, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slotOf } from '../src/cluster-slot.js';
import { RedisCacheStorage, type RedisClient } from '../src/index.js';
import { acquire } from './support/asking.js';
import { majors } from './support/clients.js';

const [minute, hour] = [60_000, 3_600_000];
/** How far the clocks of this process and of a server may be apart, and how long a busy computer may take. */
const tolerance = 10_000;
/** For how long a key outlives its lease, so that a holder that was held up may still publish. */
const grace = 30_000;

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

  it.each([
    { where: 'one server', inCluster: false },
    { where: 'a cluster', inCluster: true },
  ])('are not how long $where keeps an entry that is kept longer than served', async ({ inCluster }) => {
    const client: RedisClient & { disconnect(): void } = inCluster
      ? major.cluster(cluster.nodes)
      : major.standalone({ port: server.port });
    const storage = new RedisCacheStorage(client, { deadline: '3 seconds', namespace: 'kept' });
    const now = Date.now();
    const entry: CacheEntry = { value: 1, created: now, updateAfter: now, expiresAfter: now + minute };
    for (const [at, lifetime] of [minute, -minute].entries()) {
      const key = `key ${at}`;
      const kept = { ...entry, expiresAfter: now + lifetime, keepUntil: now + hour };
      const expectKeptFor = async (milliseconds: number): Promise<void> => {
        const left = await keptFor(`kept:${key}`, inCluster);
        expect([left, Math.abs(left - milliseconds) < tolerance]).toEqual([left, true]);
      };
      await storage.offer(key, kept);
      await expectKeptFor(hour);
      await storage.offer(key, { ...kept, keepUntil: Infinity });
      expect(await keptFor(`kept:${key}`, inCluster)).toBe(-1);
      await storage.set(key, kept);
      await expectKeptFor(hour);

      // Leases and rests never shorten it, and let it last as long as they need it themselves.
      const lease = await acquire(storage, key, { seen: kept, time: 1_000 });
      await expectKeptFor(hour);
      await lease.renew(2_000);
      await lease.giveBack({ failures: 1, milliseconds: 1_000 });
      await expectKeptFor(hour);
      await (await acquire(storage, key, { seen: 'any', time: 2 * hour })).giveBack();
      await expectKeptFor(2 * hour + grace);
      const another = await acquire(storage, key, { seen: kept });
      expect(await storage.offer(key, kept, another)).toBe('stored');
      await expectKeptFor(hour);

      const change = (moments: EntryMoments): Promise<boolean> =>
        storage.changeMoments(key, kept, moments, kept.expiresAfter - 1);
      const { updateAfter, expiresAfter } = kept;
      expect(await change({ updateAfter, expiresAfter, keepUntil: expiresAfter + 2 * hour })).toBe(true);
      await expectKeptFor(2 * hour);
      expect(await change({ updateAfter, expiresAfter: expiresAfter + minute })).toBe(true);
      await expectKeptFor(minute);
    }
    client.disconnect();
  });
});
