import { Buffer } from 'node:buffer';
import type { CacheEntry, Lease, LeaseWatch } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { askRedis, lacks, startProxy, startRedis, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisCacheStorage, type RedisCacheStorageOptions } from '../src/index.js';
import { acquire, ask, held } from './support/asking.js';
import { majors, type ClientOptions, type StandaloneClient } from './support/clients.js';
import { entryOf } from '../../serde/test/support/stored-entry.js';

/** How long a wake may take on a computer that is busy, in milliseconds. */
const soon = 1_000;

describe.skipIf(lacks('redis-server')).each(majors)('those who wait for a lease, with $name', (major) => {
  let server: Server;
  const clients: StandaloneClient[] = [];
  const storages: RedisCacheStorage[] = [];

  const connect = (options: ClientOptions = {}): StandaloneClient => {
    const client = major.standalone({ port: server.port, ...options });
    clients.push(client);
    return client;
  };
  const open = (options: RedisCacheStorageOptions = {}, client = connect()): RedisCacheStorage => {
    const storage = new RedisCacheStorage(client, { deadline: '2 seconds', ...options });
    storages.push(storage);
    return storage;
  };
  const subscribers = async (channel = 'memo%~leases'): Promise<number> =>
    Number(((await askRedis(server.port, 'PUBSUB', 'NUMSUB', channel)) as unknown[])[1]);
  const connections = async (): Promise<number> =>
    String(await askRedis(server.port, 'CLIENT', 'LIST', 'TYPE', 'pubsub'))
      .split('\n')
      .filter(Boolean).length;
  const watchOf = async (storage: RedisCacheStorage, key: string): Promise<LeaseWatch> =>
    (await held(storage, key, { seen: 'any' })).watch!;
  const within = (milliseconds: number, watch: LeaseWatch): Promise<'changed' | 'nothing'> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve('nothing'), milliseconds);
      void watch.changed.then(() => {
        clearTimeout(timer);
        resolve('changed');
      });
    });
  /** A storage that hears what is published. */
  const listening = async (options: RedisCacheStorageOptions = {}, client = connect()): Promise<RedisCacheStorage> => {
    const storage = open(options, client);
    await acquire(storage, 'first');
    const watch = await watchOf(storage, 'first');
    expect(await within(5_000, watch)).toBe('changed');
    return storage;
  };

  beforeAll(async () => {
    server = await startRedis();
  });

  beforeEach(() => askRedis(server.port, 'FLUSHALL'));

  afterEach(async () => {
    await Promise.all(storages.splice(0).map((storage) => storage[Symbol.asyncDispose]()));
    for (const client of clients.splice(0)) client.disconnect();
    await expect.poll(connections).toBe(0);
  });

  afterAll(() => server.stop());

  const ends: readonly [string, (storage: RedisCacheStorage, key: string, lease: Lease) => Promise<unknown>][] = [
    ['published', (storage, key, lease) => storage.offer(key, entryOf('value'), lease)],
    ['given back', (_storage, _key, lease) => lease.giveBack()],
    ['rested', (_storage, _key, lease) => lease.giveBack({ failures: 1, milliseconds: 60_000 })],
    ['voided by an offer', (storage, key) => storage.offer(key, entryOf('value'))],
    ['set', (storage, key) => storage.set(key, entryOf('value'))],
    ['invalidated', (storage, key) => storage.invalidate(key)],
    ['cleared', (storage, key) => storage.clear(key)],
  ];

  describe.each([
    ['', 'memo'],
    ['app:', 'memo'],
    ['', 'a:b%'],
  ])('with the keyPrefix %j, in the namespace %j', (keyPrefix, namespace) => {
    it.each(ends)('are woken when it is %s, also of a long key', async (_, end) => {
      const waiter = await listening({ namespace }, connect({ keyPrefix }));
      const holder = open({ namespace }, connect({ keyPrefix }));
      for (const key of ['key', 'k'.repeat(600), '\ud800', '鍵']) {
        const lease = await acquire(holder, key);
        const watch = await watchOf(waiter, key);
        expect([key, await within(20, watch)]).toEqual([key, 'nothing']);
        await end(holder, key, lease);
        expect([key, await within(soon, watch)]).toEqual([key, 'changed']);
      }
    });
  });

  it('are woken each by the lease they wait for, in their own namespace', async () => {
    const [waiter, other] = [await listening(), await listening({ namespace: 'other' })];
    const leases = await Promise.all(['a', 'ab', 'b'].map((key) => acquire(waiter, key)));
    await acquire(other, 'a');
    const watches = await Promise.all(['a', 'ab', 'b'].map((key) => watchOf(waiter, key)));
    const foreign = await watchOf(other, 'a');
    await waiter.offer('a', entryOf('value'), leases[0]);
    expect(await within(soon, watches[0]!)).toBe('changed');
    await waiter.clear('b');
    expect(await within(soon, watches[2]!)).toBe('changed');
    expect(await within(50, watches[1]!)).toBe('nothing');
    expect(await within(0, foreign)).toBe('nothing');
  });

  it('are woken also when the lease was renewed while they waited', async () => {
    const waiter = await listening();
    const lease = await acquire(open(), 'key');
    const watch = await watchOf(waiter, 'key');
    expect(await lease.renew(60_000)).toBe(true);
    await lease.giveBack();
    expect(await within(soon, watch)).toBe('changed');
  });

  it('are woken by whoever took over from a holder that died', async () => {
    const clock = new ManualClock(Date.now());
    const waiter = await listening({ clock });
    const holder = open({ clock });
    await acquire(holder, 'key', { time: 3_000 });
    const watch = await watchOf(waiter, 'key');
    await clock.advance(3_000);
    const next = await acquire(holder, 'key');
    await holder.offer('key', entryOf('value'), next);
    expect(await within(soon, watch)).toBe('changed');
  });

  it('miss nothing that happens before they have the answer', async () => {
    const waiter = await listening();
    const holder = open();
    await holder.get('key');
    let seen: CacheEntry | undefined;
    for (let round = 0; round < 50; round++) {
      const lease = await acquire(holder, 'key', { seen });
      const asked = ask(waiter, 'key', { seen });
      seen = entryOf(round, { created: round });
      await holder.offer('key', seen, lease);
      const answer = await asked;
      if (answer.state === 'held') expect(await within(soon, answer.watch!)).toBe('changed');
      else expect(answer).toMatchObject({ state: 'present', entry: { value: round } });
    }
  });

  it('cost nothing where nobody waits, and one message where somebody does', async () => {
    const holder = open();
    const lease = await acquire(holder, 'key');
    expect(await connections()).toBe(0);
    await askRedis(server.port, 'CONFIG', 'RESETSTAT');
    await holder.offer('key', entryOf('value'), lease);
    const published = async (): Promise<unknown> =>
      /cmdstat_publish:calls=(\d+)/.exec(String(await askRedis(server.port, 'INFO', 'commandstats')))?.[1];
    expect(await published()).toBeUndefined();
    const waiter = await listening();
    await askRedis(server.port, 'CONFIG', 'RESETSTAT');
    const next = await acquire(holder, 'key', { seen: 'any' });
    for (let time = 0; time < 5; time++) (await watchOf(waiter, 'key')).stop();
    await holder.offer('key', entryOf('value'), next);
    expect(await published()).toBe('1');
  });

  it('share one connection, which is opened when the first one has to wait', async () => {
    const waiter = open();
    await acquire(waiter, 'a');
    await acquire(waiter, 'b');
    expect(await connections()).toBe(0);
    const first = await Promise.all(['a', 'b', 'a', 'b'].map((key) => watchOf(waiter, key)));
    // Those who came before the connection was there ask again as soon as it is.
    expect(await Promise.all(first.map((watch) => within(5_000, watch)))).toEqual(Array(4).fill('changed'));
    const second = await Promise.all(['a', 'b', 'a', 'b'].map((key) => watchOf(waiter, key)));
    expect(await Promise.all(second.map((watch) => within(20, watch)))).toEqual(Array(4).fill('nothing'));
    expect([await connections(), await subscribers()]).toEqual([1, 1]);
  });

  it('are told when the connection was cut, and wait over a new one', async () => {
    const waiter = await listening();
    const lease = await acquire(waiter, 'key');
    for (let time = 0; time < 3; time++) {
      const watch = await watchOf(waiter, 'key');
      expect(Number(await askRedis(server.port, 'CLIENT', 'KILL', 'TYPE', 'pubsub'))).toBe(1);
      expect(await within(5_000, watch)).toBe('changed');
      expect(await subscribers()).toBe(1);
    }
    const watch = await watchOf(waiter, 'key');
    await lease.giveBack();
    expect(await within(soon, watch)).toBe('changed');
  });

  it('are told over a new connection when the server was restarted', async () => {
    const other = await startRedis();
    const waiter = await listening({}, connect({ port: other.port }));
    await acquire(waiter, 'key');
    const watch = await watchOf(waiter, 'key');
    await other.kill();
    expect(await within(300, watch)).toBe('nothing');
    await other.restart();
    expect(await within(10_000, watch)).toBe('changed');
    await waiter[Symbol.asyncDispose]();
    await other.stop();
  });

  it('open no connection again that nobody needs', async () => {
    const waiter = await listening();
    (await acquire(waiter, 'key').then(() => watchOf(waiter, 'key'))).stop();
    await askRedis(server.port, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await connections()).toBe(0);
    expect(await within(5_000, await watchOf(waiter, 'key'))).toBe('changed');
    expect(await connections()).toBe(1);
  });

  it.each<ClientOptions>([
    { enableOfflineQueue: false },
    { lazyConnect: true },
    { maxRetriesPerRequest: null },
    { db: 3 },
    { keyPrefix: 'prefix:', enableOfflineQueue: false, lazyConnect: true },
  ])('are woken over the connection of a client with %j', async (options) => {
    const client = connect(options);
    if (options.lazyConnect) await client.connect();
    else await expect.poll(() => client.status).toBe('ready');
    const waiter = await listening({}, client);
    const lease = await acquire(waiter, 'key');
    const watch = await watchOf(waiter, 'key');
    await lease.giveBack();
    expect(await within(soon, watch)).toBe('changed');
  });

  it('ask again by themselves, as a user who may not listen', async () => {
    const { port } = server;
    await askRedis(port, 'ACL', 'SETUSER', 'deaf', 'on', '>secret', '~*', 'resetchannels', '+@all');
    const waiter = open({}, connect({ username: 'deaf', password: 'secret' }));
    const lease = await acquire(waiter, 'key');
    // The first one learns that there is nothing to be heard, the others are not made to listen.
    expect(await within(5_000, await watchOf(waiter, 'key'))).toBe('changed');
    expect(await held(waiter, 'key')).not.toHaveProperty('watch');
    await askRedis(port, 'ACL', 'SETUSER', 'deaf', '&memo*');
    const asked = async (): Promise<boolean> => (await held(waiter, 'key')).watch !== undefined;
    await expect.poll(asked, { timeout: 10_000 }).toBe(true);
    const watch = await watchOf(waiter, 'key');
    await lease.giveBack();
    expect(await within(soon, watch)).toBe('changed');
  });

  it('ask again by themselves where the client cannot open another connection', async () => {
    const client = connect();
    const { duplicate } = client;
    Object.assign(client, { duplicate: undefined });
    const waiter = open({}, client);
    await acquire(waiter, 'key');
    expect(await held(waiter, 'key')).not.toHaveProperty('watch');
    client.duplicate = () => {
      throw new Error('It cannot.');
    };
    const other = open({}, client);
    expect(await held(other, 'key')).not.toHaveProperty('watch');
    Object.assign(client, { duplicate });
    const asked = async (): Promise<boolean> => (await held(other, 'key')).watch !== undefined;
    await expect.poll(asked, { timeout: 5_000 }).toBe(true);
  });

  it('are let go when the storage is closed, and open no connection after that', async () => {
    const client = connect();
    const waiter = await listening({}, client);
    await acquire(waiter, 'key');
    const watch = await watchOf(waiter, 'key');
    await waiter[Symbol.asyncDispose]();
    await waiter[Symbol.asyncDispose]();
    expect(await within(soon, watch)).toBe('changed');
    await expect.poll(connections).toBe(0);
    expect(await held(waiter, 'key')).not.toHaveProperty('watch');
    expect(await connections()).toBe(0);
    expect(client.status).toBe('ready');
  });

  it('have no connection any more when the client is closed, whether or not the storage is', async () => {
    const client = connect();
    const waiter = await listening({}, client);
    await acquire(waiter, 'key');
    expect(await connections()).toBe(1);
    client.disconnect();
    await expect.poll(connections).toBe(0);
    await waiter[Symbol.asyncDispose]();
    await client.connect();
    expect(await held(waiter, 'key')).not.toHaveProperty('watch');
  });

  it('are a connection again when a client that was closed is connected anew', async () => {
    const client = connect();
    const waiter = await listening({}, client);
    client.disconnect();
    await expect.poll(connections).toBe(0);
    await client.connect();
    await acquire(waiter, 'key');
    expect(await within(5_000, await watchOf(waiter, 'key'))).toBe('changed');
  });

  it('leave no listeners on a client that many storages share', async () => {
    const client = connect();
    for (let time = 0; time < 15; time++) await listening({ namespace: String(time) }, client);
    expect(client.listenerCount('end')).toBeLessThanOrEqual(1);
    expect(await connections()).toBe(15);
  });

  it('are told when a connection that had gone silent is broken', async () => {
    await using proxy = await startProxy({ target: server });
    const waiter = await listening({}, connect({ port: proxy.port }));
    const lease = await acquire(open(), 'key');
    const watch = await watchOf(waiter, 'key');
    proxy.forget();
    await lease.giveBack();
    expect(await within(200, watch)).toBe('nothing');
    proxy.reset();
    expect(await within(5_000, watch)).toBe('changed');
  });

  it('pause longer and longer before they try to listen again', async () => {
    const clock = new ManualClock(Date.now());
    const client = connect();
    let tries = 0;
    client.duplicate = () => {
      tries++;
      throw new Error('It cannot.');
    };
    const waiter = open({ clock, deadline: '1 hour' }, client);
    await acquire(waiter, 'key');
    await held(waiter, 'key');
    const triesWithin: number[] = [];
    for (const pause of [49, 1, 99, 1, 199, 1, 399, 1]) {
      await clock.advance(pause);
      await held(waiter, 'key');
      triesWithin.push(tries);
    }
    expect(triesWithin).toEqual([1, 2, 2, 3, 3, 4, 4, 5]);
    tries = 0;
    for (let second = 0; second < 50; second++) {
      await clock.advance(1_000);
      await held(waiter, 'key');
    }
    expect(tries).toBeLessThanOrEqual(15);
    expect(tries).toBeGreaterThanOrEqual(8);
    expect(Buffer.isBuffer(await client.getBuffer('memo:key'))).toBe(true);
  });

  it('pause no longer than at first before they replace a connection that had lasted', async () => {
    const clock = new ManualClock(Date.now());
    const client = connect();
    const { duplicate } = client;
    let tries = 0;
    client.duplicate = () => {
      tries++;
      throw new Error('It cannot.');
    };
    const waiter = open({ clock, deadline: '1 hour' }, client);
    await acquire(waiter, 'key');
    for (const pause of [0, 50, 100, 200]) {
      await clock.advance(pause);
      await held(waiter, 'key');
    }
    expect(tries).toBe(4);
    let lost!: Promise<void>;
    client.duplicate = (options) => {
      const connection = duplicate!.call(client, options);
      lost = new Promise((resolve) => void connection.on('end', resolve));
      return connection;
    };
    await clock.advance(400);
    await held(waiter, 'key');
    await expect.poll(() => subscribers()).toBe(1);
    const watch = await watchOf(waiter, 'key');
    const aWhileLater = performance.now() + 6_000;
    const passed = vi.spyOn(performance, 'now').mockReturnValue(aWhileLater);
    await askRedis(server.port, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
    await lost;
    passed.mockRestore();
    await clock.advance(50);
    expect(await within(5_000, watch)).toBe('changed');
  });
});
