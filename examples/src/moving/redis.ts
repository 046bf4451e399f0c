/**
 * A function whose answers several processes share. The programs of this folder differ in one line: moving from Redis to
 * Memcached takes no more than that, and the address. Run one twice within a minute: the second process finds what the
 * first has loaded.
 *
 * Build once with `npm run build`, then: CACHE_URL=redis://127.0.0.1:6379 node examples/dist/moving/redis.js
 *                                     or: CACHE_URL=127.0.0.1:11211 node examples/dist/moving/memcached.js
 */
import { memoize } from '@memo/core';
import { RedisCacheStorage as SharedStorage } from '@memo/storage-redis'; // <- the one line

await using storage = new SharedStorage(process.env['CACHE_URL'] ?? '', { namespace: 'memo-example' });

const getUser = memoize(async (id: string) => ({ id, loadedBy: process.pid }), {
  name: 'user',
  storage,
  expireAfter: '1 minute',
});

const user = await getUser('42');
console.log(user.loadedBy === process.pid ? 'loaded by this process' : `loaded by process ${user.loadedBy}`);
