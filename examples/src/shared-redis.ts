/**
 * One cache for all processes, kept in Redis as compressed JSON. Run it twice within a minute: the second process finds
 * what the first has loaded.
 *
 * Build once with `npm run build`, then: REDIS_URL=redis://127.0.0.1:6379 node examples/dist/shared-redis.js
 */
import { memoize } from '@memo/core';
import { EncodingSerDe, JsonSerDe, RedisCacheStorage } from '@memo/storage-redis';
import { Redis } from 'ioredis';

const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379');
const storage = new RedisCacheStorage(redis, {
  serde: new EncodingSerDe(new JsonSerDe(), 'gzip'),
  namespace: 'memo-example',
});

const getUser = memoize(async (id: string) => ({ id, loadedBy: process.pid }), {
  name: 'user',
  storage,
  expireAfter: '1 minute',
});

const user = await getUser('42');
console.log(user.loadedBy === process.pid ? 'loaded by this process' : `loaded by process ${user.loadedBy}`);

// The client is the program's own, so the program closes it.
await redis.quit();
