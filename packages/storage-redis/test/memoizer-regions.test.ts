import { randomUUID } from 'node:crypto';
import {
  type CacheEvent,
  InvalidationSupport,
  LocalInMemoryCacheStorage,
  Memoizer,
  StorageFailedError,
} from '@memo/core';
import { askRedis, lacks, startMemcached, startRedis, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../serde/test/support/stored-entry.js';
import { MemcachedCacheStorage } from '../../storage-memcached/src/index.js';
import { RedisCacheStorage } from '../src/index.js';
import { ioredis6, type StandaloneClient } from './support/clients.js';

const deadline = 300;
const places = ['redis', 'memcached', 'memory'] as const;

describe.skipIf(lacks('redis-server') || lacks('memcached'))('regions over several storages', () => {
  let redis: Server;
  let memcached: Server;
  let client: StandaloneClient;
  const opened: AsyncDisposable[] = [];
  const events: CacheEvent[] = [];

  beforeAll(async () => {
    [redis, memcached] = await Promise.all([startRedis(), startMemcached()]);
    client = ioredis6.standalone({ port: redis.port });
  });

  beforeEach(() => void events.splice(0));
  afterEach(() => Promise.all(opened.splice(0).map((storage) => storage[Symbol.asyncDispose]())));

  afterAll(async () => {
    client.disconnect();
    await Promise.all([redis.stop(), memcached.stop()]);
  });

  const memoizerOver = (inServers: string) => {
    const storages = {
      redis: new RedisCacheStorage(client, { namespace: inServers, deadline }),
      memcached: new MemcachedCacheStorage(memcached.url, { namespace: inServers, deadline }),
      memory: new LocalInMemoryCacheStorage(),
    };
    opened.push(storages.memcached);
    const memo = new Memoizer(storages.memory, {
      namespace: 'pages',
      expireAfter: '1 hour',
      onEvent: (event) => events.push(event),
      regions: {
        redis: { storage: storages.redis },
        memcached: { storage: storages.memcached },
        memory: {},
        other: { parent: 'redis', namespace: 'other' },
      },
    });
    return { memo, storages };
  };
  const setUp = () => memoizerOver(randomUUID());

  it('keep a key apart in each of them, for one Memoizer', async () => {
    const { memo, storages } = setUp();
    for (const region of places) expect(await memo.get('key', () => region, { region })).toBe(region);
    for (const region of places) {
      expect(await memo.get('key', () => 'again', { region })).toBe(region);
      expect((await storages[region].get('pages/:key'))?.value).toBe(region);
    }
    expect(await memo.delete('key', { region: 'redis' })).toBe(true);
    expect(await Promise.all(places.map((region) => memo.exists('key', { region })))).toEqual([false, true, true]);
    expect(memo.cacheInfo()).toMatchObject({ hits: 3, misses: 3 });
  });

  it('are cleared one by one: in their storage, and their namespace in it, for all who share it', async () => {
    const inServers = randomUUID();
    const [{ memo }, { memo: elsewhere }] = [memoizerOver(inServers), memoizerOver(inServers)];
    const load = async (id: string): Promise<string> => id;
    const functions = [...places, 'other' as const].map((region) => memo.memoize(load, { name: 'load', region }));
    const fill = async (): Promise<void> => {
      for (const region of [...places, 'other'] as const) await memo.set('key', region, { region });
      for (const cached of functions) await cached('id');
    };
    const left = async (one: typeof memo): Promise<readonly string[]> => {
      const regions = [...places, 'other'] as const;
      const there = await Promise.all(regions.map((region) => one.exists('key', { region })));
      return regions.filter((_, index) => there[index]);
    };
    for (const region of places) {
      await fill();
      await memo.clear({ region });
      const others = ['redis', 'memcached', 'memory', 'other'].filter((other) => other !== region);
      expect(await left(memo)).toEqual(others);
      expect(await left(elsewhere)).toEqual(others.filter((other) => other !== 'memory'));
      const ofFunctions = await Promise.all(functions.map((cached) => cached.exists(['id'])));
      expect(ofFunctions).toEqual([...places, 'other'].map((other) => other !== region));
    }
    await fill();
    await memo.clear({ region: 'other' });
    expect(await left(elsewhere)).toEqual(['redis', 'memcached']);
    // The server itself has nothing more in that namespace, and has the rest.
    const names = (await askRedis(redis.port, 'KEYS', `${inServers}:*`)) as string[];
    expect(names.toSorted()).toEqual([`${inServers}:pages/:key`, `${inServers}:pages/load:id`]);
  });

  it('are all reached by an invalidation, as far as calls have chosen them, and it says where it was not carried out', async () => {
    const { memo } = setUp();
    const invalidation = new InvalidationSupport<[id: string]>();
    let loads = 0;
    const load = memo.memoize(async (_id: string) => ++loads, { name: 'load', invalidation });
    const loadAll = async (): Promise<readonly number[]> =>
      Promise.all(places.map((region) => load.with({ region })('id')));
    expect((await loadAll()).toSorted()).toEqual([1, 2, 3]);
    await invalidation.invalidateForArguments(['id']);
    expect((await loadAll()).toSorted()).toEqual([4, 5, 6]);
    redis.pause();
    try {
      const error = await failureOf(invalidation.invalidateForArguments(['id']));
      expect(StorageFailedError.isInstance(error)).toBe(true);
    } finally {
      redis.resume();
    }
    // It counts as absent here until it is carried out.
    await expect.poll(async () => (await loadAll()).every((value) => value > 6), { timeout: 5_000 }).toBe(true);
  });

  it.each(['redis', 'memcached'] as const)('suffer alone when the server of %s is frozen', async (ill) => {
    const { memo } = setUp();
    const server = { redis, memcached }[ill];
    for (const region of places) await memo.set('key', region, { region });
    server.pause();
    try {
      const started = performance.now();
      const values = places.map((region) => memo.get('key', () => 'loaded', { region }));
      expect(await Promise.all(values)).toEqual(places.map((region) => (region === ill ? 'loaded' : region)));
      expect(performance.now() - started).toBeLessThan(deadline + 500);
      expect(events.filter(({ type }) => type === 'storage-failed')).toHaveLength(1);
      const error = await failureOf(memo.clear({ region: ill }));
      expect(StorageFailedError.isInstance(error)).toBe(true);
      for (const region of places.filter((other) => other !== ill)) {
        expect(await memo.exists('key', { region })).toBe(true);
        await memo.clear({ region });
        expect(await memo.exists('key', { region })).toBe(false);
      }
    } finally {
      server.resume();
    }
    const cleared = (): Promise<boolean> =>
      memo.clear({ region: ill }).then(
        () => true,
        () => false,
      );
    await expect.poll(cleared, { timeout: 5_000 }).toBe(true);
    expect(await memo.exists('key', { region: ill })).toBe(false);
    expect(await memo.get('key', () => 'anew', { region: ill })).toBe('anew');
    expect(await memo.exists('key', { region: ill })).toBe(true);
  });

  it('may be given another storage while the program runs', async () => {
    const { memo, storages } = setUp();
    const load = memo.memoize(async (id: string) => id, { name: 'load', region: 'redis' });
    await memo.set('key', 'old', { region: 'redis' });
    await load('id');
    memo.regions.set('redis', { storage: storages.memcached });
    expect([await memo.exists('key', { region: 'redis' }), await load.exists(['id'])]).toEqual([false, false]);
    await memo.set('key', 'new', { region: 'redis' });
    await load('id');
    expect((await storages.memcached.get('pages/:key'))?.value).toBe('new');
    expect(await storages.memcached.get('pages/load:id')).toMatchObject({ value: 'id' });
    await memo.clear({ region: 'redis' });
    expect(await storages.memcached.get('pages/:key')).toBeUndefined();
    expect((await storages.redis.get('pages/:key'))?.value).toBe('old');
  });
});
