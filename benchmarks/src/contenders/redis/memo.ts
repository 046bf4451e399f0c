import { memoize } from '@memo/core';
import { RedisCacheStorage } from '@memo/storage-redis';
import { Redis } from 'ioredis';
import { lifetime } from '../contender.js';
import type { SharedContender } from '../shared-contender.js';

/** memo through Redis as it is without further options: MessagePack in an envelope with checksums. */
export const contender: SharedContender = {
  async open(load, { host, port, namespace }) {
    const client = new Redis({ host, port });
    const storage = new RedisCacheStorage(client, { namespace });
    const find = memoize(load, { name: 'find', storage, expireAfter: lifetime });
    return {
      find,
      close: async () => {
        await storage[Symbol.asyncDispose]();
        client.disconnect();
      },
    };
  },
};
