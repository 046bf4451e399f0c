import { askRedis, lacks, startRedisSentinel } from '@memo/test-servers';
import { describe, expect, it } from 'vitest';
import { RedisCacheStorage } from '../src/index.js';
import { acquire, held } from './support/asking.js';
import { majors } from './support/clients.js';
import { entryOf } from '../../serde/test/support/stored-entry.js';

describe.skipIf(lacks('redis-server')).each(majors)('Sentinel with $name', (major) => {
  it('the storage follows when the replica becomes the master', { timeout: 30_000 }, async () => {
    await using fleet = await startRedisSentinel();
    const client = major.standalone({ sentinels: [...fleet.sentinels], name: fleet.name });
    const storage = new RedisCacheStorage(client);
    await storage.offer('key', entryOf('before'));
    expect((await storage.get('key'))?.value).toBe('before');
    await fleet.failover();
    const works = async (): Promise<unknown> => {
      await storage.offer('key', entryOf('after'));
      return (await storage.get('key'))?.value;
    };
    await expect.poll(() => works().catch(() => undefined), { timeout: 10_000 }).toBe('after');
    await storage.clear('');
    expect(await storage.get('key')).toBeUndefined();
    client.disconnect();
  });

  it('a lease that the replica knows of is held when that becomes the master', { timeout: 30_000 }, async () => {
    await using fleet = await startRedisSentinel();
    const client = major.standalone({ sentinels: [...fleet.sentinels], name: fleet.name });
    const storage = new RedisCacheStorage(client);
    const lease = await acquire(storage, 'key');
    // Those who wait listen to the master, and to the new one after that.
    await (
      await held(storage, 'key')
    ).watch?.changed;
    const watch = (await held(storage, 'key')).watch;
    const [master] = fleet.servers;
    await expect.poll(() => askRedis(master.port, 'WAIT', '1', '1000')).toBe(1);
    await fleet.failover();
    const offered = (): Promise<string> => storage.offer('key', entryOf('value'), lease).catch(() => 'failed');
    await expect.poll(offered, { timeout: 10_000 }).toBe('stored');
    expect((await storage.get('key'))?.value).toBe('value');
    await watch?.changed;
    const next = await acquire(storage, 'next');
    const last = (await held(storage, 'next')).watch;
    await next.giveBack();
    await last?.changed;
    await storage[Symbol.asyncDispose]();
    client.disconnect();
  });
});
