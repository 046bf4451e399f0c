import { MemcachedCacheStorage } from '@memo/storage-memcached';
import { EncodingSerDe, JsonSerDe, RedisCacheStorage } from '@memo/storage-redis';

/** A server that the processes of the demo share. */
export interface SharedServer {
  readonly kind: 'redis' | 'memcached';
  readonly url: string;
}

/** The storage that all processes of the demo share: compressed JSON. Its end closes its connections. */
export function sharedStorage(
  { kind, url }: SharedServer,
  namespace: string,
): RedisCacheStorage | MemcachedCacheStorage {
  // Four processes that start at once may keep a small machine busy for longer than the usual half a second.
  const deadline = '2 seconds';
  const options = { serde: new EncodingSerDe(new JsonSerDe(), 'gzip'), namespace, deadline };
  return kind === 'redis' ? new RedisCacheStorage(url, options) : new MemcachedCacheStorage(url, options);
}
