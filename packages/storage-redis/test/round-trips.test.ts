import { lacks, startRedis, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { formats } from '../../serde/test/support/formats.js';
import { seed } from '../../serde/test/support/seed.js';
import { longAgo, requireRoundTrips } from '../../serde/test/support/storage-round-trips.js';
import { RedisCacheStorage } from '../src/index.js';

describe.skipIf(lacks('redis-server'))(`entries made with SEED=${seed}`, () => {
  let server: Server;

  beforeAll(async () => {
    server = await startRedis();
  });

  afterAll(() => server.stop());

  it.each(formats)('come back from Redis as they were, written as $name', async (format) => {
    const open = (): RedisCacheStorage =>
      new RedisCacheStorage(server.url, {
        ...{ serde: format.create(), namespace: format.name },
        ...{ clock: longAgo, deadline: '10 seconds' },
      });
    await using writer = open();
    await using reader = open();
    await requireRoundTrips(format, writer, reader);
  });
});
