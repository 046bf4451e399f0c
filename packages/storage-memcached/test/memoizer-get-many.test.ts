import { randomUUID } from 'node:crypto';
import { Memoizer } from '@memo/core';
import { askMemcached, lacks, startMemcached, startProxy, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deadline, memoizerManySuite } from '../../serde/test/support/memoizer-many-suite.js';
import { MemcachedCacheStorage } from '../src/index.js';
import { SafeKeys } from '../src/safe-key.js';
import { ServerChoice } from '../src/server-choice.js';

const loadMany = (keys: readonly string[]): string[] => keys.map((key) => `value of ${key}`);

describe.skipIf(lacks('memcached'))('getMany over one Memcached', () => {
  let server: Server;
  const opened: MemcachedCacheStorage[] = [];

  beforeAll(async () => {
    server = await startMemcached();
  });

  afterEach(() => Promise.all(opened.splice(0).map((storage) => storage[Symbol.asyncDispose]())));
  afterAll(() => server.stop());

  const open = ({ port }: { readonly port: number } = server): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(`127.0.0.1:${port}`, { namespace: randomUUID(), deadline: '5 seconds' });
    opened.push(storage);
    return storage;
  };
  const countOf = async (counter: string): Promise<number> => {
    const lines = await askMemcached(server.port, 'stats');
    return Number(lines.find((line) => line.startsWith(`STAT ${counter} `))?.split(' ')[2]);
  };

  it('asks once for all keys, with one look at the generation', async () => {
    const memo = new Memoizer(open(), { expireAfter: '1 hour' });
    const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
    expect(await memo.getMany(keys, loadMany)).toHaveProperty('size', 20);
    for (const load of [loadMany, undefined]) {
      const [gets, sets] = [await countOf('cmd_get'), await countOf('cmd_set')];
      expect(await memo.getMany(keys, load!)).toHaveProperty('size', 20);
      expect([(await countOf('cmd_get')) - gets, (await countOf('cmd_set')) - sets]).toEqual([20 + 1, 0]);
    }
  });

  it('takes one round trip where all are there', async () => {
    await using proxy = await startProxy({ target: server });
    const memo = new Memoizer(open(proxy));
    const keys = Array.from({ length: 90 }, (_, index) => `key ${index}`);
    await memo.getMany(keys, loadMany);
    const there = 60;
    proxy.delay(there);
    const started = performance.now();
    expect(await memo.getMany(keys, loadMany)).toHaveProperty('size', 90);
    const milliseconds = performance.now() - started;
    expect([milliseconds >= 2 * there - 5, milliseconds < 4 * there]).toEqual([true, true]);
  });
});

describe.skipIf(lacks('memcached'))('getMany over three Memcacheds', () => {
  let servers: readonly Server[];

  beforeAll(async () => {
    servers = await Promise.all([startMemcached(), startMemcached(), startMemcached()]);
  });

  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  memoizerManySuite({
    faults: ['frozen', 'dead'],
    ill: ['one', 'all'],
    servers: async () => {
      await Promise.all(servers.map(({ port }) => askMemcached(port, 'flush_all')));
      return servers;
    },
    open: () => new MemcachedCacheStorage(servers.map(({ url }) => url).join(), { deadline }),
    serverOf: (key) => {
      const choice = new ServerChoice(servers.map((server) => ({ name: `${server.host}:${server.port}`, server })));
      return choice.serverOf(new SafeKeys('memo').nameOf(key)).server;
    },
  });
});
