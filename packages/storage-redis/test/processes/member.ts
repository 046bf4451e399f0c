/** One process of a fleet that shares the Redis at REDIS_URL. */
import { EncodingSerDe, JsonSerDe, RedisCacheStorage } from '@memo/storage-redis';
import { serveInFleet } from '../../../serde/test/support/fleet-member.js';

serveInFleet(() => {
  const serde = new EncodingSerDe(new JsonSerDe(), 'gzip');
  return new RedisCacheStorage(String(process.env['REDIS_URL']), { serde, namespace: 'fleet', deadline: '5 seconds' });
});
