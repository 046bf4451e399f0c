import { lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { formats } from '../../serde/test/support/formats.js';
import { seed } from '../../serde/test/support/seed.js';
import { longAgo, requireRoundTrips } from '../../serde/test/support/storage-round-trips.js';
import { MemcachedCacheStorage } from '../src/index.js';

describe.skipIf(lacks('memcached'))(`entries made with SEED=${seed}`, () => {
  let server: Server;

  beforeAll(async () => {
    server = await startMemcached();
  });

  afterAll(() => server.stop());

  it.each(formats)('come back from Memcached as they were, written as $name', async (format) => {
    const open = (): MemcachedCacheStorage =>
      new MemcachedCacheStorage(server.url, {
        ...{ serde: format.create(), namespace: format.name },
        ...{ clock: longAgo, deadline: '10 seconds' },
      });
    await using writer = open();
    await using reader = open();
    await requireRoundTrips(format, writer, reader);
  });
});
