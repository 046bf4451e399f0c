import type { CacheStorage } from '@memo/core';
import { MemcachedCacheStorage } from '@memo/storage-memcached';
import { RedisCacheStorage } from '@memo/storage-redis';
import { Cluster } from 'ioredis';
import type { Reach } from './reach.js';

/** How a storage is opened. */
export interface StorageSettings {
  readonly namespace: string;
  /** Milliseconds that one of its operations may take. */
  readonly deadline: number;
}

/** Opens the storage that a program over these servers would open. */
export function openStorage({ kind, nodes, detours }: Reach, settings: StorageSettings): CacheStorage {
  const [first] = nodes;
  if (first === undefined) throw new Error('There is no server to keep a storage on');
  switch (kind) {
    case 'redis':
      return new RedisCacheStorage(`redis://${first.host}:${first.port}`, settings);
    case 'sentinel':
      return new RedisCacheStorage({ sentinels: nodes, name: 'memo' }, settings);
    case 'cluster': {
      const client = new Cluster([...nodes], detours === undefined ? {} : { natMap: { ...detours } });
      client.on('error', () => {
        // Every operation tells for itself that it failed.
      });
      return new RedisCacheStorage(client, settings);
    }
    case 'memcached':
      return new MemcachedCacheStorage(`memcached://${first.host}:${first.port}`, settings);
  }
}
