import type { Lock } from '@memo/core';
import { RedisCacheStorage } from '../../src/index.js';
import { entryOf } from '../../../serde/test/support/stored-entry.js';
import type { StandaloneClient } from '../support/clients.js';
import { ModelledRedisStore } from './pymemoize-redis-model.js';

/** A store in Redis with a lock that says who loads: memo's storage, or a model of PyMemoize's. */
export interface LockingStore {
  readonly name: string;
  /** What is on the server; nothing at first. */
  readonly client: StandaloneClient;
  /** Keeps a value for as many milliseconds. */
  keep(key: string, lifetime: number): Promise<unknown>;
  /** A handle of the lock of `key`, as one process has it. */
  lock(key: string): Lock;
  /** Ends the time of the one lock that is there. */
  endTimeOfLock(): Promise<unknown>;
}

/** memo's storage. */
export function memoStore(client: StandaloneClient): LockingStore {
  const storage = new RedisCacheStorage(client);
  return {
    name: 'memo',
    client,
    keep: (key, lifetime) => storage.offer(key, { ...entryOf('value'), expiresAfter: storage.now() + lifetime }),
    lock: (key) => storage.lock(key),
    endTimeOfLock: async () => {
      const name = await onlyName(client);
      if (Number(await client.call('PTTL', name)) < 0) throw new Error('A dead holder has the lock for ever.');
      return client.call('UNLINK', name);
    },
  };
}

/** The model of PyMemoize's store. */
export function modelledStore(client: StandaloneClient): LockingStore {
  const store = new ModelledRedisStore(client);
  return {
    name: 'PyMemoize',
    client,
    keep: (key, lifetime) => store.set(key, 'value', Date.now() + lifetime),
    lock: (key) => store.lock(key),
    endTimeOfLock: async () => client.call('SET', await onlyName(client), '1'),
  };
}

async function onlyName(client: StandaloneClient): Promise<string> {
  const names = (await client.call('KEYS', '*')) as string[];
  if (names.length !== 1) throw new Error(`There should be one lock on the server, and there is: ${names.join(', ')}`);
  return names[0]!;
}
