import { randomUUID } from 'node:crypto';
import {
  StorageDownError,
  StorageFailedError,
  StorageTimeoutError,
  systemClock,
  UnreadableEntryError,
  type CacheEntry,
  type SerDe,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { lacks, startMemcached, startProxy, type Proxy, type Server } from '@memo/test-servers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemcachedServer } from '../src/client/memcached-server.js';
import { ConnectionLostError, ServerReplyError } from '../src/errors.js';
import { JsonSerDe, MemcachedCacheStorage, type MemcachedCacheStorageOptions } from '../src/index.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';
import { startScriptedServer } from './client/support/scripted-server.js';
import { watchWrites } from './client/support/watch-writes.js';
import { grace } from './support/failures.js';

const deadline = 300;
const keys = Array.from({ length: 1_000 }, (_, index) => `key ${index}`);
const few = keys.slice(0, 10);

const itself = (key: string): string => key;
/** A value for a key that takes a little more than a thousand bytes. */
const longValue = (key: string): string => key.padEnd(1_000);

/** A SerDe that tells of each value that it has read. */
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

describe.skipIf(lacks('memcached'))('reads of one turn of the event loop', () => {
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
  const offerAll = (storage: MemcachedCacheStorage, offered: readonly string[] = keys, valueOf = itself) =>
    Promise.all(offered.map((key) => storage.offer(key, entryOf(valueOf(key)))));
  const getsOfTheServer = async (): Promise<number> => Number((await client.stats()).get('cmd_get'));
  /** What each key is answered with: its value, `undefined`, or the error. */
  const readAll = (storage: MemcachedCacheStorage, wanted: readonly string[] = keys): Promise<readonly unknown[]> =>
    Promise.all(
      wanted.map((key) =>
        storage.get(key).then(
          (entry) => entry?.value,
          (error: unknown) => error,
        ),
      ),
    );

  it('are one write to the socket and one look at the generation, whichever promise of the turn asks', async () => {
    const storage = open();
    await offerAll(storage);
    const before = await getsOfTheServer();
    const writes = watchWrites();
    const readAfter = async (key: string, steps: number): Promise<unknown> => {
      for (let step = 0; step < steps; step++) await Promise.resolve();
      return (await storage.get(key))?.value;
    };
    // From a callback, so that some ask before any promise goes on.
    const reading = new Promise<unknown>((resolve) => {
      setImmediate(() => resolve(Promise.all(keys.map((key, index) => readAfter(key, index % 10)))));
    });
    expect(await reading).toStrictEqual(keys);
    expect(writes.count()).toBe(1);
    writes.stop();
    expect((await getsOfTheServer()) - before).toBe(keys.length + 1);
  });

  it('are answered each with what is under its key, in their order, also with nothing', async () => {
    const storage = open();
    await offerAll(storage, ['a', 'c', 'd']);
    const order: unknown[] = [];
    const wanted = ['absent before', 'a', 'absent', 'c', 'd', 'absent behind'];
    await Promise.all(wanted.map(async (key) => order.push([key, (await storage.get(key))?.value])));
    expect(order).toStrictEqual(wanted.map((key) => [key, key.startsWith('absent') ? undefined : key]));
    expect(await readAll(storage, ['a', 'absent'])).toStrictEqual(['a', undefined]);
    expect(await readAll(storage, ['none', 'at all'])).toStrictEqual([undefined, undefined]);
  });

  it('for one key ask for it once, read it once, and share the entry', async () => {
    const read: unknown[] = [];
    const storage = open({ serde: toldOf((value) => read.push(value)) });
    await storage.offer('key', entryOf(['value']));
    const before = await getsOfTheServer();
    const entries = await Promise.all(Array.from({ length: 100 }, () => storage.get('key')));
    expect(new Set(entries).size).toBe(1);
    expect(read).toStrictEqual([['value']]);
    expect((await getsOfTheServer()) - before).toBe(2);
    // The next turn looks anew.
    expect(await storage.get('key')).not.toBe(entries[0]);
    expect(read).toHaveLength(2);
  });

  it('share nothing with those of another turn, however late these are answered', async () => {
    const storage = open({}, proxy);
    const other = open();
    await storage.offer('key', entryOf('before'));
    proxy.freeze();
    const early = storage.get('key');
    await new Promise((resolve) => setImmediate(resolve));
    await other.set('key', entryOf('after'));
    const late = storage.get('key');
    await proxy.resume();
    expect((await late)?.value).toBe('after');
    await early;
  });

  it('fail each for itself where the bytes of one cannot be read', async () => {
    const storage = open();
    await offerAll(storage, few);
    await client.set(`${namespace}:key%203`, Buffer.from('not by memo'), { expires: 0 });
    const found = await readAll(storage, few);
    expect(UnreadableEntryError.isInstance(found[3])).toBe(true);
    expect(found.toSpliced(3, 1)).toStrictEqual(few.toSpliced(3, 1));
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
    const [a, b, c] = await readAll(storage, ['a', 'b', 'c']);
    expect([a, c]).toStrictEqual(['a', 'c']);
    expect((b as Error).message).toBe('What is stored under key "b" cannot be read: no such thing');
  });

  it('reject, and leave the others unharmed, where a key is none', async () => {
    const storage = open();
    await offerAll(storage, ['a', 'b']);
    const [a, none, b] = await Promise.allSettled([storage.get('a'), storage.get(1 as never), storage.get('b')]);
    expect([a, b]).toMatchObject([{ value: { value: 'a' } }, { value: { value: 'b' } }]);
    expect(none.status).toBe('rejected');
  });

  it('fail alone where the server refuses one of them, and the server counts as well', async () => {
    const storage = open();
    await offerAll(storage, few);
    // A server that has the items of the other, but refuses one.
    let answered: Promise<unknown> = Promise.resolve();
    await using refusing = await startScriptedServer(({ opcode, key, answer }) => {
      answered = answered.then(async () => {
        if (opcode === 0x10) return answer();
        if (key === `${namespace}:key%203`) return answer({ status: 0x82, value: 'Out of memory' });
        answer({ extras: Buffer.alloc(4), value: (await client.get(key))!.value });
      });
    });
    const reader = open({}, refusing);
    for (let times = 0; times < 6; times++) {
      const found = await readAll(reader, few);
      expect((found[3] as Error).message).toBe(
        `The storage failed at get of key "key 3": The memcached server 127.0.0.1:${refusing.port} refused get with status 130: Out of memory.`,
      );
      expect(ServerReplyError.isInstance((found[3] as Error).cause)).toBe(true);
      expect(found.toSpliced(3, 1)).toStrictEqual(few.toSpliced(3, 1));
    }
  });

  it.each([10, 24, 60, 300, 5_000, 60_000, 400_000])(
    'all settle where the connection is cut after %i bytes, those that have come with their own value',
    async (bytes) => {
      const storage = open({}, proxy);
      const wanted = keys.slice(0, 500);
      await offerAll(open(), wanted, longValue);
      await storage.get('opens');
      proxy.cutAfter(bytes);
      const found = await readAll(storage, wanted);
      const failed = found.findIndex((one) => one instanceof Error);
      // The next item is larger than what may have come of it.
      expect(failed).toBeGreaterThanOrEqual(Math.floor(bytes / 1_500));
      expect(failed).toBeLessThanOrEqual(Math.ceil(bytes / 1_000));
      expect(found.slice(0, failed)).toStrictEqual(wanted.slice(0, failed).map(longValue));
      for (const [index, error] of found.slice(failed).entries()) {
        expect((error as Error).cause).toSatisfy((cause) => ConnectionLostError.isInstance(cause));
        expect((error as Error).message).toContain(
          `get of key ${JSON.stringify(wanted[failed + index]).slice(0, 100)}`,
        );
      }
      await proxy.resume();
      await expect.poll(() => readAll(storage, wanted)).toStrictEqual(wanted.map(longValue));
    },
  );

  it('have one deadline and one timer in all, and what has come until then is answered', async () => {
    const storage = open({ deadline }, proxy);
    await offerAll(open(), few, longValue);
    await storage.get('opens');
    proxy.stallAfter(5_000);
    const timers = vi.spyOn(systemClock, 'setTimer');
    const started = performance.now();
    const reading = readAll(storage, few);
    await new Promise((resolve) => setImmediate(resolve));
    expect(timers.mock.calls.filter(([, delay]) => delay === deadline)).toHaveLength(1);
    timers.mockRestore();
    const found = await reading;
    expect(performance.now() - started).toBeLessThan(deadline + grace);
    const failed = found.findIndex((one) => one instanceof Error);
    expect([3, 4]).toContain(failed);
    expect(found.slice(0, failed)).toStrictEqual(few.slice(0, failed).map(longValue));
    for (const error of found.slice(failed)) expect((error as Error).cause).toBeInstanceOf(StorageTimeoutError);
    await proxy.resume();
  });

  it('say each for itself that the server did not answer in time', async () => {
    const storage = open({ deadline });
    await offerAll(storage, few);
    server.pause();
    for (const [index, error] of (await readAll(storage, few)).entries()) {
      expect(StorageFailedError.isInstance(error)).toBe(true);
      expect((error as Error).message).toBe(
        `The storage failed at get of key "key ${index}": The storage did not answer get within its deadline of 300 ms.`,
      );
    }
    server.resume();
  });

  it('are one failure of a server, and once it is down one of them finds out whether it is back', async () => {
    await using silent = await startScriptedServer();
    const clock = new ManualClock();
    const storage = open({ deadline, clock }, silent);
    const causesOf = async (reading: Promise<readonly unknown[]>): Promise<readonly unknown[]> =>
      (await reading).map((error) => ((error as Error).cause as Error).constructor);
    const timedOut = async (): Promise<readonly unknown[]> => {
      const reading = causesOf(readAll(storage, few));
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(deadline);
      return reading;
    };
    for (let failures = 1; failures <= 5; failures++) {
      expect(await timedOut()).toStrictEqual(few.map(() => StorageTimeoutError));
    }
    expect(await causesOf(readAll(storage, few))).toStrictEqual(few.map(() => StorageDownError));
    await clock.advance('30 seconds');
    const before = silent.requests.length;
    const probe = failureOf(storage.get(few[0]!));
    const others = causesOf(readAll(storage, few.slice(1)));
    expect(await others).toStrictEqual(few.slice(1).map(() => StorageDownError));
    await expect.poll(() => silent.requests.slice(before).map(({ key }) => key)).toContain(`${namespace}:key%200`);
    expect(silent.requests.slice(before).map(({ key }) => key)).not.toContain(`${namespace}:key%201`);
    await clock.advance(deadline);
    expect((await probe).cause).toBeInstanceOf(StorageTimeoutError);
  });

  it('let other events come between when they bring very much', async () => {
    const wanted = keys.slice(0, 40);
    const large = (key: string): string => key.padEnd(100_000);
    let turn = 0;
    const turns: number[] = [];
    const order: unknown[] = [];
    const storage = open({
      serde: toldOf((value) => {
        turns.push(turn);
        order.push(value);
      }),
    });
    await offerAll(storage, wanted, large);
    let isReading = true;
    const countTurns = (): void => {
      turn++;
      if (isReading) setImmediate(countTurns);
    };
    countTurns();
    expect(await readAll(storage, wanted)).toStrictEqual(wanted.map(large));
    isReading = false;
    expect(order).toStrictEqual(wanted.map(large));
    for (const at of turns) expect(turns.filter((other) => other === at).length).toBeLessThanOrEqual(3);
  });

  it('take no more from a reader that asks while it is answered', async () => {
    const nested: Promise<CacheEntry | undefined>[] = [];
    const storage: MemcachedCacheStorage = open({
      serde: toldOf((value) => {
        if (nested.length < 5) nested.push(storage.get(String(value)));
      }),
    });
    await offerAll(storage, few);
    expect(await readAll(storage, few)).toStrictEqual(few);
    expect((await Promise.all(nested)).map((entry) => entry?.value)).toStrictEqual(few.slice(0, 5));
  });

  it('are answered by nothing that was written for another key', async () => {
    const storage = open();
    await offerAll(storage, ['a', 'b']);
    await client.set(`${namespace}:b`, (await client.get(`${namespace}:a`))!.value, { expires: 0 });
    const [a, b] = await readAll(storage, ['a', 'b']);
    expect(a).toBe('a');
    expect((b as Error).message).toBe(
      'What is stored under key "b" cannot be read: The bytes cannot be read as the entry of this key: they belong to another key.',
    );
  });
});
