/** One process of a fleet that shares the Memcached at MEMCACHED_URL, and what it loads fails at times. */
import { MemcachedCacheStorage } from '@memo/storage-memcached';
import { serveFailuresInFleet } from '../../../serde/test/support/failing-member.js';

serveFailuresInFleet(
  () =>
    new MemcachedCacheStorage(String(process.env['MEMCACHED_URL']), { namespace: 'failures', deadline: '5 seconds' }),
);
