import { randomUUID } from 'node:crypto';
import {
  StorageDownError,
  StorageFailedError,
  StorageTimeoutError,
  systemClock,
  UnreadableEntryError,
  type SerDe,
} from '@memo/core';
import { askMemcached, lacks, startMemcached, startProxy, type Proxy, type Server } from '@memo/test-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemcachedServer } from '../src/client/memcached-server.js';
import { ConnectionLostError } from '../src/errors.js';
import { JsonSerDe, MemcachedCacheStorage, type MemcachedCacheStorageOptions } from '../src/index.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';
import { acquire } from './support/asking.js';
import { grace } from './support/failures.js';

const deadline = 300;
/** How many keys a server is asked for in one piece. */
const inOnePiece = 100;
const keys = Array.from({ length: 1_000 }, (_, index) => `key ${index}`);
const firstPiece = keys.slice(0, inOnePiece);

/** A SerDe that tells of each value that it has read before anything else happens. */
function toldOf(tell: (value: unknown) => void): SerDe {
  const json = new JsonSerDe();
  return {
    format: json.format,
    serialize: (entry) => json.serialize(entry),
    deserialize: (data) => {
      const entry = json.deserialize(data);
      tell(entry.value);
      return entry;
    },
  };
}

/** What was found under each key: its value, `undefined`, or the error in its place. */
async function foundIn(storage: MemcachedCacheStorage, wanted: readonly string[]): Promise<readonly unknown[]> {
  const found = await storage.getMany(wanted);
  return found.map((one) => (one instanceof Error ? one : one?.value));
}

/** What `get` answers or is rejected with, key by key. */
function foundOneByOne(storage: MemcachedCacheStorage, wanted: readonly string[]): Promise<readonly unknown[]> {
  const found = wanted.map((key) =>
    storage.get(key).then(
      (entry) => entry?.value,
      (error: unknown) => error,
    ),
  );
  return Promise.all(found);
}

describe.skipIf(lacks('memcached'))('many keys of one server', () => {
  let server: Server;
  let proxy: Proxy;
  let namespace: string;
  /** What looks into the server beside the storage. */
  let client: MemcachedServer;
  const opened: AsyncDisposable[] = [];

  beforeEach(async () => {
    server = await startMemcached();
    proxy = await startProxy({ target: server });
    client = new MemcachedServer(server, { clock: systemClock, requestPatience: 1_000 });
    namespace = randomUUID();
    opened.push(server, proxy, { [Symbol.asyncDispose]: () => client.close() });
  });

  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });

  const open = (options: MemcachedCacheStorageOptions = {}, { port }: { readonly port: number } = server) => {
    const storage = new MemcachedCacheStorage(`127.0.0.1:${port}`, { namespace, deadline: '5 seconds', ...options });
    opened.push(storage);
    return storage;
  };
  const offerAll = (storage: MemcachedCacheStorage, offered: readonly string[] = keys) =>
    Promise.all(offered.map((key) => storage.offer(key, entryOf(key))));
  const getsOfTheServer = async (): Promise<number> => Number((await client.stats()).get('cmd_get'));

  it('are asked for in one piece with one look at the generation, and in several where they are very many', async () => {
    const storage = open();
    await offerAll(storage);
    const before = await getsOfTheServer();
    expect(await foundIn(storage, firstPiece)).toStrictEqual(firstPiece);
    expect((await getsOfTheServer()) - before).toBe(inOnePiece + 1);
    expect(await foundIn(storage, keys)).toStrictEqual(keys);
    expect((await getsOfTheServer()) - before).toBe(inOnePiece + 1 + keys.length + keys.length / inOnePiece);
  });

  it('share the piece and the generation with what else is asked for in this turn', async () => {
    const storage = open();
    await offerAll(storage, firstPiece);
    const before = await getsOfTheServer();
    const all = await Promise.all([foundIn(storage, ['key 1', 'absent']), storage.get('key 2'), storage.getMany([])]);
    expect(all).toStrictEqual([['key 1', undefined], expect.objectContaining({ value: 'key 2' }), []]);
    expect((await getsOfTheServer()) - before).toBe(3 + 1);
  });

  it('do not keep others waiting who ask for something else over the same connection', async () => {
    let read = 0;
    const readUntil: Promise<number>[] = [];
    const storage = open({
      serde: toldOf((value) => {
        if (value !== 'other' && ++read % 250 === 0) readUntil.push(storage.get('other').then(() => read));
      }),
    });
    await offerAll(storage, [...keys, 'other']);
    expect(await foundIn(storage, keys)).toStrictEqual(keys);
    const [first, second, third] = await Promise.all(readUntil);
    // Asked for with the next piece at the latest, and answered after it.
    expect(first).toBeLessThanOrEqual(250 + 2 * inOnePiece);
    expect(second).toBeLessThanOrEqual(500 + 2 * inOnePiece);
    expect(third).toBeLessThanOrEqual(750 + 2 * inOnePiece);
  });

  it('may be as long as they like, and of any characters', async () => {
    const storage = open();
    const strange = ['k'.repeat(250), 'k'.repeat(251), 'ü'.repeat(400), 'k'.repeat(100_000), ' \0\n%~:', 'a\ud800'];
    const wanted = strange.flatMap((key) => [key, `${key}!`]);
    await Promise.all(strange.map((key, index) => storage.offer(key, entryOf(index))));
    expect(await foundIn(storage, wanted)).toStrictEqual(strange.flatMap((_, index) => [index, undefined]));
  });

  it('are each answered as if they were asked for alone, whatever their items hold', async () => {
    const storage = open({ serde: new JsonSerDe() });
    const name = (key: string): string => `${namespace}:${key}`;
    await offerAll(storage, ['cleared:a']);
    await storage.clear('cleared:');
    await offerAll(storage, ['kept', 'corrupt', 'moved', 'refreshed', 'cleared:b']);
    await client.set(name('corrupt'), Buffer.from('not by memo'), { expires: 0 });
    await client.set(name('misplaced'), (await client.get(name('moved')))!.value, { expires: 0 });
    await open().offer('of another format', entryOf('msgpack'));
    await acquire(storage, 'loading');
    await acquire(storage, 'refreshed', { seen: 'any' });
    const wanted = ['kept', 'corrupt', 'misplaced', 'of another format', 'cleared:a', 'cleared:b', 'loading'];
    const found = await foundIn(storage, [...wanted, 'refreshed', 'kept']);
    const unreadable: unknown = expect.toSatisfy((one: unknown) => UnreadableEntryError.isInstance(one));
    expect(found).toStrictEqual([
      ...['kept', unreadable, unreadable, unreadable, undefined, 'cleared:b', undefined],
      ...['refreshed', 'kept'],
    ]);
    expect(found).toStrictEqual(await foundOneByOne(storage, [...wanted, 'refreshed', 'kept']));
    expect((found[2] as Error).message).toBe(
      'What is stored under key "misplaced" cannot be read: The bytes cannot be read as the entry of this key: ' +
        'they belong to another key.',
    );
  });

  it('are missing where the item of the namespace is', async () => {
    const storage = open();
    await offerAll(storage, ['a', 'b']);
    await client.delete(`${namespace}%~generation`);
    expect(await foundIn(storage, ['a', 'b'])).toStrictEqual([undefined, undefined]);
  });

  it('are each a value of its own, also where one is asked for twice', async () => {
    const storage = open();
    await storage.offer('key', entryOf(['value']));
    const [one, other] = await foundIn(storage, ['key', 'key']);
    expect(one).toStrictEqual(['value']);
    expect(other).toStrictEqual(['value']);
    expect(other).not.toBe(one);
  });

  it.each([
    [
      'throws',
      (): never => {
        throw new Error('no such thing');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no such thing'))],
  ])('fail each for itself where the SerDe %s', async (_how, fail) => {
    const json = new JsonSerDe();
    const serde: SerDe = {
      serialize: (entry) => json.serialize(entry),
      deserialize: (data) => (json.deserialize(data).value === 'b' ? fail() : json.deserialize(data)),
    };
    const storage = open({ serde });
    await offerAll(storage, ['a', 'b', 'c']);
    const [a, b, c] = await foundIn(storage, ['a', 'b', 'c']);
    expect([a, c]).toStrictEqual(['a', 'c']);
    expect((b as Error).message).toBe('What is stored under key "b" cannot be read: no such thing');
  });

  describe('when something happens while they are read', () => {
    /** Reads all of them through the proxy, and lets something happen after the first piece has come. */
    const readWhile = async (
      strike: () => Promise<unknown>,
      options: MemcachedCacheStorageOptions = {},
    ): Promise<readonly unknown[]> => {
      let happening: Promise<unknown> | undefined;
      const freeze = async (): Promise<void> => {
        proxy.freeze();
        await strike();
      };
      const serde = toldOf((value) => {
        if (value === firstPiece.at(-1)) happening ??= freeze();
      });
      const storage = open({ serde, ...options }, proxy);
      await offerAll(open({ serde: new JsonSerDe() }));
      const found = await foundIn(storage, keys);
      expect(happening).toBeInstanceOf(Promise);
      await happening;
      return found;
    };
    const rest = keys.slice(inOnePiece);

    it('the server loses everything: the rest is missing', async () => {
      const found = await readWhile(async () => {
        await askMemcached(server.port, 'flush_all');
        await proxy.resume();
      });
      expect(found).toStrictEqual([...firstPiece, ...rest.map(() => undefined)]);
      expect(await foundIn(open(), keys)).toStrictEqual(keys.map(() => undefined));
    });

    it('somebody clears: the rest is missing, and for those who ask afterwards all is', async () => {
      const found = await readWhile(async () => {
        await open().clear('key 1');
        await proxy.resume();
      });
      const left = (key: string): string | undefined => (key.startsWith('key 1') ? undefined : key);
      expect(found).toStrictEqual([...firstPiece, ...rest.map(left)]);
      expect(await foundIn(open({ serde: new JsonSerDe() }), keys)).toStrictEqual(keys.map(left));
    });

    it('the network stands still: the rest fails within the deadline, and what has come is answered', async () => {
      let frozen = 0;
      const found = await readWhile(async () => (frozen = performance.now()), { deadline });
      expect(performance.now() - frozen).toBeLessThan(deadline + grace);
      expect(found.slice(0, inOnePiece)).toStrictEqual(firstPiece);
      for (const [index, error] of found.slice(inOnePiece).entries()) {
        expect(StorageFailedError.isInstance(error)).toBe(true);
        expect((error as Error).message).toBe(
          `The storage failed at getMany of key "${rest[index]}": ` +
            'The storage did not answer getMany within its deadline of 300 ms.',
        );
      }
      await proxy.resume();
    });

    it('the connection is lost: the rest fails, and the next one is whole', async () => {
      const found = await readWhile(async () => {
        proxy.reset();
        await proxy.resume();
      });
      expect(found.slice(0, inOnePiece)).toStrictEqual(firstPiece);
      for (const error of found.slice(inOnePiece)) {
        expect((error as Error).cause).toSatisfy((cause) => ConnectionLostError.isInstance(cause));
      }
      expect(await foundIn(open({ serde: new JsonSerDe() }, proxy), keys)).toStrictEqual(keys);
    });
  });

  it.each([10, 60, 5_000, 60_000])('are never mixed up where a connection is cut after %i bytes', async (bytes) => {
    const storage = open({}, proxy);
    const large = firstPiece.map((key) => key.padEnd(1_000));
    await offerAll(storage, large);
    proxy.cutAfter(bytes);
    for (const error of await foundIn(storage, large)) expect(StorageFailedError.isInstance(error)).toBe(true);
    await proxy.resume();
    await expect.poll(() => foundIn(storage, large)).toStrictEqual(large);
  });

  it('have one deadline in all, and what has come until then is answered', async () => {
    const storage = open({ deadline }, proxy);
    await offerAll(open());
    await storage.get('key 1');
    proxy.delay(deadline / 5);
    const started = performance.now();
    const found = await foundIn(storage, keys);
    expect(performance.now() - started).toBeLessThan(deadline + grace);
    expect(found.slice(0, inOnePiece)).toStrictEqual(firstPiece);
    for (const error of found.slice(-inOnePiece)) {
      expect(StorageTimeoutError.isInstance((error as Error).cause)).toBe(true);
    }
    await proxy.resume();
  });

  it('of a frozen server fail in time, are not sent on and on, and are read when it goes on', async () => {
    const storage = open({ deadline });
    await offerAll(storage);
    const before = await getsOfTheServer();
    server.pause();
    const started = performance.now();
    const found = await foundIn(storage, keys);
    expect(performance.now() - started).toBeLessThan(deadline + grace);
    expect(found).toHaveLength(keys.length);
    for (const error of found) expect(StorageTimeoutError.isInstance((error as Error).cause)).toBe(true);
    server.resume();
    await expect.poll(() => foundIn(storage, ['key 1'])).toStrictEqual(['key 1']);
    // The first piece, and once or a few times the one key, each with the generation.
    expect((await getsOfTheServer()) - before).toBeLessThan(2 * inOnePiece);
  });

  it('of a dead server count as one failure of it, and are not asked for once it is down', async () => {
    const storage = open({ deadline });
    await offerAll(storage, firstPiece);
    await server.kill();
    const causes = async (): Promise<readonly unknown[]> => {
      const found = await foundIn(storage, keys);
      return [...new Set(found.map((error) => ((error as Error).cause as Error).constructor))];
    };
    for (let failures = 1; failures <= 5; failures++) expect(await causes()).toStrictEqual([ConnectionLostError]);
    expect(await causes()).toStrictEqual([StorageDownError]);
    expect((await failureOf(storage.get('key 1'))).cause).toBeInstanceOf(StorageDownError);
    await server.restart();
    await expect.poll(() => foundIn(storage, ['key 1']), { timeout: 3_000 }).toStrictEqual([undefined]);
  });

  it('cannot be asked for after the storage was closed', async () => {
    const storage = open();
    await storage[Symbol.asyncDispose]();
    const [error] = await foundIn(storage, ['key']);
    expect((error as Error).message).toBe(
      `The storage failed at getMany of key "key": The client of the memcached server 127.0.0.1:${server.port} was closed. ` +
        'Make a new storage to reach the server again.',
    );
  });
});
