import { memoize, type CacheEntry, type Duration, type EntryMoments } from '@memo/core';
import { askMemcached, lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemcachedCacheStorage } from '../src/index.js';
import { acquire } from './support/asking.js';

const day = 86_400;

describe.skipIf(lacks('memcached'))('lifetimes of cached functions over Memcached', () => {
  let server: Server;
  let storage: MemcachedCacheStorage;

  beforeAll(async () => {
    server = await startMemcached();
    storage = new MemcachedCacheStorage(server.url, { namespace: 'app', deadline: '2 seconds' });
  });

  afterAll(async () => {
    await storage[Symbol.asyncDispose]();
    await server.stop();
  });

  const cachedFor = (name: string, expireAfter: Duration) => {
    let loads = 0;
    return memoize(async (_id: string) => ++loads, { name, storage, expireAfter, jitter: 0 });
  };
  /** Seconds that the server still keeps the item: -1 for ever, `undefined` if it has none. */
  const secondsLeft = async (name: string): Promise<number | undefined> => {
    const [answer] = await askMemcached(server.port, `mg app:${name}:id t`);
    return answer === 'EN' ? undefined : Number(/^HD t(-?\d+)$/.exec(answer ?? '')?.[1]);
  };

  it.each([3_600.9, 30 * day - 0.1, 30 * day + 0.9, 31 * day, 5 * 365 * day])(
    '%d seconds: the server keeps the item as long, and a little longer',
    async (least) => {
      const name = `long-${least}`;
      const cached = cachedFor(name, least * 1_000);
      expect([await cached('id'), await cached('id')]).toEqual([1, 1]);
      const left = await secondsLeft(name);
      expect(left).toBeGreaterThanOrEqual(least);
      expect(left).toBeLessThanOrEqual(least + 5);
      expect(await cached.ttl(['id'])).toBeGreaterThan((least - 2) * 1_000);
    },
  );

  it('for ever', async () => {
    const cached = cachedFor('for-ever', '1 minute');
    await cached('id');
    expect(await cached.expire(['id'], null)).toBe(true);
    expect(await cached('id')).toBe(1);
    expect(await cached.ttl(['id'])).toBe(Infinity);
    expect(await secondsLeft('for-ever')).toBe(-1);
    expect(await cached.expire(['id'], '31 days')).toBe(true);
    expect(await secondsLeft('for-ever')).toBeGreaterThan(30 * day);
  });

  describe('that are changed change on the server, too', () => {
    const moment = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);

    it.each<[string, before: number, after: number]>([
      ['shortened', 3_600, 60],
      ['extended', 60, 3_600],
      ['extended beyond 30 days', 60, 31 * day],
      ['shortened from beyond 30 days', 31 * day, 60],
      ['shortened to 30 days', 60 * day, 30 * day],
    ])('%s from %d to %d seconds, by a duration and by a moment', async (_how, before, after) => {
      const names = [`duration-${before}-${after}`, `moment-${before}-${after}`];
      const functions = names.map((name) => cachedFor(name, before * 1_000));
      for (const cached of functions) await cached('id');
      for (const name of names) expect(await secondsLeft(name)).toBeGreaterThanOrEqual(before - 2);
      expect(await functions[0]!.expire(['id'], after * 1_000)).toBe(true);
      expect(await functions[1]!.expireAt(['id'], moment(after))).toBe(true);
      for (const name of names) {
        // The server counts whole seconds, and its time is known within one.
        expect(await secondsLeft(name)).toBeGreaterThanOrEqual(after - 2);
        expect(await secondsLeft(name)).toBeLessThanOrEqual(after + 5);
      }
      for (const cached of functions) expect(await cached('id')).toBe(1);
    });

    it('for ever, and ended again', async () => {
      const names = ['ever-by-duration', 'ever-by-moment'];
      const functions = names.map((name) => cachedFor(name, '1 minute'));
      for (const cached of functions) await cached('id');
      expect(await functions[0]!.expire(['id'], null)).toBe(true);
      expect(await functions[1]!.expireAt(['id'], null)).toBe(true);
      for (const name of names) expect(await secondsLeft(name)).toBe(-1);
      expect(await functions[0]!.expire(['id'], '1 minute')).toBe(true);
      expect(await functions[1]!.expireAt(['id'], moment(60))).toBe(true);
      for (const name of names) expect(await secondsLeft(name)).toBeLessThanOrEqual(65);
    });

    it('over at once: the server soon has nothing more', async () => {
      const cached = cachedFor('over', '1 hour');
      await cached('id');
      expect(await cached.expireAt(['id'], moment(-60))).toBe(true);
      expect(await secondsLeft('over')).toBeLessThanOrEqual(2);
      expect(await cached.exists(['id'])).toBe(false);
      await expect.poll(() => secondsLeft('over'), { timeout: 8_000, interval: 100 }).toBeUndefined();
    });

    it('also where the item holds a lease: it stays at least as long as that', async () => {
      const cached = cachedFor('leased', '1 hour');
      await cached('id');
      await acquire(storage, 'leased:id', { seen: 'any', time: 120_000 });
      expect(await cached.expire(['id'], '1 second')).toBe(true);
      expect(await secondsLeft('leased')).toBeGreaterThanOrEqual(118);
      expect(await cached.expire(['id'], '31 days')).toBe(true);
      expect(await secondsLeft('leased')).toBeGreaterThan(30 * day);
    });
  });

  describe('of entries that are kept longer than they are served', () => {
    const [minute, hour] = [60_000, 3_600_000];
    const expectLeft = async (name: string, seconds: number): Promise<void> => {
      const left = (await secondsLeft(name)) ?? 0;
      expect([left, left >= seconds - 2 && left <= seconds + 5]).toEqual([left, true]);
    };

    it.each([
      ['live', minute],
      ['expired', -minute],
    ])('%s: the server keeps them as long as they are kept', async (kind, lifetime) => {
      const name = `kept-${kind}`;
      const key = `${name}:id`;
      const now = storage.now();
      const moments = { updateAfter: now, expiresAfter: now + lifetime };
      const kept: CacheEntry = { value: 1, created: now, ...moments, keepUntil: now + hour };
      await storage.offer(key, kept);
      await expectLeft(name, 3_600);
      await storage.offer(key, { ...kept, keepUntil: Infinity });
      expect(await secondsLeft(name)).toBe(-1);
      await storage.set(key, { ...kept, keepUntil: now + 31 * day * 1_000 });
      await expectLeft(name, 31 * day);
      await storage.set(key, kept);
      await expectLeft(name, 3_600);

      // Leases and rests leave it, and let it last as long as they need it themselves.
      const lease = await acquire(storage, key, { seen: kept, time: 1_000 });
      await expectLeft(name, 3_600);
      await lease.renew(2_000);
      await lease.giveBack({ failures: 1, milliseconds: 1_000 });
      await expectLeft(name, 3_600);
      const long = await acquire(storage, key, { seen: 'any', time: 2 * hour });
      await expectLeft(name, 7_230);
      await long.giveBack();
      await expectLeft(name, 3_600);
      const another = await acquire(storage, key, { seen: kept });
      expect(await storage.offer(key, kept, another)).toBe('stored');
      await expectLeft(name, 3_600);

      const change = (changed: EntryMoments): Promise<boolean> =>
        storage.changeMoments(key, kept, changed, kept.expiresAfter - 1);
      expect(await change({ ...moments, keepUntil: kept.expiresAfter + 2 * hour })).toBe(true);
      await expectLeft(name, 7_200);
      expect(await change({ ...moments, expiresAfter: kept.expiresAfter + 2 * minute })).toBe(true);
      await expectLeft(name, 120);
    });
  });

  it.concurrent.each([0.5, 0.9, 1.2])(
    '%d seconds: the entry ends, and the item does not stay for ever',
    async (seconds) => {
      const name = `short-${seconds}`;
      const cached = cachedFor(name, seconds * 1_000);
      const started = performance.now();
      expect([await cached('id'), await cached('id')]).toEqual([1, 1]);
      await expect.poll(() => cached('id'), { timeout: 5_000, interval: 10 }).toBe(2);
      // The server tells whole seconds: the entry may end so much earlier or later when its time becomes known better.
      expect(performance.now() - started).toBeLessThan(seconds * 1_000 + 2_000);
      await expect.poll(() => secondsLeft(name), { timeout: 8_000, interval: 100 }).toBeUndefined();
    },
  );

  it('a fraction of a millisecond', async () => {
    const cached = cachedFor('fraction', 0.5);
    expect(await cached('id')).toBe(1);
    expect(await secondsLeft('fraction')).toBeLessThan(5);
    await expect.poll(() => cached('id')).toBe(2);
  });
});
