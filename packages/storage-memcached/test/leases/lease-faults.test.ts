import { newHolder, StorageFailedError, StorageTimeoutError, systemClock, type CacheEntry } from '@memo/core';
import { askMemcached, lacks, startMemcached, startProxy, type Proxy, type Server } from '@memo/test-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryOf, failureOf } from '../../../serde/test/support/stored-entry.js';
import { MemcachedServer } from '../../src/client/memcached-server.js';
import { MemcachedCacheStorage } from '../../src/index.js';
import { SafeKeys } from '../../src/safe-key.js';
import { ServerChoice } from '../../src/server-choice.js';
import { acquire, ask, long, stateOf } from '../support/asking.js';
import { beforeNext } from '../support/before-sending.js';

const deadline = 300;

describe.skipIf(lacks('memcached'))('leases when something fails', () => {
  let server: Server;
  let proxy: Proxy;
  /** Reaches the server through the proxy. */
  let storage: MemcachedCacheStorage;
  /** Reaches it directly. */
  let other: MemcachedCacheStorage;
  const opened: AsyncDisposable[] = [];

  beforeEach(async () => {
    server = await startMemcached();
    proxy = await startProxy({ target: server });
    storage = new MemcachedCacheStorage(`127.0.0.1:${proxy.port}`, { deadline });
    other = new MemcachedCacheStorage(server.url, { deadline: '2 seconds' });
    opened.push(server, proxy, storage, other);
    // So that the first connection is open and the generation there.
    await storage.set('warm', entryOf('warm'));
  });

  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });

  const valueOf = async (reader: MemcachedCacheStorage): Promise<unknown> => (await reader.get('key'))?.value;
  /** Waits until a storage has a connection again. */
  const reconnected = (client = storage): Promise<void> => {
    const reached = (): Promise<boolean> =>
      client.get('warm').then(
        () => true,
        () => false,
      );
    return expect.poll(reached, { timeout: 5_000 }).toBe(true);
  };
  /** What is there before a lease is asked for: nothing, or an entry that is to be refreshed. */
  const prepared = async (kind: string): Promise<CacheEntry | undefined> => {
    if (kind === 'cold') return undefined;
    const entry = entryOf('before', { created: Date.now() - 60_000 });
    expect(await other.offer('key', entry)).toBe('stored');
    return entry;
  };
  const expectTimeout = async (attempt: Promise<unknown>): Promise<void> => {
    expect(StorageTimeoutError.isInstance((await failureOf(attempt)).cause)).toBe(true);
  };
  const kinds = [
    ['cold', 'add'],
    ['kept', 'set'],
  ] as const;

  describe.each(kinds)('the answer to a grant is lost: %s', (kind, command) => {
    it('the holder asks again and is granted what it has; nobody else is', async () => {
      const seen = await prepared(kind);
      const request = { holder: newHolder(), seen };
      beforeNext(command, () => proxy.stallAfter(0));
      await expectTimeout(ask(storage, 'key', request));
      expect(await stateOf(ask(other, 'key', { seen }))).toBe('held');
      proxy.reset();
      await proxy.resume();
      await reconnected();
      const lease = await acquire(storage, 'key', request);
      expect(await stateOf(ask(other, 'key', { seen }))).toBe('held');
      expect(await storage.offer('key', entryOf('loaded'), lease)).toBe('stored');
      expect(await valueOf(other)).toBe('loaded');
    });

    it('also where it comes late', async () => {
      const seen = await prepared(kind);
      const request = { holder: newHolder(), seen };
      beforeNext(command, () => proxy.stallAfter(0));
      await expectTimeout(ask(storage, 'key', request));
      await proxy.resume();
      const lease = await acquire(storage, 'key', request);
      expect(await storage.offer('key', entryOf('loaded'), lease)).toBe('stored');
    });

    it('a holder that does not ask again is replaced after its time', async () => {
      const seen = await prepared(kind);
      beforeNext(command, () => proxy.stallAfter(0));
      await expectTimeout(ask(storage, 'key', { seen, time: 400 }));
      expect(await stateOf(ask(other, 'key', { seen }))).toBe('held');
      await expect.poll(() => stateOf(ask(other, 'key', { seen })), { timeout: 3_000 }).toBe('granted');
    });
  });

  it.each(['cold', 'kept'])('the answer to a renewal is lost: it is still held (%s)', async (kind) => {
    const seen = await prepared(kind);
    const [published, givenBack] = [await acquire(storage, 'key', { seen }), await acquire(storage, 'another')];
    for (const lease of [published, givenBack]) {
      beforeNext('set', () => proxy.stallAfter(0));
      await expectTimeout(lease.renew(long));
      await proxy.resume();
    }
    expect(await published.renew(long)).toBe(true);
    beforeNext('set', () => proxy.stallAfter(0));
    await expectTimeout(published.renew(long));
    await proxy.resume();
    expect(await storage.offer('key', entryOf('loaded'), published)).toBe('stored');
    expect(await givenBack.giveBack()).toBe(true);
    expect(await valueOf(other)).toBe('loaded');
  });

  it.each(['cold', 'kept'])(
    'the answer to a publication is lost: nobody is told, and it may be there (%s)',
    async (kind) => {
      const seen = await prepared(kind);
      const lease = await acquire(storage, 'key', { seen });
      beforeNext('set', () => proxy.stallAfter(0));
      await expectTimeout(storage.offer('key', entryOf('loaded'), lease));
      expect(await valueOf(other)).toBe('loaded');
      await other.invalidate('key');
      await proxy.resume();
      expect(await storage.offer('key', entryOf('loaded'), lease)).toBe('declined');
      expect(await valueOf(other)).toBeUndefined();
    },
  );

  describe.each(['cold', 'kept'])('what is lost between grant and publication: %s', (kind) => {
    it('the server, which was started anew', async () => {
      const seen = await prepared(kind);
      const lease = await acquire(storage, 'key', { seen });
      await server.restart();
      await reconnected();
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      expect(await valueOf(other).catch(() => undefined)).toBeUndefined();
      expect(await valueOf(storage)).toBeUndefined();
      expect([await lease.renew(long), await lease.giveBack()]).toStrictEqual([false, false]);
    });

    it('the server, where the same numbers are given anew', async () => {
      const seen = await prepared(kind);
      const lease = await acquire(storage, 'key', { seen });
      const bytes = await askMemcached(server.port, 'mg memo:key c');
      await server.restart();
      await reconnected();
      const next = await acquire(storage, 'key');
      for (let number = 0; number < 20; number++) await next.renew(long);
      expect(bytes[0]).toMatch(/^HD c\d+$/);
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      expect(await storage.offer('key', entryOf('next'), next)).toBe('stored');
      expect(await valueOf(storage)).toBe('next');
    });

    it('all items', async () => {
      const seen = await prepared(kind);
      const lease = await acquire(storage, 'key', { seen });
      await askMemcached(server.port, 'flush_all');
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      for (const reader of [storage, other]) expect(await valueOf(reader)).toBeUndefined();
    });

    it('the connection: what was there stays, and nobody has to wait for the end of the lease', async () => {
      const seen = await prepared(kind);
      const lease = await acquire(storage, 'key', { seen });
      expect(await stateOf(ask(other, 'key', { seen }))).toBe('held');
      proxy.reset();
      await reconnected();
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      for (const reader of [storage, other]) expect(await valueOf(reader)).toBe(seen?.value);
      expect([await lease.renew(long), await lease.giveBack()]).toStrictEqual([false, false]);
      const next = await acquire(other, 'key', { seen });
      expect(await other.offer('key', entryOf('next'), next)).toBe('stored');
    });

    it('the connection: a lease is renewed over no other one, but can be let go for others', async () => {
      const seen = await prepared(kind);
      const lease = await acquire(storage, 'key', { seen });
      proxy.reset();
      await reconnected();
      expect(await lease.renew(long)).toBe(false);
      expect(await stateOf(ask(other, 'key', { seen }))).toBe('held');
      expect(await lease.giveBack()).toBe(false);
      expect(await stateOf(ask(other, 'key', { seen }))).toBe('granted');
    });

    it('the connection, at the last moment: nothing is published over another one', async () => {
      const seen = await prepared(kind);
      await using patient = new MemcachedCacheStorage(`127.0.0.1:${proxy.port}`, { deadline: '5 seconds' });
      const lease = await acquire(patient, 'key', { seen });
      beforeNext('set', async () => {
        // What was asked for together with the publication is answered by then.
        await patient.get('warm');
        proxy.reset();
        await reconnected(patient);
      });
      expect(await patient.offer('key', entryOf('late'), lease)).toBe('declined');
      for (const reader of [patient, other]) expect(await valueOf(reader)).toBe(seen?.value);
    });

    it('the connection, before anything else was asked for', async () => {
      const seen = await prepared(kind);
      const lease = await acquire(storage, 'key', { seen });
      proxy.finish();
      await expect.poll(() => proxy.connections).toBe(0);
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      await acquire(other, 'key', { seen });
    });

    it('the connection and the server: a lease that is lost is no error', async () => {
      const seen = await prepared(kind);
      const lease = await acquire(storage, 'key', { seen });
      await proxy.refuse();
      await failureOf(storage.get('warm'));
      expect(await storage.offer('key', entryOf('late'), lease)).toBe('declined');
      expect(StorageFailedError.isInstance(await failureOf(lease.renew(long)))).toBe(true);
    });
  });

  describe('what was given up and arrives late replaces nothing that was confirmed meanwhile', () => {
    /** Holds a command back on the way to the server until `meanwhile` was done. */
    const late = async (
      command: 'set' | 'add' | 'delete',
      attempt: () => Promise<unknown>,
      meanwhile: () => Promise<unknown>,
    ): Promise<void> => {
      beforeNext(command, () => proxy.freeze());
      await expectTimeout(attempt());
      await meanwhile();
      await proxy.resume();
      await reconnected();
    };
    const set = (value: string) => other.set('key', entryOf(value));

    it.each(['cold', 'kept'])('a publication: %s', async (kind) => {
      const seen = await prepared(kind);
      const lease = await acquire(storage, 'key', { seen });
      const publish = () => storage.offer('key', entryOf('late'), lease);
      await late('set', publish, () => other.invalidate('key'));
      expect(await valueOf(other)).toBeUndefined();
    });

    it('a grant: nothing is found, and the next holder has to wait for its time at most', async () => {
      await late(
        'add',
        () => ask(storage, 'key', { time: 300 }),
        () => other.invalidate('key'),
      );
      expect(await valueOf(other)).toBeUndefined();
      // Sooner where the storage has given it back by then, as it does with what is granted to nobody.
      await expect.poll(() => stateOf(ask(other, 'key')), { timeout: 3_000 }).toBe('granted');
    });

    it('a grant that the holder has asked for once more: it is not the one under which he loads', async () => {
      const holder = newHolder();
      const first = await acquire(storage, 'key', { holder });
      const client = new MemcachedServer(server, { clock: systemClock, requestPatience: 2_000 });
      const { value: placeholder } = (await client.get('memo:key'))!;
      await first.giveBack();
      const second = await acquire(storage, 'key', { holder });
      await other.invalidate('key');
      // As if the first request had been on its way for so long, over a connection that was given up.
      expect(await client.add('memo:key', placeholder, { expires: 60 })).toHaveProperty('cas');
      expect(await storage.offer('key', entryOf('late'), second)).toBe('declined');
      expect([await second.renew(long), await second.giveBack()]).toStrictEqual([false, false]);
      expect(await valueOf(other)).toBeUndefined();
      await client.close();
    });

    it.each(['cold', 'kept'])('a set, after a delete: %s', async (kind) => {
      await prepared(kind);
      const attempt = () => storage.set('key', entryOf('late'));
      await late('set', attempt, () => other.invalidate('key'));
      expect(await valueOf(other)).toBeUndefined();
    });

    it.each(['cold', 'kept'])('a set, after another set: %s', async (kind) => {
      await prepared(kind);
      const attempt = () => storage.set('key', entryOf('late'));
      await late('set', attempt, () => set('confirmed'));
      expect(await valueOf(other)).toBe('confirmed');
    });

    it.each(['cold', 'kept'])('a set, after a clear: %s', async (kind) => {
      await prepared(kind);
      const attempt = () => storage.set('key', entryOf('late'));
      await late('set', attempt, () => other.clear(''));
      expect(await valueOf(other)).toBeUndefined();
    });

    it('a set that had not taken its place yet', async () => {
      await late(
        'add',
        () => storage.set('key', entryOf('late')),
        () => set('confirmed'),
      );
      expect(await valueOf(other)).toBe('confirmed');
    });
  });

  it('several servers, one of them dead: only its own keys have no leases', async () => {
    const more = await Promise.all([startMemcached(), startMemcached()]);
    opened.push(...more);
    const servers = [server, ...more];
    const many = new MemcachedCacheStorage(servers.map(({ url }) => url).join(), { deadline });
    opened.push(many);
    const choice = new ServerChoice(servers.map(({ host, port }) => ({ name: `${host}:${port}`, port })));
    const names = new SafeKeys('memo');
    const keys = Array.from({ length: 30 }, (_, index) => `key ${index}`);
    const isOfTheDead = (key: string): boolean => choice.serverOf(names.nameOf(key)).port === more[0].port;
    const leases = new Map(await Promise.all(keys.map(async (key) => [key, await acquire(many, key)] as const)));
    await more[0].kill();
    await Promise.allSettled(keys.map((key) => many.get(key)));
    for (const key of keys) {
      const began = performance.now();
      const published = many.offer(key, entryOf(key), leases.get(key));
      if (isOfTheDead(key)) {
        expect(await published).toBe('declined');
        expect(StorageFailedError.isInstance(await failureOf(ask(many, key)))).toBe(true);
      } else {
        expect(await published).toBe('stored');
        expect(await stateOf(ask(many, key, { seen: 'any' }))).toBe('granted');
      }
      expect(performance.now() - began).toBeLessThan(2 * deadline + 500);
    }
  });
});
