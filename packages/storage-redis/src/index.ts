export { RedisCacheStorage, type RedisCacheStorageOptions } from './redis-cache-storage.js';
export type { RedisConnectionOptions } from './connection.js';
export type {
  RedisClient,
  RedisClusterClient,
  RedisCommands,
  RedisKey,
  RedisServer,
  RedisStandaloneClient,
} from './redis-client.js';

// The classes of `@memo/serde`, so that the core and this package are enough.
export { EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe } from '@memo/serde';
export type { Codec, Encoding, EncodingSerDeOptions, JsonSerDeOptions } from '@memo/serde';
