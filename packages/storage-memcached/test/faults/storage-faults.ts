import { askMemcached, startMemcached, type Server } from '@memo/test-servers';
import { expect } from 'vitest';
import type { Fault } from './fault.js';
import type { Connect, KeyValueClient } from './key-value-client.js';
import { endOf, outcomeOf } from './outcome.js';

const value = 'value';

async function withServer<R>(
  connect: Connect,
  use: (client: KeyValueClient, server: Server) => Promise<R>,
): Promise<R> {
  await using server = await startMemcached();
  const client = connect({ servers: [server] });
  const observed = await use(client, server);
  client.close();
  return observed;
}

/** What becomes of a key: a value is set and read, and looked for on the server by a program that speaks its text. */
async function storesUnder(key: string, client: KeyValueClient, { port }: Server): Promise<unknown> {
  const isStored = (await endOf(client.set(key, value))) === 'done';
  const isRead = (await outcomeOf(client.get(key), value)) === 'the value';
  const names = await namesOn(port);
  const [item] = names;
  const isNamed = item !== undefined && (await askMemcached(port, `get ${item}`)).length > 1;
  return { isStored, isRead, isNamed };
}

/** The names of all items of a server, beside the storage's own. */
async function namesOn(port: number): Promise<string[]> {
  const names = (await itemsOn(port)).map(({ name }) => name);
  return names.filter((name) => !name.endsWith('generation'));
}

async function itemsOn(port: number): Promise<{ readonly name: string; readonly expires: number }[]> {
  const lines = await askMemcached(port, 'lru_crawler metadump all');
  return lines.flatMap((line) => {
    const [, name, expires] = /^key=(\S+) exp=(-?\d+)/.exec(line) ?? [];
    return name === undefined ? [] : [{ name: decodeURIComponent(name), expires: Number(expires) }];
  });
}

/** What is asked of a storage that memjs does otherwise. */
export const storageFaults: readonly Fault[] = [
  {
    name: 'a lifetime of half a second',
    happens: (connect) =>
      withServer(connect, async (client, { port }) => {
        await client.set('key', value, 500);
        const [item] = (await itemsOn(port)).filter(({ name }) => name.endsWith('key'));
        return item?.expires === -1 ? 'never goes' : 'goes';
      }),
    promised: 'goes',
    bare: 'never goes',
  },
  {
    name: 'a lifetime of 31 days',
    happens: (connect) =>
      withServer(connect, async (client) => {
        const set = await endOf(client.set('key', value, 31 * 86_400_000));
        return { set, get: await outcomeOf(client.get('key'), value) };
      }),
    promised: { set: 'done', get: 'the value' },
    bare: { set: 'done', get: 'nothing' },
  },
  {
    name: 'a key of 300 bytes',
    happens: (connect) => withServer(connect, (client, server) => storesUnder('x'.repeat(300), client, server)),
    promised: { isStored: true, isRead: true, isNamed: true },
    bare: { isStored: false, isRead: false, isNamed: false },
  },
  {
    name: 'an empty key',
    happens: (connect) => withServer(connect, (client, server) => storesUnder('', client, server)),
    promised: { isStored: true, isRead: true, isNamed: true },
    bare: { isStored: false, isRead: false, isNamed: false },
  },
  {
    name: 'a key with blanks and control characters',
    happens: (connect) => withServer(connect, (client, server) => storesUnder('a b\r\nc', client, server)),
    promised: { isStored: true, isRead: true, isNamed: true },
    bare: { isStored: true, isRead: true, isNamed: false },
  },
  {
    name: 'a value that is larger than the server allows',
    happens: (connect) =>
      withServer(connect, async (client) => {
        await client.set('key', value);
        const set = await endOf(client.set('key', 'x'.repeat(2_000_000)));
        return { set, get: await outcomeOf(client.get('key'), value) };
      }),
    promised: { set: 'declined', get: 'the value' },
    bare: { set: 'an error', get: 'nothing' },
  },
  {
    name: 'a fourth server beside three',
    happens: async (connect) => {
      const servers = await Promise.all([1, 2, 3, 4].map(() => startMemcached()));
      const keys = Array.from({ length: 1_000 }, (_, index) => `key ${index}`);
      const three = connect({ servers: servers.slice(0, 3), timeout: 5_000 });
      await Promise.all(keys.map((key) => three.set(key, value)));
      const four = connect({ servers, timeout: 5_000 });
      const found = await Promise.all(keys.map((key) => four.get(key)));
      three.close();
      four.close();
      await Promise.all(servers.map((server) => server.stop()));
      const moved = found.filter((each) => each === undefined).length;
      expect(found.filter((each) => each === value)).toHaveLength(keys.length - moved);
      return moved < 330
        ? 'about a quarter of the keys move'
        : moved > 670
          ? 'about three quarters of the keys move'
          : moved;
    },
    promised: 'about a quarter of the keys move',
    bare: 'about three quarters of the keys move',
  },
];
