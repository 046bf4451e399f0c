import { lacks, startRedis } from '@memo/test-servers';
import { describe } from 'vitest';
import { memoizerFleetSuite } from '../../serde/test/support/memoizer-fleet-suite.js';

describe.skipIf(lacks('redis-server'))('Memoizers of processes that share a Redis', () => {
  memoizerFleetSuite({
    program: new URL('processes/memoizer-member.ts', import.meta.url),
    startServer: () => startRedis(),
    environmentFor: ({ url }) => ({ REDIS_URL: url }),
    // Each knows the server's clock as exactly as an answer is quick.
    exactness: 100,
  });
});
