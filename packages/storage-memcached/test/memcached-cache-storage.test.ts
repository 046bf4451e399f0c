import { MemoError, systemClock, type SerDe } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { open as openEnvelope, seal } from '@memo/serde';
import { lacks, startMemcached, type Server } from '@memo/test-servers';
import { Client } from 'memjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemcachedServer } from '../src/client/memcached-server.js';
import { JsonSerDe, MemcachedCacheStorage, MsgpackSerDe, type MemcachedCacheStorageOptions } from '../src/index.js';
import { entryOf, failureOf } from '../../serde/test/support/stored-entry.js';

const settings = { clock: systemClock, requestPatience: 1_000 };

describe.skipIf(lacks('memcached'))('MemcachedCacheStorage', () => {
  let server: Server;
  /** What looks into the server beside the storage. */
  let client: MemcachedServer;
  const opened: AsyncDisposable[] = [];

  beforeAll(async () => {
    server = await startMemcached();
  });

  beforeEach(() => {
    client = new MemcachedServer(server, settings);
    opened.push({ [Symbol.asyncDispose]: () => client.close() });
  });

  afterEach(async () => {
    for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
    await server.restart();
  });

  afterAll(() => server.stop());

  const open = (options: MemcachedCacheStorageOptions = {}, port = server.port): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(`127.0.0.1:${port}`, options);
    opened.push(storage);
    return storage;
  };

  it('keeps one item for an entry and one for the namespace', async () => {
    const storage = open({ namespace: 'app', serde: new JsonSerDe() });
    await storage.offer('user:1', entryOf({ name: 'Ada' }));
    const item = await client.get('app:user:1');
    expect(item?.value.toString('latin1')).toContain('"value":{"name":"Ada"}');
    expect(await client.get('app%~generation')).toBeDefined();
    expect((await client.stats()).get('curr_items')).toBe('2');
  });

  it('takes the addresses of a client of memjs, and leaves the client alone', async () => {
    const given = Client.create(`127.0.0.1:${server.port}`);
    const storage = new MemcachedCacheStorage(given);
    await storage.offer('key', entryOf('value'));
    expect((await storage.get('key'))?.value).toBe('value');
    await storage[Symbol.asyncDispose]();
    expect(Object.keys(given.servers[0]!)).not.toContain('_socket');
  });

  it('fails with a clear error after it was closed', async () => {
    const storage = open();
    await storage[Symbol.asyncDispose]();
    for (let times = 0; times < 6; times++) await failureOf(storage.get('key'));
    expect((await failureOf(storage.get('key'))).message).toBe(
      `The storage failed at get of key "key": The client of the memcached server 127.0.0.1:${server.port} was closed. ` +
        'Make a new storage to reach the server again.',
    );
  });

  it('tells the time of the server, within a second', async () => {
    const storage = open();
    await storage.get('key');
    await expect.poll(() => Math.abs(storage.now() - Date.now())).toBeLessThan(2_000);
  });

  it('goes by an injected clock alone', async () => {
    const clock = new ManualClock();
    const storage = open({ clock });
    expect(storage.now()).toBe(clock.now());
  });

  it('gives the server a lifetime that is rounded up', async () => {
    const storage = open({ namespace: 'app' });
    await storage.offer('short', entryOf(1, { expiresAfter: Date.now() + 100 }));
    expect(await client.get('app:short')).toBeDefined();
    await expect.poll(() => client.get('app:short'), { timeout: 5_000 }).toBeUndefined();
  });

  it('declines what is larger than the server takes, and keeps what was there', async () => {
    const storage = open({ serde: new JsonSerDe() });
    await storage.offer('key', entryOf('before'));
    const overhead = (await client.get('memo:key'))!.value.length - 'before'.length;
    const largest = 1024 * 1024 - 128 - 'memo:key'.length - overhead;
    expect(await storage.offer('key', entryOf('x'.repeat(largest + 1)))).toBe('declined');
    expect((await storage.get('key'))?.value).toBe('before');
    expect(await storage.offer('key', entryOf('x'.repeat(largest)))).toBe('stored');
    expect((await storage.get('key'))?.value).toBe('x'.repeat(largest));
  });

  it('does not count the time that a SerDe takes at once as that of the server', async () => {
    const json = new JsonSerDe();
    const slow: SerDe = {
      serialize: (entry) => {
        for (const end = performance.now() + 300; performance.now() < end;);
        return json.serialize(entry);
      },
      deserialize: (data) => json.deserialize(data),
    };
    const storage = open({ serde: slow, deadline: 250 });
    await storage.get('key');
    expect(await storage.offer('key', entryOf('value'))).toBe('stored');
    expect((await storage.get('key'))?.value).toBe('value');
  });

  it('declines what is larger than maxEntryBytes', async () => {
    const storage = open({ maxEntryBytes: 1_000 });
    expect(await storage.offer('key', entryOf('x'.repeat(1_000)))).toBe('declined');
    expect(await storage.offer('key', entryOf('x'.repeat(700)))).toBe('stored');
  });

  it('asks a server that was started anew how much it takes', async () => {
    const small = await startMemcached();
    const storage = open({}, small.port);
    const huge = entryOf('x'.repeat(1_500_000));
    expect(await storage.offer('key', huge)).toBe('declined');
    await small.stop();
    const larger = await startMemcached({ args: ['-I', '2m'], port: small.port });
    // A call asks first what is there, by which the storage learns that the connection is another one.
    await expect.poll(() => storage.get('key').catch(() => 'failed')).toBeUndefined();
    expect(await storage.offer('key', huge)).toBe('stored');
    expect((await storage.get('key'))?.value).toBe(huge.value);
    await larger.stop();
  });

  it('asks again how much it takes before the connection to a server that was started anew is open', async () => {
    const large = await startMemcached({ args: ['-I', '4m'] });
    const [storage, other] = [open({}, large.port), open({}, large.port)];
    await storage.offer('key', entryOf('x'.repeat(3_000_000)));
    await large.stop();
    const small = await startMemcached({ port: large.port });
    await expect.poll(() => other.offer('key', entryOf('small')).catch(() => 'failed')).toBe('stored');
    expect(await storage.offer('key', entryOf('x'.repeat(3_000_000)))).toBe('declined');
    expect((await other.get('key'))?.value).toBe('small');
    await small.stop();
  });

  it('does nothing under a condition that a server cannot keep', async () => {
    const numberless = await startMemcached({ args: ['-C'] });
    const storage = open({}, numberless.port);
    const entry = entryOf('value');
    await storage.offer('key', entry);
    const message = expect.stringContaining('gives items no CAS numbers') as string;
    await expect(storage.clear('key')).rejects.toMatchObject({ code: 'STORAGE_FAILED', message });
    await expect(storage.changeMoments('key', entry, entry, entry.created)).rejects.toMatchObject({ message });
    expect((await storage.get('key'))?.value).toBe('value');
    await numberless.stop();
  });

  it('is a miss after the server has lost everything, and keeps entries again', async () => {
    const storage = open();
    await storage.offer('key', entryOf('before'));
    await server.restart();
    await expect.poll(() => storage.get('key').catch(() => 'failed')).toBeUndefined();
    await storage.offer('key', entryOf('after'));
    expect((await storage.get('key'))?.value).toBe('after');
  });

  it('counts nothing any more after the item of the namespace was lost', async () => {
    const storage = open();
    await storage.offer('key', entryOf('before'));
    await client.delete('memo%~generation');
    expect(await storage.get('key')).toBeUndefined();
    await storage.offer('other', entryOf('after'));
    expect(await storage.get('key')).toBeUndefined();
    expect((await storage.get('other'))?.value).toBe('after');
  });

  it('begins anew where the item of the namespace cannot be read', async () => {
    const storage = open();
    await storage.offer('key', entryOf('before'));
    await client.set('memo%~generation', Buffer.from('garbage'), { expires: 0 });
    expect(await storage.get('key')).toBeUndefined();
    await storage.offer('key', entryOf('after'));
    expect((await storage.get('key'))?.value).toBe('after');
    await client.set('memo%~generation', Buffer.from('garbage'), { expires: 0 });
    await storage.clear('');
    expect(await storage.get('key')).toBeUndefined();
  });

  it('writes nothing that counts when the namespace was cleared elsewhere since it last read', async () => {
    const [here, elsewhere] = [open(), open()];
    expect(await here.get('key')).toBeUndefined();
    await here.offer('key', entryOf('before'));
    await elsewhere.clear('');
    expect(await here.offer('key', entryOf('loaded before the clearing'))).toBe('declined');
    expect(await elsewhere.get('key')).toBeUndefined();
    expect(await here.get('key')).toBeUndefined();
    expect(await here.offer('key', entryOf('after'))).toBe('stored');
    expect((await elsewhere.get('key'))?.value).toBe('after');
  });

  it.each([1, 60])('is cleared by many at once, over %i storages', async (count) => {
    const storages = Array.from({ length: count }, () => open({ deadline: '10 seconds' }));
    const scopes = Array.from({ length: 60 }, (_, index) => `${index}:`);
    await Promise.all(scopes.map((scope) => storages[0]!.offer(`${scope}key`, entryOf('value'))));
    await Promise.all(scopes.map((scope, index) => storages[index % count]!.clear(scope)));
    for (const scope of scopes) expect(await storages[0]!.get(`${scope}key`)).toBeUndefined();
  });

  it('changes the moments of an entry that others write at the same time, or says that it was not there', async () => {
    const storage = open();
    const entry = entryOf('value');
    const moments = { updateAfter: entry.created + 1, expiresAfter: entry.created + 7_200_000 };
    await storage.offer('key', entry);
    const changes = Array.from({ length: 4 }, () => open().changeMoments('key', entry, moments, entry.created));
    expect(await Promise.all(changes)).toStrictEqual([true, true, true, true]);
    expect(await storage.get('key')).toStrictEqual({ ...entry, ...moments });
    expect(await storage.changeMoments('key', entryOf('', { created: 1 }), moments, entry.created)).toBe(false);
  });

  it('finds nothing where there is only a lease', async () => {
    const storage = open();
    await storage.offer('key', entryOf('value'));
    const frame = openEnvelope((await client.get('memo:key'))!.value);
    const holder = new Uint8Array(10).fill(1);
    const lease = { holder, time: 3_000, failures: 0, awaited: false, end: Date.now() + 3_000 };
    const placeholder = seal({ ...frame, payload: new Uint8Array(), format: '', placeholder: true, lease });
    await client.set('memo:key', Buffer.from(placeholder), { expires: 0 });
    expect(await storage.get('key')).toBeUndefined();
    expect(await storage.changeMoments('key', entryOf(1), { updateAfter: 0, expiresAfter: 1 }, 0)).toBe(false);
    expect(await storage.invalidate('key')).toBeUndefined();
  });

  it('names both formats where another SerDe has written', async () => {
    await open({ serde: new JsonSerDe() }).offer('key', entryOf('value'));
    const error = await failureOf(open({ serde: new MsgpackSerDe() }).get('key'));
    expect(MemoError.isInstance(error)).toBe(true);
    expect(error.message).toBe(
      'What is stored under key "key" cannot be read: The bytes cannot be read as an entry: they were written as ' +
        `'json', the SerDe of this storage reads 'msgpack'.`,
    );
  });

  it('sends what is asked for in one turn in one piece, and reads the generation once for all of it', async () => {
    const storage = open();
    const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => storage.offer(key, entryOf(key))));
    const before = Number((await client.stats()).get('cmd_get'));
    const found = await Promise.all(keys.map((key) => storage.get(key)));
    expect(found.map((entry) => entry?.value)).toStrictEqual(keys);
    expect(Number((await client.stats()).get('cmd_get')) - before).toBe(keys.length + 1);
  });
});

describe.skipIf(lacks('memcached'))('MemcachedCacheStorage over several servers', () => {
  it('loses only the keys of a server that is dead, and says so', async () => {
    const servers = await Promise.all([startMemcached(), startMemcached(), startMemcached()]);
    const storage = new MemcachedCacheStorage(servers.map(({ host, port }) => ({ host, port })));
    const keys = Array.from({ length: 300 }, (_, index) => `key ${index}`);
    await Promise.all(keys.map((key) => storage.offer(key, entryOf(key))));
    await servers[1].kill();
    const outcomes = await Promise.all(
      keys.map((key) =>
        storage.get(key).then(
          (entry) => entry?.value,
          () => 'failed',
        ),
      ),
    );
    const failed = outcomes.filter((outcome) => outcome === 'failed').length;
    expect(failed).toBeGreaterThan(60);
    expect(failed).toBeLessThan(140);
    expect(outcomes.every((outcome, index) => outcome === 'failed' || outcome === keys[index])).toBe(true);
    expect((await failureOf(storage.clear(''))).message).toMatch(/^The storage failed at clear: /);
    await storage[Symbol.asyncDispose]();
    await Promise.all(servers.map((server) => server.stop()));
  });
});
