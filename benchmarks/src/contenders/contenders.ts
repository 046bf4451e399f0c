/** Everything that can be measured, by the file that knows how, with the name that is shown. */
export const contenderNames = {
  bare: 'bare Map',
  'shared-promise': 'one promise',
  memo: 'memo',
  'memo-json': 'memo, by JSON.stringify',
  'lru-cache-get': 'lru-cache get',
  'lru-cache-fetch': 'lru-cache fetch',
  'layered-loader': 'layered-loader',
  'async-cache-dedupe': 'async-cache-dedupe',
  'p-memoize': 'p-memoize',
  moize: 'moize',
  ocache: 'ocache',
  'cache-manager': 'cache-manager',
  cachified: 'cachified',
  keyv: 'keyv',
  cacheable: 'cacheable',
  bentocache: 'bentocache',
  'redis/bare-msgpack': 'ioredis and msgpack',
  'redis/bare-json': 'ioredis and JSON',
  'redis/memo': 'memo',
  'redis/layered-loader': 'layered-loader',
  'redis/async-cache-dedupe': 'async-cache-dedupe',
  'redis/keyv': 'keyv',
  'redis/cachified': 'cachified',
  'redis/cache-manager': 'cache-manager',
  'redis/cacheable': 'cacheable',
  'redis/bentocache': 'bentocache',
  'memcached/bare-msgpack': 'memjs and msgpack',
  'memcached/bare-json': 'memjs and JSON',
  'memcached/memo': 'memo',
  'memcached/keyv': 'keyv',
} as const;

/** Those that load what is not there, share a load, and have a bound. */
export const readThroughPeers = [
  'lru-cache-fetch',
  'layered-loader',
  'async-cache-dedupe',
  'p-memoize',
  'ocache',
  'cache-manager',
  'cachified',
  'cacheable',
  'bentocache',
] as const satisfies readonly ContenderName[];

/** Those that keep in Redis what they load. */
export const redisPeers = [
  'redis/layered-loader',
  'redis/async-cache-dedupe',
  'redis/keyv',
  'redis/cachified',
  'redis/cache-manager',
  'redis/cacheable',
  'redis/bentocache',
] as const satisfies readonly ContenderName[];

export type ContenderName = keyof typeof contenderNames;
