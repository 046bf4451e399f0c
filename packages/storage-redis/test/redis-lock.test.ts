import { InvalidOptionError, StorageFailedError } from '@memo/core';
import { lockContract, ManualClock } from '@memo/core/testing';
import { lacks, startProxy, startRedis, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisCacheStorage, type RedisCacheStorageOptions } from '../src/index.js';
import type { BufferCommands } from '../src/redis-client.js';
import { majors, type StandaloneClient } from './support/clients.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';

describe.skipIf(lacks('redis-server')).each(majors)('the lock of RedisCacheStorage with $name', (major) => {
  let server: Server;
  const clients: StandaloneClient[] = [];
  const connect = (port = server.port, keyPrefix = ''): StandaloneClient => {
    const client = major.standalone({ port, keyPrefix, maxRetriesPerRequest: null });
    clients.push(client);
    return client;
  };
  const open = (options: RedisCacheStorageOptions = {}, client = connect()): RedisCacheStorage =>
    new RedisCacheStorage(client, options);
  const names = async (client = clients[0]!): Promise<string[]> => (await client.call('KEYS', '*')) as string[];

  beforeAll(async () => {
    server = await startRedis();
  });

  beforeEach(() => connect().call('FLUSHALL'));

  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });

  afterAll(() => server.stop());

  lockContract({ describe, it, expect }, () => ({
    first: open({ deadline: '2 seconds' }).lock('key'),
    second: open({ deadline: '2 seconds' }).lock('key'),
  }));

  it('is one key of its own for each key, which ends after a minute', async () => {
    const client = connect();
    const storage = open({ namespace: 'a:b' }, client);
    await storage.offer('key', entryOf('value'));
    expect(await storage.lock('key').acquire(0)).toBe(true);
    expect(await storage.lock('k'.repeat(600)).acquire(0)).toBe(true);
    expect(await storage.lock('\ud800').acquire(0)).toBe(true);
    expect(await open({ namespace: 'a' }, client).lock('key').acquire(0)).toBe(true);
    expect((await names()).length).toBe(5);
    expect(await names()).toContain('a%3Ab%~lock:key');
    expect(await client.call('TYPE', 'a%3Ab%~lock:key')).toBe('string');
    const left = Number(await client.call('PTTL', 'a%3Ab%~lock:key'));
    expect(left).toBeGreaterThan(55_000);
    expect(left).toBeLessThanOrEqual(60_000);
    await storage.clear('');
    expect((await names()).length).toBe(4);
  });

  it('is had by the next one when its time is over, and is not given back by the one before', async () => {
    const client = connect();
    const [first, second, third] = [open().lock('key'), open().lock('key'), open().lock('key')];
    await first.acquire(0);
    await client.call('PEXPIRE', 'memo%~lock:key', '1');
    expect(await second.acquire('5 seconds')).toBe(true);
    await first.release();
    expect(await third.acquire(0)).toBe(false);
    await second.release();
    expect(await third.acquire(0)).toBe(true);
  });

  it('honours the keyPrefix of the client, and scripts that were forgotten', async () => {
    const client = connect(server.port, 'app:');
    const lock = open({}, client).lock('key');
    await lock.acquire(0);
    expect(await names()).toEqual(['app:memo%~lock:key']);
    await client.call('SCRIPT', 'FLUSH');
    await lock.release();
    expect(await names()).toEqual([]);
  });

  it('is tried again after pauses that grow, by the clock of the storage', async () => {
    const clock = new ManualClock(0);
    const client = connect();
    let [tries, unanswered] = [0, 0];
    const counted = (answer: Promise<unknown>): Promise<unknown> => {
      tries++;
      unanswered++;
      return answer.finally(() => unanswered--);
    };
    const { evalBuffer, evalshaBuffer } = client as unknown as BufferCommands;
    Object.assign(client, {
      evalBuffer: (...values: Parameters<typeof evalBuffer>) => counted(evalBuffer.apply(client, values)),
      evalshaBuffer: (...values: Parameters<typeof evalshaBuffer>) => counted(evalshaBuffer.apply(client, values)),
    });
    const storage = open({ clock, deadline: '1 hour' }, client);
    await open().lock('key').acquire(0);
    const waiting = storage.lock('key').acquire('10 seconds');
    const triesWithin: number[] = [];
    await expect.poll(() => [clock.pendingTimers, unanswered]).toEqual([1, 0]);
    for (const pause of [19, 1, 29, 1, 44, 1]) {
      await clock.advance(pause);
      // The deadline of the try is a timer, too.
      await expect.poll(() => [clock.pendingTimers, unanswered]).toEqual([1, 0]);
      triesWithin.push(tries);
    }
    expect(triesWithin).toEqual([1, 2, 2, 3, 3, 4]);
    const rest = async (): Promise<string> => {
      await clock.advance(100);
      return Promise.race([waiting.then(String), new Promise<string>((resolve) => setTimeout(resolve, 5, 'pending'))]);
    };
    await expect.poll(rest, { timeout: 10_000, interval: 1 }).toBe('false');
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(40);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not stay locked by a try that was given up', async () => {
    await using proxy = await startProxy({ target: server });
    const slow = open({ deadline: 100 }, connect(proxy.port)).lock('key');
    await slow.acquire(0);
    await slow.release();
    proxy.freeze();
    const error = await failureOf(slow.acquire(0));
    expect(StorageFailedError.isInstance(error)).toBe(true);
    expect(error.message).toBe(
      'The storage failed at lock of key "key": The storage did not answer lock within its deadline of 100 ms.',
    );
    await proxy.resume();
    await expect.poll(() => open().lock('key').acquire(0)).toBe(true);
  });

  it('is had by whoever got it before the connection was cut, and has not heard of it', async () => {
    await using proxy = await startProxy({ target: server });
    const storage = open({ deadline: '5 seconds' }, connect(proxy.port));
    await storage.get('key');
    proxy.stallAfter(0);
    const lock = storage.lock('key');
    const acquired = lock.acquire(0);
    await expect.poll(() => names(connect())).toEqual(['memo%~lock:key']);
    proxy.reset();
    await proxy.resume();
    expect(await acquired).toBe(true);
    expect(await open().lock('key').acquire(0)).toBe(false);
    await lock.release();
    expect(await open().lock('key').acquire(0)).toBe(true);
  });

  it('is given back when the connection was cut, and the client does not ask again', async () => {
    await using proxy = await startProxy({ target: server });
    const client = major.standalone({ port: proxy.port, autoResendUnfulfilledCommands: false });
    clients.push(client);
    const storage = open({ deadline: '1 second' }, client);
    await storage.get('key');
    proxy.stallAfter(0);
    const failure = failureOf(storage.lock('key').acquire(0));
    await expect.poll(() => names(connect())).toEqual(['memo%~lock:key']);
    proxy.reset();
    await proxy.resume();
    expect(StorageFailedError.isInstance(await failure)).toBe(true);
    await expect.poll(() => names(connect())).toEqual([]);
  });

  it('refuses a timeout that is none', async () => {
    const error = await failureOf(open().lock('key').acquire('30'));
    expect(InvalidOptionError.isInstance(error)).toBe(true);
    expect(error.message).toContain(`option 'timeout' should be a duration`);
  });
});
