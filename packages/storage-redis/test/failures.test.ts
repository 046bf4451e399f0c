import { askRedis, lacks, startRedis } from '@memo/test-servers';
import { describe } from 'vitest';
import { RedisCacheStorage } from '../src/index.js';
import { failuresSuite } from '../../serde/test/support/failures-suite.js';

describe.skipIf(lacks('redis-server'))('failures over Redis', { timeout: 30_000 }, () => {
  failuresSuite({
    program: new URL('processes/failing-member.ts', import.meta.url),
    startServer: () => startRedis(),
    environmentFor: ({ url }) => ({ REDIS_URL: url }),
    open: ({ url }, serde) => new RedisCacheStorage(url, { serde, namespace: 'failures', deadline: '5 seconds' }),
    keptFor: async ({ port }, key) => Number(await askRedis(port, 'PTTL', `failures:${key}`)),
    // Each knows the server's clock as exactly as an answer is quick.
    exactness: 100,
  });
});
