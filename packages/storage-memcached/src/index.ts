export { MemcachedCacheStorage } from './memcached-cache-storage.js';
export type { MemcachedCacheStorageOptions } from './memcached-storage-options.js';
export type { MemcachedServers, MemjsClient } from './servers.js';
export type { ServerAddress } from './client/server-address.js';
export {
  AuthenticationRefusedError,
  ClientClosedError,
  ConnectionLostError,
  ContendedItemError,
  ItemsWithoutNumbersError,
  ProtocolViolationError,
  RequestNotSentError,
  ServerReplyError,
} from './errors.js';

// The classes of `@memo/serde`, so that the core and this package are enough.
export { EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe } from '@memo/serde';
export type { Codec, Encoding, EncodingSerDeOptions, JsonSerDeOptions } from '@memo/serde';
