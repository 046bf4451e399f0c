import { randomUUID } from 'node:crypto';
import { systemClock } from '@memo/core';
import { cacheStorageContract } from '@memo/core/testing';
import { lacks, startMemcached, startProxy, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemcachedServer } from '../src/client/memcached-server.js';
import { MemcachedCacheStorage, type MemcachedServers } from '../src/index.js';
import { SafeKeys } from '../src/safe-key.js';
import { ServerChoice } from '../src/server-choice.js';

/** Which namespace of which servers a storage is. */
const places = new WeakMap<
  MemcachedCacheStorage,
  { readonly servers: readonly Address[]; readonly namespace: string }
>();

interface Address {
  readonly host: string;
  readonly port: number;
}

function open(servers: readonly Address[], namespace: string = randomUUID()): MemcachedCacheStorage {
  const storage = new MemcachedCacheStorage(servers satisfies MemcachedServers, { namespace, deadline: '2 seconds' });
  places.set(storage, { servers, namespace });
  return storage;
}

const traits = {
  // Memcached's clock ticks once a second, and lifetimes are rounded up by more than that.
  resolution: '4 seconds',
  openAnother: (storage: MemcachedCacheStorage) => open(places.get(storage)!.servers, places.get(storage)!.namespace),
  openNeighbour: (storage: MemcachedCacheStorage) =>
    open(places.get(storage)!.servers, `${places.get(storage)!.namespace}:neighbour`),
  corrupt: async (storage: MemcachedCacheStorage, key: string) => {
    const { servers, namespace } = places.get(storage)!;
    const settings = { clock: systemClock, requestPatience: 1_000 };
    const clients = servers.map((address) => new MemcachedServer(address, settings));
    const name = new SafeKeys(namespace).nameOf(key);
    await new ServerChoice(clients).serverOf(name).set(name, Buffer.from('not by memo'), { expires: 0 });
    await Promise.all(clients.map((client) => client.close()));
  },
};

// Each clause has a namespace of its own, so that they need not wait for one another.
describe.skipIf(lacks('memcached')).concurrent('MemcachedCacheStorage', () => {
  describe('over one server', () => {
    let server: Server;
    const interruptions = new WeakMap<MemcachedCacheStorage, () => Promise<() => Promise<void>>>();

    beforeAll(async () => {
      server = await startMemcached();
    });

    afterAll(() => server.stop());

    const openOverProxy = async () => {
      const proxy = await startProxy({ target: server });
      const storage = open([{ host: proxy.host, port: proxy.port }]);
      interruptions.set(storage, async () => {
        proxy.freeze();
        return () => proxy.resume();
      });
      const close = async (): Promise<void> => {
        await storage[Symbol.asyncDispose]();
        await proxy.stop();
      };
      return { storage, close };
    };

    cacheStorageContract({ describe, it, expect }, openOverProxy, {
      ...traits,
      interrupt: (storage) => interruptions.get(storage)!(),
    });
  });

  describe('over three servers', () => {
    let servers: readonly Server[];

    beforeAll(async () => {
      servers = await Promise.all([startMemcached(), startMemcached(), startMemcached()]);
    });

    afterAll(() => Promise.all(servers.map((server) => server.stop())));

    cacheStorageContract(
      { describe, it, expect },
      () => open(servers.map(({ host, port }) => ({ host, port }))),
      traits,
    );
  });
});
