/** One process of a fleet that shares the Memcached at MEMCACHED_URL. */
import { EncodingSerDe, JsonSerDe, MemcachedCacheStorage } from '@memo/storage-memcached';
import { serveInFleet } from '../../../serde/test/support/fleet-member.js';

serveInFleet(() => {
  const serde = new EncodingSerDe(new JsonSerDe(), 'gzip');
  return new MemcachedCacheStorage(String(process.env['MEMCACHED_URL']), {
    serde,
    namespace: 'fleet',
    deadline: '5 seconds',
  });
});
