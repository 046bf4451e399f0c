import { lacks, startMemcached } from '@memo/test-servers';
import { describe } from 'vitest';
import { memoizerFleetSuite } from '../../serde/test/support/memoizer-fleet-suite.js';

describe.skipIf(lacks('memcached'))('Memoizers of processes that share a Memcached', () => {
  memoizerFleetSuite({
    program: new URL('processes/memoizer-member.ts', import.meta.url),
    startServer: () => startMemcached(),
    environmentFor: ({ url }) => ({ MEMCACHED_URL: url }),
    // The server tells whole seconds.
    exactness: 1_000,
  });
});
