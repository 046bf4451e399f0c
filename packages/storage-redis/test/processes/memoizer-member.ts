/** One process of a fleet that shares the Redis at REDIS_URL by Memoizers. */
import { RedisCacheStorage } from '@memo/storage-redis';
import { serveMemoizerInFleet } from '../../../serde/test/support/memoizer-member.js';

serveMemoizerInFleet((serde, namespace) => {
  return new RedisCacheStorage(String(process.env['REDIS_URL']), { serde, namespace, deadline: '5 seconds' });
});
