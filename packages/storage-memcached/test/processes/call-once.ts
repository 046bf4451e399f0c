/** A process that calls a cached function once, over the Memcached at MEMCACHED_URL. */
import { callOnce } from '../../../serde/test/support/call-once.js';
import { MemcachedCacheStorage } from '../../src/index.js';

await callOnce((serde) => {
  return new MemcachedCacheStorage(String(process.env['MEMCACHED_URL']), { serde, deadline: '5 seconds' });
});
