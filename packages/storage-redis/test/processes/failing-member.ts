/** One process of a fleet that shares the Redis at REDIS_URL, and what it loads fails at times. */
import { RedisCacheStorage } from '@memo/storage-redis';
import { serveFailuresInFleet } from '../../../serde/test/support/failing-member.js';

serveFailuresInFleet(
  () => new RedisCacheStorage(String(process.env['REDIS_URL']), { namespace: 'failures', deadline: '5 seconds' }),
);
