import { Buffer } from 'node:buffer';
import { remoteStorageSettings, type RemoteStorageOptions, type RemoteStorageSettings } from '@memo/core/remote';
import { longestNamespace, writtenNamespace } from './safe-key.js';

/**
 * What a `MemcachedCacheStorage` may be told beside its servers. A namespace has at most 100 bytes, and no entry may take
 * more than the server keeps in one item, which it says itself: 1 MiB unless it was started with `-I`.
 */
export type MemcachedCacheStorageOptions = RemoteStorageOptions;

const namespace = {
  expected: `a text of well-formed Unicode that is not empty and takes at most ${longestNamespace} bytes`,
  accepts: (value: unknown) =>
    typeof value === 'string' &&
    value !== '' &&
    value.isWellFormed() &&
    Buffer.byteLength(writtenNamespace(value)) <= longestNamespace,
};

/** @throws InvalidOptionError naming the option, also one that is unknown. */
export function memcachedStorageSettings(options: MemcachedCacheStorageOptions): RemoteStorageSettings {
  return remoteStorageSettings('new MemcachedCacheStorage', options, { namespace });
}
