/** What a service may write with all packages. */
import { memoize, systemClock } from '@memo/core';
import { ServerAccess, ServerTime, type MomentRange, type Question } from '@memo/core/remote';
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

const access = new ServerAccess({
  deadline: '500 ms',
  clock: systemClock,
  isAnswer: (error) => error instanceof Error,
});
const question: Question = { operation: 'get', key: 'four' };
export const answer: Promise<number> = access.ask('one', question, async () => 4);
new ServerTime().compare(async (): Promise<MomentRange> => ({ earliest: 0, latest: 1_000 }));
