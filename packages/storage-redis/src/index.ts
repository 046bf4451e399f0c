export { RedisCacheStorage } from './redis-cache-storage.js';
export type { RedisCacheStorageOptions } from './redis-storage-options.js';
export type { RedisConnectionOptions } from './connection.js';
export type {
  RedisClient,
  RedisClusterClient,
  RedisCommands,
  RedisKey,
  RedisServer,
  RedisStandaloneClient,
  RedisTransaction,
  TransactionResult,
} from './redis-client.js';
