/** A process that calls a cached function once, over the Redis at REDIS_URL. */
import { callOnce } from '../../../serde/test/support/call-once.js';
import { RedisCacheStorage } from '../../src/index.js';

await callOnce((serde) => new RedisCacheStorage(String(process.env['REDIS_URL']), { serde, deadline: '5 seconds' }));
