import { EncodingSerDe, JsonSerDe, RedisCacheStorage } from '@memo/storage-redis';
import type { Redis } from 'ioredis';

/** The storage that all processes of the demo share: compressed JSON in Redis. */
export function sharedStorage(client: Redis, namespace: string): RedisCacheStorage {
  return new RedisCacheStorage(client, { serde: new EncodingSerDe(new JsonSerDe(), 'gzip'), namespace });
}
