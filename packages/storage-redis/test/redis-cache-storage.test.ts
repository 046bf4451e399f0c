import { Buffer } from 'node:buffer';
import { StorageFailedError, UnreadableEntryError, UnstorableValueError, type SerDe } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { lacks, startRedis, type Server } from '@memo/test-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JsonSerDe, RedisCacheStorage, type RedisCacheStorageOptions } from '../src/index.js';
import { majors, type StandaloneClient } from './support/clients.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';

describe.skipIf(lacks('redis-server')).each(majors)('RedisCacheStorage with $name', (major) => {
  let server: Server;
  let client: StandaloneClient;

  const open = (options: RedisCacheStorageOptions = {}, on = client): RedisCacheStorage =>
    new RedisCacheStorage(on, options);
  const lifetime = async (name: string | Buffer): Promise<number> => Number(await client.call('PTTL', name));
  const allNames = async (): Promise<string[]> => ((await client.call('KEYS', '*')) as string[]).sort();

  beforeAll(async () => {
    server = await startRedis();
    client = major.standalone({ port: server.port });
  });

  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  beforeEach(() => client.call('FLUSHALL'));

  describe('what is on the server', () => {
    it('is one string per entry, named by namespace and key', async () => {
      await open().offer('user("42")', entryOf(1));
      await open({ namespace: 'app' }).offer('user("42")', entryOf(1));
      expect(await allNames()).toEqual(['app:user("42")', 'memo:user("42")']);
      expect(await client.call('TYPE', 'app:user("42")')).toBe('string');
    });

    it('is as long as it says, byte by byte, whatever the bytes', async () => {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7 + (index >> 8)) % 256);
      await open().offer('bytes', entryOf(bytes));
      expect(((await open().get('bytes'))?.value as Uint8Array).every((byte, at) => byte === bytes[at])).toBe(true);
    });

    it('is read and written by one command each', async () => {
      const storage = open();
      await storage.offer('key', entryOf('value'));
      await client.call('CONFIG', 'RESETSTAT');
      for (let time = 0; time < 10; time++) expect((await storage.get('key'))?.value).toBe('value');
      await storage.offer('key', entryOf('value'));
      const statistics = String(await client.call('INFO', 'commandstats'));
      // The SET is that of the script.
      expect(statistics.match(/cmdstat_(?:get|set|eval\w*|exec):calls=\d+/g)?.sort()).toEqual([
        'cmdstat_evalsha:calls=1',
        'cmdstat_get:calls=10',
        'cmdstat_set:calls=1',
      ]);
    });
  });

  describe('what may go wrong with it', () => {
    it('is taken away from a server that is full', async () => {
      const storage = open();
      const entry = entryOf('value');
      await storage.offer('key', entry);
      await client.call('CONFIG', 'SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction');
      try {
        expect(await failureOf(storage.offer('other', entryOf('value')))).toBeInstanceOf(StorageFailedError);
        expect(await storage.invalidate('key')).toBe(entry.expiresAfter);
      } finally {
        await client.call('CONFIG', 'SET', 'maxmemory', '0');
      }
      expect(await storage.get('key')).toBe(undefined);
    });

    it('is large and binary, and neither takes long nor is refused', async () => {
      // Enough for a busy computer; a value that was listed byte by byte would take ten seconds and more.
      const storage = open({ deadline: '3 seconds' });
      const bytes = new Uint8Array(16 * 1024 * 1024).fill(7);
      expect(await storage.offer('large', entryOf(bytes))).toBe('stored');
      expect(((await storage.get('large'))?.value as Uint8Array).length).toBe(bytes.length);
    });

    it.each<[title: string, serde: SerDe]>([
      ['makes text', { serialize: () => 'text' as unknown as Uint8Array, deserialize: () => entryOf(1) }],
      [
        'makes wider numbers',
        { serialize: () => new Uint16Array(2) as unknown as Uint8Array, deserialize: () => entryOf(1) },
      ],
    ])('a SerDe that %s stores nothing', async (_, serde) => {
      const error = await failureOf(open({ serde }).offer('key', entryOf(1)));
      expect(UnstorableValueError.isInstance(error)).toBe(true);
      expect((error as Error).message).toContain('A SerDe gives a Uint8Array.');
      expect(await allNames()).toEqual([]);
    });

    it('a SerDe that reads the value alone makes nothing that can be served', async () => {
      const plain = new JsonSerDe();
      const serde = {
        serialize: (entry: Parameters<SerDe['serialize']>[0]) => plain.serialize(entry),
        deserialize: () => ({}) as never,
      };
      const storage = open({ serde });
      await storage.offer('key', entryOf(1));
      expect(UnreadableEntryError.isInstance(await failureOf(storage.get('key')))).toBe(true);
    });

    it('a SerDe that hangs is given up at the deadline', async () => {
      const hangs = (): Promise<never> => new Promise(() => {});
      const storage = open({ serde: { serialize: hangs, deserialize: hangs }, deadline: 50 });
      expect(await failureOf(storage.offer('key', entryOf(1)))).toMatchObject({ code: 'UNSTORABLE_VALUE' });
    });

    it('values that hooks converted are not taken for plain ones', async () => {
      const valueToReversibleRepr = (value: unknown): unknown => (value instanceof Date ? { $date: +value } : value);
      const reversibleReprToValue = (repr: unknown): unknown => repr;
      const hooked = open({ serde: new JsonSerDe({ valueToReversibleRepr, reversibleReprToValue }) });
      await hooked.offer('key', entryOf(new Date(5)));
      const error = await failureOf(open({ serde: new JsonSerDe() }).get('key'));
      expect((error as Error).message).toContain(`they were written as 'json~hooks'`);
    });
  });

  describe('lifetimes', () => {
    const now = 1_000_000;
    const offered = async (expiresAfter: number): Promise<number> => {
      const storage = open({ clock: new ManualClock(now) });
      await storage.offer('key', entryOf('value', { created: now, updateAfter: now, expiresAfter }));
      return lifetime('memo:key');
    };

    it('are rounded up to whole milliseconds', async () => {
      expect(await setDuring(() => offered(now + 60_000))).toBe('PX 60000');
      expect(await setDuring(() => offered(now + 60_000.001))).toBe('PX 60001');
    });

    it('are none for what never expires, or later than any date', async () => {
      expect(await offered(Infinity)).toBe(-1);
      expect(await offered(Number.MAX_VALUE)).toBe(-1);
      expect(await offered(8.64e15)).toBeGreaterThan(8.6e15);
    });

    it('are one millisecond for what has expired', async () => {
      expect(await setDuring(() => offered(now))).toBe('PX 1');
      expect(await setDuring(() => offered(0))).toBe('PX 1');
    });

    it('follow changed moments', async () => {
      const storage = open();
      const entry = entryOf('value');
      await storage.offer('key', entry);
      const moments = { updateAfter: 0, expiresAfter: entry.created + 7_200_000 };
      expect(await storage.changeMoments('key', entry, moments, entry.created)).toBe(true);
      expect(await lifetime('memo:key')).toBeGreaterThan(7_000_000);
      const forEver = { updateAfter: Infinity, expiresAfter: Infinity };
      expect(await storage.changeMoments('key', entry, forEver, entry.created)).toBe(true);
      expect(await lifetime('memo:key')).toBe(-1);
    });

    /** What SET was told beside key and value while `action` ran. */
    async function setDuring(action: () => Promise<unknown>): Promise<string> {
      await client.call('CONFIG', 'SET', 'slowlog-log-slower-than', 0);
      await client.call('SLOWLOG', 'RESET');
      await action();
      const log = (await client.call('SLOWLOG', 'GET', 50)) as [number, number, number, string[]][];
      await client.call('CONFIG', 'SET', 'slowlog-log-slower-than', -1);
      return log
        .map(([, , , command]) => command)
        .filter(([name]) => name?.toLowerCase() === 'set')
        .map((command) => command.slice(3).join(' '))
        .join('; ');
    }
  });

  describe('what cannot be read', () => {
    it.each([
      [
        'other bytes',
        Buffer.from('not by memo'),
        'The bytes cannot be read as an envelope: there are 11 bytes, its header alone has 96.',
      ],
      ['longer bytes', Buffer.alloc(200), 'The bytes cannot be read as an envelope: they do not begin like one.'],
    ])('are %s', async (_, bytes, why) => {
      await client.set('memo:key', bytes);
      const error = await failureOf(open().get('key'));
      expect(UnreadableEntryError.isInstance(error)).toBe(true);
      expect(error.message).toBe(`What is stored under key "key" cannot be read: ${why}`);
      expect(await open().invalidate('key')).toBeUndefined();
      expect(await allNames()).toEqual([]);
    });

    it('is a list, which is overwritten, invalidated and cleared like anything else', async () => {
      const storage = open();
      for (const letGo of [
        () => storage.offer('key', entryOf(1)),
        () => storage.invalidate('key'),
        () => storage.clear(''),
      ]) {
        await client.call('DEL', 'memo:key');
        await client.call('RPUSH', 'memo:key', 'element');
        const error = await failureOf(storage.get('key'));
        expect(UnreadableEntryError.isInstance(error)).toBe(true);
        expect(error.message).toBe('What is stored under key "key" cannot be read: it is no string of Redis');
        expect(await storage.changeMoments('key', entryOf(1), { updateAfter: 0, expiresAfter: 1 }, 0)).toBe(false);
        await letGo();
        expect(['string', 'none']).toContain(await client.call('TYPE', 'memo:key'));
      }
    });

    it('is the entry of another key', async () => {
      await open().offer('key', entryOf(1));
      await client.call('RENAME', 'memo:key', 'memo:other');
      expect((await failureOf(open().get('other'))).message).toBe(
        'What is stored under key "other" cannot be read: ' +
          'The bytes cannot be read as the entry of this key: they belong to another key.',
      );
    });

    it('is an entry in which any bit was flipped', async () => {
      await open().offer('key', entryOf('value'));
      const bytes = (await client.getBuffer('memo:key'))!;
      // All but the lease, which no checksum covers.
      for (let at = 0; at < bytes.length; at += at === 3 ? 25 : 1) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 1 << (at % 8);
        await client.set('memo:key', damaged);
        expect([at, UnreadableEntryError.isInstance(await failureOf(open().get('key')))]).toEqual([at, true]);
      }
    });

    it('is what another SerDe wrote, or this one cannot read', async () => {
      await open({ serde: new JsonSerDe() }).offer('key', entryOf(1));
      expect((await failureOf(open().get('key'))).message).toBe(
        'What is stored under key "key" cannot be read: ' +
          `The bytes cannot be read as an entry: they were written as 'json', the SerDe of this storage reads 'msgpack'.`,
      );
      const cause = new Error('broken');
      const broken: SerDe = {
        format: 'json',
        serialize: () => new Uint8Array(),
        deserialize: () => Promise.reject(cause),
      };
      const error = await failureOf(open({ serde: broken }).get('key'));
      expect(UnreadableEntryError.isInstance(error)).toBe(true);
      expect(error.cause).toBe(cause);
    });
  });

  describe('what cannot be stored', () => {
    it('is what the SerDe refuses', async () => {
      const error = await failureOf(
        open().offer(
          'key',
          entryOf(() => 1),
        ),
      );
      expect(UnstorableValueError.isInstance(error)).toBe(true);
      expect(error.message).toBe(
        'The value for key "key" cannot be stored: MsgpackSerDe cannot keep value: a function has no representation ' +
          'as bytes. Cache plain data, or hand the value over in another form.',
      );
      expect(await allNames()).toEqual([]);
    });

    it('is what is larger than maxEntryBytes: it is declined', async () => {
      const storage = open({ maxEntryBytes: 1_000 });
      expect(await storage.offer('key', entryOf('x'.repeat(1_000)))).toBe('declined');
      expect(await storage.offer('key', entryOf('x'.repeat(500)))).toBe('stored');
    });
  });

  describe('clear', () => {
    it('takes away ten thousand keys and leaves as many others', { timeout: 20_000 }, async () => {
      const keep = (namespace: string): string => `for i = 1, 10000 do redis.call('SET', '${namespace}:' .. i, '') end`;
      await client.eval(keep('memo'), 0);
      await client.eval(keep('memory'), 0);
      await open().clear('');
      expect(await client.call('DBSIZE')).toBe(10_000);
      expect(await client.call('EXISTS', 'memory:1', 'memory:10000')).toBe(2);
    });

    it('takes namespaces literally', async () => {
      const namespaces = ['*', '?', '[a]', 'a', '\\a', 'b*', 'bc', 'm', 'm:n', 'm%3An'];
      for (const namespace of namespaces) {
        for (const other of namespaces) await open({ namespace: other }).offer('key', entryOf(other));
        await open({ namespace }).clear('');
        for (const other of namespaces) {
          const found = await open({ namespace: other }).get('key');
          expect([namespace, other, found?.value]).toEqual([namespace, other, other === namespace ? undefined : other]);
        }
      }
    });

    it('finds long keys by scopes of any length', async () => {
      const storage = open();
      const long = 'l'.repeat(1_000);
      const keys = [
        `${long}a`,
        `${long}b`,
        `${long}a1`,
        `a${long}`,
        'l',
        'l'.repeat(300),
        `🔑${long}`,
        '\ud83d',
        '\ud83d1',
      ];
      for (const scope of [
        '',
        'l',
        'l'.repeat(200),
        'l'.repeat(201),
        'l'.repeat(900),
        `${long}a`,
        '🔑',
        '\ud83d',
        'a',
      ]) {
        await client.call('FLUSHALL');
        for (const key of keys) await storage.offer(key, entryOf('value'));
        await storage.clear(scope);
        const found = await Promise.all(keys.map((key) => storage.get(key)));
        expect(keys.filter((_, index) => found[index])).toEqual(keys.filter((key) => !key.startsWith(scope)));
      }
    });
  });

  describe('keyPrefix of the client', () => {
    it.each(['app:', 'a*b[c]?\\'])('%j stands before every name, and clearing honours it', async (keyPrefix) => {
      const prefixed = major.standalone({ port: server.port, keyPrefix });
      const storage = open({}, prefixed);
      const entry = entryOf('value');
      await storage.offer('key', entry);
      await open().offer('key', entry);
      await client.set(Buffer.from('axbc memo:key'), Buffer.from('other'));
      expect(await allNames()).toContain(`${keyPrefix}memo:key`);
      expect((await storage.get('key'))?.value).toBe('value');
      const moments = { updateAfter: 1, expiresAfter: entry.expiresAfter };
      expect(await storage.changeMoments('key', entry, moments, entry.created)).toBe(true);
      expect(await storage.invalidate('key')).toBe(entry.expiresAfter);
      await storage.offer('key', entry);
      await storage.offer('k'.repeat(600), entry);
      await storage.clear('k');
      expect(await allNames()).toEqual(['axbc memo:key', 'memo:key']);
      prefixed.disconnect();
    });
  });

  describe('scripts', () => {
    it('survive SCRIPT FLUSH', async () => {
      const storage = open();
      const entry = entryOf('value');
      await storage.offer('key', entry);
      for (let time = 0; time < 2; time++) {
        expect(await storage.changeMoments('key', entry, { updateAfter: 1, expiresAfter: Infinity }, 0)).toBe(true);
        await client.call('SCRIPT', 'FLUSH');
      }
    });

    it('never change an envelope of a newer format', async () => {
      const storage = open();
      const entry = entryOf('value');
      await storage.offer('key', entry);
      await client.call('SETRANGE', 'memo:key', 2, '\u0002');
      expect(await storage.changeMoments('key', entry, { updateAfter: 1, expiresAfter: Infinity }, 0)).toBe(false);
      expect(await lifetime('memo:key')).toBeGreaterThan(0);
    });
  });

  describe('a client that was closed meanwhile', () => {
    it('makes every operation fail, and says why', async () => {
      const closing = major.standalone({ port: server.port });
      const storage = open({}, closing);
      await storage.get('key');
      closing.disconnect();
      const error = await failureOf(storage.get('key'));
      expect(StorageFailedError.isInstance(error)).toBe(true);
      expect(error.message).toBe('The storage failed at get of key "key": Connection is closed.');
    });
  });

  it('leaves a client that it was given open', async () => {
    await open()[Symbol.asyncDispose]();
    expect(await client.call('PING')).toBe('PONG');
  });
});
