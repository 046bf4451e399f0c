/** One process of a fleet that shares the Memcached at MEMCACHED_URL by Memoizers. */
import { MemcachedCacheStorage } from '@memo/storage-memcached';
import { serveMemoizerInFleet } from '../../../serde/test/support/memoizer-member.js';

serveMemoizerInFleet((serde, namespace) => {
  return new MemcachedCacheStorage(String(process.env['MEMCACHED_URL']), { serde, namespace, deadline: '5 seconds' });
});
