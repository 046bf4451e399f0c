import { lacks, startRedis, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testsAgainstTheOriginal, testsOfMendedDefects } from '../../../core/test/originals/scenario.js';
import { ioredis6, type StandaloneClient } from '../support/clients.js';
import { memoStore, modelledStore, type LockingStore } from './locking-store.js';
import { redisDefects } from './pymemoize-redis-defects.js';

describe.skipIf(lacks('redis-server'))('PyMemoize in Redis', () => {
  let server: Server;
  let client: StandaloneClient;
  /** A store that is opened when a scenario uses it: by then there is a server. */
  const opened = (open: (on: StandaloneClient) => LockingStore): LockingStore =>
    new Proxy({} as LockingStore, { get: (_, name) => open(client)[name as keyof LockingStore] });

  beforeAll(async () => {
    server = await startRedis();
    client = ioredis6.standalone({ port: server.port });
  });

  beforeEach(() => client.call('FLUSHALL'));

  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  describe('defects, mended', () => testsOfMendedDefects(opened(memoStore), redisDefects));

  describe('the tests of mended defects fail against PyMemoize', () =>
    testsAgainstTheOriginal(opened(modelledStore), redisDefects));

  /** The model must be wrong only where its original is, or the failures above would prove nothing. */
  describe.each([
    ['memo', opened(memoStore)],
    ['PyMemoize', opened(modelledStore)],
  ])('what it does well: %s', (_, store) => {
    it('has a lock beside what is kept under a key (P72)', async () => {
      await store.keep('key', 60_000);
      expect(await store.lock('key').acquire(0)).toBe(true);
      expect(await store.lock('other key').acquire(0)).toBe(true);
      expect(((await client.call('KEYS', '*')) as string[]).length).toBe(3);
    });

    it('tries once with a timeout of 0, and lets one have the lock (P73)', async () => {
      const [first, second] = [store.lock('key'), store.lock('key')];
      expect(await first.acquire(0)).toBe(true);
      await client.call('CONFIG', 'RESETSTAT');
      expect(await second.acquire(0)).toBe(false);
      expect(await tries()).toBe(1);
      await first.release();
      expect(await second.acquire(0)).toBe(true);
    });

    it('tries again with pauses that grow, until the timeout is over (P73)', async () => {
      await store.lock('key').acquire(0);
      await client.call('CONFIG', 'RESETSTAT');
      const began = performance.now();
      expect(await store.lock('key').acquire(800)).toBe(false);
      // Timers may ring a little early.
      expect(performance.now() - began).toBeGreaterThan(780);
      expect(await tries()).toBeGreaterThan(2);
      expect(await tries()).toBeLessThan(12);
    });

    it('has the lock once it is given back (P73)', async () => {
      const [first, second] = [store.lock('key'), store.lock('key')];
      await first.acquire(0);
      const waiting = second.acquire('10 seconds');
      await first.release();
      expect(await waiting).toBe(true);
    });

    it('takes the lock of a holder over whose time is over, and one of many does (P73)', async () => {
      await store.lock('key').acquire(0);
      await store.endTimeOfLock();
      const had = await Promise.all([1, 2, 3].map(() => store.lock('key').acquire(0)));
      expect(had.filter(Boolean).length).toBe(1);
    });
  });

  /** How often somebody has tried to have a lock since the statistics began. */
  async function tries(): Promise<number> {
    const statistics = String(await client.call('INFO', 'commandstats'));
    const called = [...statistics.matchAll(/cmdstat_set(?:nx)?:calls=(\d+)/g)];
    return called.reduce((sum, [, calls]) => sum + Number(calls), 0);
  }
});
