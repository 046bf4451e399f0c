import { lacks, startMemcached } from '@memo/test-servers';
import { describe } from 'vitest';
import { fleetSuite } from '../../../serde/test/support/fleet-suite.js';

describe.skipIf(lacks('memcached'))('processes that share a Memcached', { timeout: 20_000 }, () => {
  fleetSuite({
    program: new URL('member.ts', import.meta.url),
    startServer: () => startMemcached(),
    environmentFor: ({ url }) => ({ MEMCACHED_URL: url }),
    // The server tells whole seconds.
    exactness: 2_000,
  });
});
