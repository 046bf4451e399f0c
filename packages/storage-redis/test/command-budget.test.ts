import { randomUUID } from 'node:crypto';
import type { CacheEntry } from '@memo/core';
import { lacks, startRedis, type Server } from '@memo/test-servers';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RedisCacheStorage } from '../src/index.js';
import { acquire, ask, held } from './support/asking.js';
import { majors, type StandaloneClient } from './support/clients.js';
import { entryOf } from '../../serde/test/support/stored-entry.js';

describe.skipIf(lacks('redis-server')).each(majors)('what operations cost, with $name', (major) => {
  let server: Server;
  let client: StandaloneClient;
  let storage: RedisCacheStorage;
  let entry: CacheEntry;
  let monitor: Redis;
  /** What clients have sent, without what scripts call by themselves. */
  const seen: string[][] = [];

  beforeAll(async () => {
    server = await startRedis();
    client = major.standalone({ port: server.port });
    monitor = await new Redis(server.port, { lazyConnect: true }).monitor();
    monitor.on('monitor', (_time: string, command: string[], source: string) => {
      if (source !== 'lua') seen.push(command);
    });
    storage = new RedisCacheStorage(client, { deadline: '5 seconds' });
    entry = entryOf('value');
    // So that the server knows all scripts, the client its time, and that those who wait are heard.
    await storage.set('warm', entry);
    await storage.changeMoments('warm', entry, entry, 0);
    const lease = await acquire(storage, 'warm', { seen: 'any' });
    await (
      await held(storage, 'warm', { seen: 'any' })
    ).watch?.changed;
    await lease.renew(1_000);
    await lease.giveBack();
    await storage.offer('warm', entry, await acquire(storage, 'warm', { seen: 'any' }));
    await storage.invalidate('warm');
  });

  beforeEach(async () => {
    await storage.offer('key', entry);
    await sent();
  });

  afterAll(async () => {
    monitor.disconnect();
    await storage[Symbol.asyncDispose]();
    client.disconnect();
    await server.stop();
  });

  /** The commands that the storage has sent since it was asked last, but for TIME, which nobody waits for. */
  const sent = async (): Promise<string[]> => (await sentInFull()).map(([name]) => name!);
  const sentInFull = async (): Promise<string[][]> => {
    const marker = randomUUID();
    await client.call('ECHO', marker);
    await expect.poll(() => seen.some((command) => command.includes(marker))).toBe(true);
    const commands = seen.splice(0).map(([name, ...others]) => [name!.toLowerCase(), ...others]);
    return commands.filter(([name]) => name !== 'echo' && name !== 'time');
  };

  it('a hit: one GET and no script', async () => {
    for (let time = 0; time < 5; time++) expect((await storage.get('key'))?.value).toBe('value');
    expect(await sent()).toEqual(Array(5).fill('get'));
  });

  it('many hits: one MGET; of thousands, one after the other for a thousand each', async () => {
    expect(await storage.getMany(['key', 'missing', 'key'])).toMatchObject([
      { value: 'value' },
      undefined,
      { value: 'value' },
    ]);
    expect(await sent()).toEqual(['mget']);
    expect((await storage.getMany(Array<string>(2_500).fill('key'))).length).toBe(2_500);
    const commands = await sentInFull();
    expect(commands.map(([name, ...keys]) => [name, keys.length])).toEqual([
      ['mget', 1_000],
      ['mget', 1_000],
      ['mget', 500],
    ]);
  });

  it('no keys: nothing', async () => {
    expect(await storage.getMany([])).toEqual([]);
    expect(await sent()).toEqual([]);
  });

  it('a hit while somebody refreshes the entry: the same', async () => {
    const lease = await acquire(storage, 'key', { seen: entry });
    await sent();
    expect((await storage.get('key'))?.value).toBe('value');
    expect(await sent()).toEqual(['get']);
    await lease.giveBack();
  });

  it('a miss: one GET, one script for the lease, one for the entry', async () => {
    expect(await storage.get('missing')).toBeUndefined();
    const lease = await acquire(storage, 'missing');
    expect(await storage.offer('missing', entry, lease)).toBe('stored');
    expect(await sent()).toEqual(['get', 'evalsha', 'evalsha']);
    await storage.invalidate('missing');
  });

  it('whoever waits: one script to ask, no other command, and a GET once it is woken', async () => {
    const lease = await acquire(storage, 'key', { seen: entry });
    await sent();
    const { watch } = await held(storage, 'key', { seen: entry });
    expect(await sent()).toEqual(['evalsha']);
    await storage.offer('key', entryOf('new', { created: 1 }), lease);
    await sent();
    await watch!.changed;
    expect((await storage.get('key'))?.value).toBe('new');
    expect(await sent()).toEqual(['get']);
  });

  it('whoever comes too late: the entry in the answer to the one script', async () => {
    expect(await ask(storage, 'key')).toMatchObject({ state: 'present', entry: { value: 'value' } });
    expect(await sent()).toEqual(['evalsha']);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['delete', () => storage.invalidate('key')],
    ['set', () => storage.set('key', entry)],
    ['offer', () => storage.offer('key', entry)],
    ['expire', () => storage.changeMoments('key', entry, entry, 0)],
  ])('%s: one script', async (_, operation) => {
    await operation();
    expect(await sent()).toEqual(['evalsha']);
  });
});
