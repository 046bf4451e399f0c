import { JsonSerDe, MsgpackSerDe, RedisCacheStorage, type RedisClient } from '@memo/storage-redis';
import type { Cluster as Cluster6 } from 'ioredis';
import { Redis as Redis6 } from 'ioredis';
import type { Cluster as Cluster5, Redis as Redis5 } from 'ioredis5';
import { describe, expectTypeOf, it } from 'vitest';

describe('RedisCacheStorage', () => {
  it('takes the clients of both majors of ioredis', () => {
    expectTypeOf<Redis5>().toExtend<RedisClient>();
    expectTypeOf<Redis6>().toExtend<RedisClient>();
    expectTypeOf<Redis6<'resp3'>>().toExtend<RedisClient>();
    expectTypeOf<Cluster5>().toExtend<RedisClient>();
    expectTypeOf<Cluster6>().toExtend<RedisClient>();
  });

  it('takes addresses and options', () => {
    void new RedisCacheStorage('redis://127.0.0.1');
    void new RedisCacheStorage({ host: '127.0.0.1', port: 6379, tls: {} });
    void new RedisCacheStorage(new Redis6(), { serde: new JsonSerDe(), namespace: 'app', deadline: '1 second' });
    void new RedisCacheStorage(new Redis6(), { serde: new MsgpackSerDe(), maxEntryBytes: 1_000 });
    // @ts-expect-error there is no such option
    void new RedisCacheStorage(new Redis6(), { namspace: 'app' });
    // @ts-expect-error a port alone is no address
    void new RedisCacheStorage(6379);
  });
});
