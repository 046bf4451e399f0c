import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { newHolder, StorageFailedError, StorageTimeoutError } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { askRedis, lacks, startProxy, startRedis, type Proxy, type Server } from '@memo/test-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RedisCacheStorage } from '../src/index.js';
import type { BufferCommands } from '../src/redis-client.js';
import { acquire, ask } from './support/asking.js';
import { majors, type StandaloneClient } from './support/clients.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';

const deadline = 300;

describe.skipIf(lacks('redis-server')).each(majors)('writes that were given up, with $name', (major) => {
  let server: Server;
  let proxy: Proxy;
  let other: RedisCacheStorage;
  const clients: StandaloneClient[] = [];

  const open = (port: number): RedisCacheStorage => {
    const client = major.standalone({ port, maxRetriesPerRequest: null });
    clients.push(client);
    return new RedisCacheStorage(client, { deadline });
  };
  /** A storage over the proxy that knows the server's time, which it does after the first answer. */
  const informed = async (): Promise<RedisCacheStorage> => {
    const storage = open(proxy.port);
    await storage.get('key');
    return storage;
  };
  const timedOut = async (operation: string, write: Promise<unknown>): Promise<void> => {
    const error = await failureOf(write);
    expect(StorageFailedError.isInstance(error)).toBe(true);
    expect(StorageTimeoutError.isInstance(error.cause)).toBe(true);
    expect(error.message).toBe(
      `The storage failed at ${operation} of key "key": ` +
        `The storage did not answer ${operation} within its deadline of ${deadline} ms.`,
    );
  };
  const calls = async (command: string): Promise<number> => {
    const statistics = String(await askRedis(server.port, 'INFO', 'commandstats'));
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(statistics)?.[1] ?? 0);
  };
  /** Lets what was held back arrive, and waits until it has. */
  const arrives = async (): Promise<void> => {
    const before = (await calls('evalsha')) + (await calls('eval'));
    await proxy.resume();
    await expect.poll(async () => (await calls('evalsha')) + (await calls('eval'))).toBeGreaterThan(before);
  };

  beforeEach(async () => {
    server = await startRedis();
    proxy = await startProxy({ target: server });
    other = open(server.port);
    // So that the server knows all scripts.
    await other.set('key', entryOf('before'));
    await other.invalidate('key');
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    await proxy.stop();
    await server.stop();
  });

  it('set: never lands after a delete that was confirmed since', async () => {
    const storage = await informed();
    proxy.freeze();
    await timedOut('set', storage.set('key', entryOf('late')));
    await other.invalidate('key');
    await arrives();
    expect(await other.get('key')).toBeUndefined();
    await expect.poll(() => storage.set('key', entryOf('again')).catch(() => undefined)).toBe('stored');
  });

  it('set: never lands as the first operation of a process either', async () => {
    const storage = open(proxy.port);
    proxy.freeze();
    await timedOut('set', storage.set('key', entryOf('late')));
    await arrives();
    expect(await other.get('key')).toBeUndefined();
  });

  it('set: does not land when a frozen server goes on', async () => {
    const storage = await informed();
    server.pause();
    await timedOut('set', storage.set('key', entryOf('late')));
    server.resume();
    expect(await other.get('key')).toBeUndefined();
  });

  it('set: does not land when the client connects to the server at last', async () => {
    const storage = await informed();
    await proxy.refuse();
    await timedOut('set', storage.set('key', entryOf('late')));
    await arrives();
    expect(await other.get('key')).toBeUndefined();
  });

  it('expire: changes nothing that others were told since', async () => {
    const storage = await informed();
    const entry = entryOf('value');
    await other.offer('key', entry);
    proxy.freeze();
    const late = { updateAfter: 1, expiresAfter: entry.expiresAfter - 1 };
    await timedOut('changeMoments', storage.changeMoments('key', entry, late, entry.created));
    const confirmed = { updateAfter: 2, expiresAfter: entry.expiresAfter - 2 };
    expect(await other.changeMoments('key', entry, confirmed, entry.created)).toBe(true);
    await arrives();
    expect(await other.get('key')).toMatchObject(confirmed);
  });

  it('offer under a lease: never lands after an invalidation, nor after another holder', async () => {
    for (const happen of [
      () => other.invalidate('key'),
      () => other.set('key', entryOf('set')),
      () => other.clear(''),
    ]) {
      await other.invalidate('key');
      const storage = await informed();
      const lease = await acquire(storage, 'key');
      proxy.freeze();
      await timedOut('offer', storage.offer('key', entryOf('late'), lease));
      await happen();
      await arrives();
      expect((await other.get('key'))?.value).not.toBe('late');
    }
  });

  it('lease: is given back when it was granted too late, and not when the holder has asked again', async () => {
    const storage = await informed();
    const holder = newHolder();
    const request = { holder, seen: undefined, time: 60_000 };
    proxy.freeze();
    await timedOut('lease', storage.lease('key', request));
    await arrives();
    await expect.poll(() => askRedis(server.port, 'EXISTS', 'memo:key')).toBe(0);
    await expect.poll(() => storage.get('key').catch(() => 'failed')).toBeUndefined();
    proxy.freeze();
    await timedOut('lease', storage.lease('key', request));
    const again = storage.lease('key', request);
    await arrives();
    expect((await again).state).toBe('granted');
    // By now the late answer of the first question has been dealt with.
    await storage.get('key');
    expect((await ask(other, 'key')).state).toBe('held');
  });

  it('are refused where the user may not ask for the time, and so never land late', async () => {
    await askRedis(server.port, 'ACL', 'SETUSER', 'timeless', 'on', '>secret', '~*', '&*', '+@all', '-time');
    const client = major.standalone({ port: server.port, username: 'timeless', password: 'secret' });
    clients.push(client);
    const storage = new RedisCacheStorage(client, { deadline: '5 seconds' });
    const entry = entryOf('value');
    expect(await storage.offer('key', entry)).toBe('stored');
    const moments = { updateAfter: 1, expiresAfter: 2 };
    for (const [operation, write] of [
      ['set', () => storage.set('key', entryOf('late'))],
      ['changeMoments', () => storage.changeMoments('key', entry, moments, entry.created)],
    ] as const) {
      const error = await failureOf(write());
      expect(StorageFailedError.isInstance(error)).toBe(true);
      expect(error.message).toBe(
        `The storage failed at ${operation} of key "key": NOPERM The user of the server needs TIME (+time): ` +
          'without it nobody can tell whether this write comes too late.',
      );
    }
    expect(await storage.get('key')).toEqual(entry);
    await storage.invalidate('key');
    const lease = await acquire(storage, 'key');
    expect(await storage.offer('key', entry, lease)).toBe('stored');
  });

  it('set: counts from its call, not from the moment at which the SerDe was done', async () => {
    const clock = new ManualClock(1_000_000);
    const client = major.standalone({ port: server.port });
    clients.push(client);
    const lastMoments: unknown[] = [];
    const evaluate = (client as unknown as BufferCommands).evalBuffer.bind(client);
    const evalBuffer: typeof evaluate = (...values) => (lastMoments.push(values[5]), evaluate(...values));
    Object.assign(client, { evalBuffer });
    let packed!: () => void;
    const packing = new Promise<void>((resolve) => (packed = resolve));
    const serde = { format: 'text', deserialize: () => entryOf('value') };
    const serialize = (): Promise<Uint8Array> => packing.then(() => Buffer.from('value'));
    const storage = new RedisCacheStorage(client, { deadline, clock, serde: { ...serde, serialize } });
    const setting = storage.set('key', entryOf('value'));
    await clock.advance(deadline - 100);
    packed();
    expect(await setting).toBe('stored');
    expect(lastMoments).toEqual([String(1_000_000 + deadline)]);
  });

  it('take one round trip where the time is known, and a second one where it is not', async () => {
    const storage = await informed();
    await askRedis(server.port, 'CONFIG', 'RESETSTAT');
    expect(await storage.set('key', entryOf('value'))).toBe('stored');
    expect([await calls('evalsha'), await calls('eval')]).toEqual([0, 1]);
    expect(await storage.set('key', entryOf('value'))).toBe('stored');
    expect([await calls('evalsha'), await calls('eval')]).toEqual([1, 1]);
    await askRedis(server.port, 'CONFIG', 'RESETSTAT');
    const client = major.standalone({ port: server.port, lazyConnect: true });
    clients.push(client);
    expect(await new RedisCacheStorage(client, { deadline: '5 seconds' }).set('key', entryOf('first'))).toBe('stored');
    // The first time a script is sent in full.
    expect([await calls('evalsha'), await calls('eval')]).toEqual([1, 1]);
    expect((await other.get('key'))?.value).toBe('first');
  });

  it('are carried out where the server’s clock is not what it was thought to be', async () => {
    const storage = await informed();
    // As if the server's clock had been set forward by an hour: the process believes that it is an hour earlier.
    const steady = performance.now.bind(performance);
    const began = steady();
    const believed = storage.now();
    performance.now = () => steady() - 3_600_000;
    try {
      expect(storage.now()).toBeLessThan(believed - 3_500_000);
      expect(await storage.set('key', entryOf('value'))).toBe('stored');
    } finally {
      performance.now = steady;
    }
    expect(steady() - began).toBeLessThan(5_000);
    expect((await other.get('key'))?.value).toBe('value');
  });
});
