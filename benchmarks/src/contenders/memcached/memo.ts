import { memoize } from '@memo/core';
import { MemcachedCacheStorage } from '@memo/storage-memcached';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** memo through Memcached as it is without further options: MessagePack in an envelope with checksums. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const storage = new MemcachedCacheStorage(`${host}:${port}`, { namespace });
    const find = memoize(load, { name: 'find', storage, expireAfter: lifetime });
    return { find, close: () => storage[Symbol.asyncDispose]() };
  },
};
