import { lacks, startRedisSentinel } from '@memo/test-servers';
import { describe, expect, it } from 'vitest';
import { RedisCacheStorage } from '../src/index.js';
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
});
