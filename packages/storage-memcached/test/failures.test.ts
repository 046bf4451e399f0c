import { askMemcached, lacks, startMemcached } from '@memo/test-servers';
import { describe } from 'vitest';
import { MemcachedCacheStorage } from '../src/index.js';
import { failuresSuite } from '../../serde/test/support/failures-suite.js';

describe.skipIf(lacks('memcached'))('failures over Memcached', { timeout: 30_000 }, () => {
  failuresSuite({
    program: new URL('processes/failing-member.ts', import.meta.url),
    startServer: () => startMemcached(),
    environmentFor: ({ url }) => ({ MEMCACHED_URL: url }),
    open: ({ url }, serde) => new MemcachedCacheStorage(url, { serde, namespace: 'failures', deadline: '5 seconds' }),
    keptFor: async ({ port }, key) => {
      const [answer = ''] = await askMemcached(port, `mg failures:${key} t`);
      return Number(/^HD t(-?\d+)$/.exec(answer)?.[1]) * 1_000;
    },
    // The server tells whole seconds.
    exactness: 2_000,
  });
});
