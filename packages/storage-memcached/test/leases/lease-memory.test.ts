import { systemClock, type Lease } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi, type MockInstance } from 'vitest';
import { entryOf } from '../../../serde/test/support/stored-entry.js';
import { MemcachedServer, type WriteNumber } from '../../src/client/memcached-server.js';
import { MemcachedCacheStorage, type MemcachedCacheStorageOptions } from '../../src/index.js';
import { LeaseObservations } from '../../src/leases/lease-observations.js';
import { acquire, ask } from '../support/asking.js';

describe.skipIf(lacks('memcached'))('what a process remembers of the leases that it has', () => {
  let server: Server;
  let begin: MockInstance<LeaseObservations['begin']>;
  const opened: AsyncDisposable[] = [];

  beforeAll(async () => {
    server = await startMemcached();
    begin = vi.spyOn(LeaseObservations.prototype, 'begin');
  });

  afterEach(async () => {
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
    begin.mockClear();
  });

  afterAll(async () => {
    begin.mockRestore();
    await server.stop();
  });

  const open = (options: MemcachedCacheStorageOptions = {}): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(server.url, { deadline: '2 seconds', ...options });
    opened.push(storage);
    return storage;
  };
  /** How many leases the storage watches that was asked last. */
  const watched = (): number => (begin.mock.contexts.at(-1) as LeaseObservations).size;

  it.each<[string, (storage: MemcachedCacheStorage, lease: Lease) => Promise<unknown>]>([
    ['published', (storage, lease) => storage.offer('published', entryOf('loaded'), lease)],
    ['given back', (_, lease) => lease.giveBack()],
  ])('is nothing once it is %s', async (key, end) => {
    const storage = open();
    const lease = await acquire(storage, key);
    expect(watched()).toBe(1);
    expect(await end(storage, lease)).toBeTruthy();
    expect(watched()).toBe(0);
  });

  it('is nothing of a lease over a value that is given back', async () => {
    const storage = open();
    const seen = entryOf('before');
    await storage.set('refreshed', seen);
    const lease = await acquire(storage, 'refreshed', { seen });
    expect(watched()).toBe(1);
    await lease.giveBack();
    expect(watched()).toBe(0);
  });

  it('is when it was renewed, not when somebody asked first after that', async () => {
    const clock = new ManualClock(systemClock.now());
    const storage = open({ clock });
    const lease = await acquire(storage, 'renewed', { time: 3_000 });
    expect(await lease.renew(3_000)).toBe(true);
    await clock.advance(2_000);
    expect(await ask(storage, 'renewed')).toStrictEqual({ state: 'held', remaining: 1_000 });
  });

  it('is a copy of the number of the write, not the answer in which it stood', async () => {
    const add = vi.spyOn(MemcachedServer.prototype, 'add');
    const storage = open();
    const lease = await acquire(storage, 'copied');
    const { cas } = (await add.mock.results.at(-1)!.value) as { readonly cas: WriteNumber };
    add.mockRestore();
    cas.bytes.fill(0);
    expect(await storage.offer('copied', entryOf('loaded'), lease)).toBe('stored');
  });
});
