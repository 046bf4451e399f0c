export { available, lacks } from './programs.js';
export { askMemcached } from './ask-memcached.js';
export { askRedis, type RedisReply } from './ask-redis.js';
export { startMemcached, type MemcachedOptions } from './memcached.js';
export { startProxy, type Proxy, type ProxyTarget } from './proxy.js';
export { startRedis } from './redis.js';
export { startRedisCluster, type RedisCluster } from './redis-cluster.js';
export { startRedisSentinel, type RedisSentinel } from './redis-sentinel.js';
export type { Server, ServerOptions } from './server.js';
