import { systemClock } from '@memo/core';
import { lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionOptions } from '../../src/client/connection.js';
import { MemcachedServer, type Item, type TakenItem, type WriteNumber } from '../../src/client/memcached-server.js';
import type { Credentials } from '../../src/client/server-address.js';
import { startScriptedServer } from './support/scripted-server.js';
import { failureOf } from '../../../serde/test/support/stored-entry.js';

const forEver = { expires: 0 };
const other: WriteNumber = { bytes: Buffer.from('ffffffffffffffff', 'hex'), connection: 1 };
const opened: MemcachedServer[] = [];

function clientOf(
  { host, port }: { host: string; port: number },
  options: Partial<ConnectionOptions> & Credentials = {},
): MemcachedServer {
  const { username, password, ...behaviour } = options;
  const credentials = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const client = new MemcachedServer(
    { host, port, ...credentials },
    { clock: systemClock, requestPatience: 2_000, ...behaviour },
  );
  opened.push(client);
  return client;
}

/** What is found under keys that are asked for in one piece, in their order. */
async function itemsOf(client: MemcachedServer, keys: readonly string[]): Promise<readonly TakenItem[]> {
  const items: TakenItem[] = [];
  await client.getEach(keys, (place, item) => {
    expect(place).toBe(items.length);
    items.push(item);
  });
  return items;
}

afterEach(() => {
  for (const client of opened.splice(0)) client.destroy();
});

describe.skipIf(lacks('memcached'))('the commands for a server', () => {
  let server: Server;
  let client: MemcachedServer;

  beforeAll(async () => {
    server = await startMemcached();
  });

  afterAll(() => server.stop());

  const connected = (): MemcachedServer => (client = clientOf(server));
  const textOf = async (key: string | Buffer): Promise<string | undefined> => (await client.get(key))?.value.toString();
  const casOf = async (key: string): Promise<WriteNumber> => (await client.get(key))!.cas;

  it('get and set', async () => {
    connected();
    expect(await client.get('get')).toBeUndefined();
    const written = await client.set('get', Buffer.from('first'), forEver);
    const item = await client.get('get');
    expect(item?.value).toEqual(Buffer.from('first'));
    expect(written).toEqual({ cas: item?.cas });
    expect(item?.cas.bytes).toHaveLength(8);
    expect(item?.cas.connection).toBe(1);
    await client.set('get', new Uint8Array([0, 255]), forEver);
    expect((await client.get('get'))?.value).toEqual(Buffer.of(0, 255));
    await client.set('get', Buffer.alloc(0), forEver);
    expect((await client.get('get'))?.value).toEqual(Buffer.alloc(0));
  });

  it('get many', async () => {
    connected();
    const long = 'k'.repeat(250);
    for (const key of ['many a', 'many b', long]) await client.set(key, Buffer.from(key), forEver);
    const items = await itemsOf(client, ['absent', 'many b', long, 'many a', 'many b', 'absent too']);
    const found = [undefined, 'many b', long, 'many a', 'many b', undefined];
    expect(items.map((item) => (item as Item | undefined)?.value.toString())).toEqual(found);
    expect((items[3] as Item).cas).toEqual((await client.get('many a'))?.cas);
    expect(await failureOf(itemsOf(client, ['many a', 'k'.repeat(251)]))).toMatchObject({ code: 'INVALID_CALL' });
  });

  it('set what nobody has touched meanwhile', async () => {
    connected();
    await client.get('cas');
    expect(await client.set('cas', Buffer.from('a'), { ...forEver, cas: other })).toBe('missing');
    await client.set('cas', Buffer.from('a'), forEver);
    expect(await client.set('cas', Buffer.from('b'), { ...forEver, cas: other })).toBe('exists');
    expect(await textOf('cas')).toBe('a');
    const written = await client.set('cas', Buffer.from('b'), { ...forEver, cas: await casOf('cas') });
    expect(written).toEqual({ cas: await casOf('cas') });
    expect(await textOf('cas')).toBe('b');
  });

  it('take no number for one that a server has counted after it was started anew', async () => {
    await using restarted = await startMemcached();
    await using own = { client: clientOf(restarted), [Symbol.asyncDispose]: () => own.client.close() };
    await own.client.set('cas', Buffer.from('before'), forEver);
    const { cas } = (await own.client.get('cas'))!;
    await restarted.restart();
    await expect.poll(() => own.client.get('cas').catch(() => 'failed')).toBeUndefined();
    await own.client.set('cas', Buffer.from('after'), forEver);
    const after = (await own.client.get('cas'))!;
    expect(after.cas.bytes).toEqual(cas.bytes);
    expect(await own.client.set('cas', Buffer.from('wrong'), { ...forEver, cas })).toBe('exists');
    expect(await own.client.delete('cas', cas)).toBe('exists');
    expect((await own.client.get('cas'))?.value.toString()).toBe('after');
  });

  it('add', async () => {
    connected();
    const added = await client.add('add', Buffer.from('a'), forEver);
    expect(added).toEqual({ cas: await casOf('add') });
    expect(await client.add('add', Buffer.from('b'), forEver)).toBe('exists');
    expect(await textOf('add')).toBe('a');
  });

  it('delete, and delete what nobody has touched meanwhile', async () => {
    connected();
    expect(await client.delete('delete')).toBe('missing');
    expect(await client.delete('delete', other)).toBe('missing');
    await client.set('delete', Buffer.from('a'), forEver);
    expect(await client.delete('delete', other)).toBe('exists');
    expect(await textOf('delete')).toBe('a');
    expect(await client.delete('delete', await casOf('delete'))).toBe('deleted');
    expect(await textOf('delete')).toBeUndefined();
    await client.set('delete', Buffer.from('b'), forEver);
    expect(await client.delete('delete')).toBe('deleted');
  });

  it('let items expire', async () => {
    connected();
    const now = Number((await client.stats()).get('time'));
    // Beyond 30 days it is a moment, and this one is over.
    await client.set('expires', Buffer.from('a'), { expires: now - 10 });
    expect(await client.get('expires')).toBeUndefined();
    for (const expires of [1_000, now + 1_000, 2 ** 32 - 1]) {
      await client.set('expires', Buffer.from('a'), { expires });
      expect(await textOf('expires')).toBe('a');
    }
    await client.add('expires soon', Buffer.from('a'), { expires: 1 });
    await expect.poll(() => textOf('expires soon'), { timeout: 5_000 }).toBeUndefined();
  });

  it.each(['get', 'set', 'add', 'delete'] as const)(
    '%s takes keys of 1 to 250 bytes, whatever they are',
    async (name) => {
      connected();
      const command = (key: string | Buffer): Promise<unknown> =>
        ({
          get: () => client.get(key),
          set: () => client.set(key, Buffer.from('a'), forEver),
          add: () => client.add(key, Buffer.from('a'), forEver),
          delete: () => client.delete(key),
        })[name]();
      await expect(command('x'.repeat(250))).resolves.not.toThrow();
      await expect(command(Buffer.from([0, 10, 13, 32, 128, 255]))).resolves.not.toThrow();
      for (const [key, length] of [
        ['', 0],
        ['x'.repeat(251), 251],
        ['ä'.repeat(126), 252],
        [Buffer.alloc(251), 251],
      ] as const) {
        const error = await failureOf(command(key));
        expect(error).toMatchObject({ code: 'INVALID_CALL' });
        expect(error.message).toBe(
          `MemcachedServer.${name}: expected a key of 1 to 250 bytes, got "${length} bytes". ` +
            `The server would hang up, or never answer.`,
        );
      }
      expect(client.connection).toBe(1);
    },
  );

  it.each([-1, 0.5, 2 ** 32, NaN, Infinity])('no lifetime of %s', async (expires) => {
    connected();
    for (const command of [client.set, client.add]) {
      const error = await failureOf(command.call(client, 'a', Buffer.from('a'), { expires }));
      expect(error).toMatchObject({ code: 'INVALID_CALL' });
      expect(error.message).toContain(`expected expires as an unsigned 32-bit integer, got ${String(expires)}.`);
    }
  });

  it('stats, of a group as well; an unknown group is an error', async () => {
    connected();
    expect((await client.stats()).get('version')).toMatch(/^1\./);
    expect((await client.stats('settings')).get('item_size_max')).toBe('1048576');
    const error = await failureOf(client.stats('unknown'));
    expect(error).toMatchObject({ code: 'SERVER_REPLY', status: 1, context: { command: 'stats' } });
    expect((await client.stats()).size).toBeGreaterThan(20);
  });

  it('a refusal says why, and the connection is as good as before', async () => {
    connected();
    const error = await failureOf(client.set('large', Buffer.alloc(2_000_000), forEver));
    expect(error).toMatchObject({ code: 'SERVER_REPLY', status: 3 });
    expect(error.message).toBe(`The memcached server ${client.name} refused set with status 3: Value too large.`);
    expect(await client.get('large')).toBeUndefined();
    expect(client.connection).toBe(1);
  });

  it('thousands at once are answered each with its own', async () => {
    connected();
    const keys = Array.from({ length: 5_000 }, (_, index) => `many ${index}`);
    await Promise.all(keys.map((key) => client.set(key, Buffer.from(`value of ${key}`), forEver)));
    expect(await Promise.all(keys.map(textOf))).toEqual(keys.map((key) => `value of ${key}`));
    expect(client.connection).toBe(1);
  });

  it('close, and no more', async () => {
    connected();
    const reading = client.get('close');
    await client.close();
    expect(await reading).toBeUndefined();
    for (const command of [() => client.get('a'), () => client.stats()]) {
      expect(await failureOf(command())).toMatchObject({ code: 'CLIENT_CLOSED' });
    }
  });

  it('a process that was busy for longer than the limit of silence reads the answer that is there', async () => {
    connected();
    client = clientOf(server, { silenceLimit: 50 });
    await client.set('busy', Buffer.from('a'), forEver);
    const answer = client.get('busy');
    await new Promise((resolve) => setImmediate(resolve));
    const end = performance.now() + 200;
    while (performance.now() < end);
    expect((await answer)?.value.toString()).toBe('a');
    expect(client.connection).toBe(1);
  });
});

describe('a server that refuses one of many GETs', () => {
  it('has its refusal in the place of that one', async () => {
    await using server = await startScriptedServer(({ key, answer }) => {
      if (key === 'refused') answer({ status: 0x82, value: 'Out of memory' });
      else if (key === 'absent') answer({ status: 0x01 });
      else answer({ value: key });
    });
    const items = await itemsOf(clientOf(server), ['a', 'refused', 'absent', 'b']);
    expect(items.map((item) => (item instanceof Error ? item.message : item?.value.toString()))).toEqual([
      'a',
      `The memcached server 127.0.0.1:${server.port} refused get with status 130: Out of memory.`,
      undefined,
      'b',
    ]);
  });
});

describe.skipIf(lacks('memcached'))('a server that is lost', () => {
  it('because it is frozen: it is asked again when it goes on', async () => {
    await using server = await startMemcached();
    const client = clientOf(server, { silenceLimit: 100 });
    await client.set('a', Buffer.from('a'), forEver);
    server.pause();
    expect(await firstFailure(() => client.get('a'))).toMatchObject({
      code: 'CONNECTION_LOST',
      context: { what: 'nothing came from the server for 100 ms, though it was asked' },
    });
    server.resume();
    expect((await client.get('a'))?.value.toString()).toBe('a');
  });

  it('because it was killed: who waits is told at once, and it is asked again when it is back', async () => {
    await using server = await startMemcached();
    const client = clientOf(server, { silenceLimit: 100 });
    const patient = clientOf(server, { silenceLimit: Infinity });
    await Promise.all([client.get('a'), patient.get('a')]);
    server.pause();
    await firstFailure(() => client.get('a'));
    const waiting = failureOf(patient.get('a'));
    await new Promise((resolve) => setImmediate(resolve));
    await server.kill();
    expect(await waiting).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await failureOf(client.get('a'))).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await server.restart();
    expect(await client.get('a')).toBeUndefined();
  });

  /** A signal takes a moment to arrive: until then the server answers. */
  async function firstFailure(attempt: () => Promise<unknown>): Promise<unknown> {
    for (;;) {
      try {
        await attempt();
      } catch (error) {
        return error;
      }
    }
  }
});

describe.skipIf(lacks('memcached') || lacks('saslpasswd2'))('a server that asks for a password', () => {
  let server: Server;

  beforeAll(async () => {
    server = await startMemcached({ sasl: { user: 'alice', password: 'sécret' } });
  });

  afterAll(() => server.stop());

  it('lets in who has it', async () => {
    const client = clientOf(server, { username: 'alice', password: 'sécret' });
    await client.set('a', Buffer.from('a'), forEver);
    expect((await client.get('a'))?.value.toString()).toBe('a');
    expect(client.connection).toBe(1);
  });

  it.each([
    ['a wrong password', { username: 'alice', password: 'wrong' }, 'the user "alice"'],
    ['an unknown name', { username: 'bob', password: 'sécret' }, 'the user "bob"'],
    ['a name without a password', { username: 'alice' }, 'the user "alice"'],
    ['neither', {}, 'a client without a name'],
  ])('refuses %s', async (_what, credentials, who) => {
    const client = clientOf(server, credentials);
    const errors = await Promise.all([failureOf(client.get('a')), failureOf(client.set('a', Buffer.of(1), forEver))]);
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'AUTHENTICATION_REFUSED' });
      expect(error.message).toContain(`does not let in ${who}: Auth failure. `);
    }
  });
});

describe.skipIf(lacks('memcached'))('a server without passwords', () => {
  it('refuses who has one, as it cannot look at it', async () => {
    await using server = await startMemcached();
    const error = await failureOf(clientOf(server, { username: 'alice', password: 'secret' }).get('a'));
    expect(error).toMatchObject({ code: 'AUTHENTICATION_REFUSED', context: { text: 'Unknown command' } });
  });
});
