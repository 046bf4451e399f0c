/** What a service may write with all packages. */
import { memoize } from '@memo/core';
import { cacheStorageContract } from '@memo/core/testing';
import { JsonSerDe } from '@memo/serde';
import { EncodingSerDe, RedisCacheStorage } from '@memo/storage-redis';
import { Redis } from 'ioredis';

const storage = new RedisCacheStorage(new Redis({ lazyConnect: true }), {
  serde: new EncodingSerDe(new JsonSerDe(), 'gzip'),
  namespace: 'app',
});

export const length = memoize(async (text: string) => text.length, { name: 'length', storage });
export const contract = cacheStorageContract;
