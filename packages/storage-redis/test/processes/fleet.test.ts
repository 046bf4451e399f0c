import { lacks, startRedis } from '@memo/test-servers';
import { describe } from 'vitest';
import { fleetSuite } from '../../../serde/test/support/fleet-suite.js';

describe.skipIf(lacks('redis-server'))('processes that share a Redis', { timeout: 20_000 }, () => {
  fleetSuite({
    program: new URL('member.ts', import.meta.url),
    startServer: () => startRedis(),
    environmentFor: ({ url }) => ({ REDIS_URL: url }),
    // Each knows the server's clock as exactly as an answer is quick.
    exactness: 100,
  });
});
