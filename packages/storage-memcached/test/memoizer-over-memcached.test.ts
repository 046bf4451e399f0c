import { askMemcached, lacks, startMemcached } from '@memo/test-servers';
import { describe } from 'vitest';
import { memoizerSuite } from '../../serde/test/support/memoizer-suite.js';
import { MemcachedCacheStorage } from '../src/index.js';

describe.skipIf(lacks('memcached'))('Memoizers that share a Memcached', () => {
  memoizerSuite({
    startServer: () => startMemcached(),
    open: ({ url }, options) => new MemcachedCacheStorage(url, options),
    keptFor: async ({ port }, name) => {
      const [answer = ''] = await askMemcached(port, `mg ${name} t`);
      const seconds = Number(/^HD t(-?\d+)/.exec(answer)?.[1]);
      return answer === 'EN' ? undefined : seconds === -1 ? Infinity : seconds * 1_000;
    },
  });
});
