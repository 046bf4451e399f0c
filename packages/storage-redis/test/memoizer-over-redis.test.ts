import { askRedis, lacks, startRedis } from '@memo/test-servers';
import { describe } from 'vitest';
import { memoizerSuite } from '../../serde/test/support/memoizer-suite.js';
import { RedisCacheStorage } from '../src/index.js';

describe.skipIf(lacks('redis-server'))('Memoizers that share a Redis', () => {
  memoizerSuite({
    startServer: () => startRedis(),
    open: ({ url }, options) => new RedisCacheStorage(url, options),
    keptFor: async ({ port }, name) => {
      const milliseconds = Number(await askRedis(port, 'PTTL', name));
      return milliseconds === -1 ? Infinity : milliseconds === -2 ? undefined : milliseconds;
    },
  });
});
