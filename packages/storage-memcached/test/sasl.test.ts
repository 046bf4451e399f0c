import { memoize, StorageDownError, type CacheEvent } from '@memo/core';
import { lacks, startMemcached, type Server } from '@memo/test-servers';
import { Client } from 'memjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MemcachedCacheStorage, type MemcachedServers, type MemjsClient } from '../src/index.js';
import { entryOf } from '../../serde/test/support/stored-entry.js';
import { failuresOf, worksAgain } from './support/failures.js';

const deadline = 300;
const sasl = { user: 'alice', password: 'p@ss:wörd, 100%' };
const { user: username, password } = sasl;

describe.skipIf(lacks('memcached') || lacks('saslpasswd2'))('a server that asks for a name and a password', () => {
  let server: Server;
  const opened: MemcachedCacheStorage[] = [];

  beforeAll(async () => {
    server = await startMemcached({ sasl });
  });

  afterEach(() => Promise.all(opened.splice(0).map((storage) => storage[Symbol.asyncDispose]())));

  afterAll(() => server.stop());

  const open = (servers: MemjsClient | MemcachedServers): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(servers, { deadline });
    opened.push(storage);
    return storage;
  };
  const address = (credentials: { username?: string; password?: string } = {}) => {
    return [{ host: server.host, port: server.port, ...credentials }];
  };
  const refused = (who: string, why: string, advice: string): string =>
    `The memcached server 127.0.0.1:${server.port} does not let in ${who}: ${why}. ${advice}`;

  it.each<[string, () => MemjsClient | MemcachedServers]>([
    ['in an address', () => address({ username, password })],
    ['in a text', () => `${username}:${encodeURIComponent(password)}@127.0.0.1:${server.port}`],
    ['in a client of memjs', () => Client.create(`127.0.0.1:${server.port}`, { username, password })],
  ])('lets in who has the right ones, %s', async (_where, servers) => {
    const storage = open(servers());
    expect(await storage.offer('key', entryOf('value'))).toBe('stored');
    expect((await storage.get('key'))?.value).toBe('value');
    expect(await storage.invalidate('key')).toBeGreaterThan(Date.now());
    await storage.offer('key', entryOf('value'));
    await storage.clear('');
    expect(await storage.get('key')).toBeUndefined();
  });

  it.each([
    ['the wrong password', { username, password: 'wrong' }, 'the user "alice"'],
    ['another name', { username: 'bob', password }, 'the user "bob"'],
  ])('refuses every operation of who has %s, and is not asked in vain then', async (_what, credentials, who) => {
    const storage = open(address(credentials));
    const message = refused(
      who,
      'Auth failure',
      'Check username and password, and that the server was started with SASL (-S) and the mechanism PLAIN.',
    );
    for (const cause of await failuresOf(storage)) expect(cause.message).toBe(message);
    for (const cause of await failuresOf(storage)) expect(StorageDownError.isInstance(cause)).toBe(true);
  });

  it('refuses every operation of who has none', async () => {
    const storage = open(address());
    const message = refused('a client without a name', 'Auth failure', 'Give its address a username and a password.');
    for (const cause of await failuresOf(storage)) expect(cause.message).toBe(message);
    for (const cause of await failuresOf(storage)) expect(StorageDownError.isInstance(cause)).toBe(true);
  });

  it('says the same to all who ask at once', async () => {
    const storage = open(address({ username, password: 'wrong' }));
    const asked = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => storage.get(String(index))));
    const messages = asked.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'answered'));
    for (const message of messages) expect(message).toContain('does not let in the user "alice": Auth failure.');
  });

  it('fails no call of a cached function that is not let in', async () => {
    const events: CacheEvent[] = [];
    const cached = memoize(async (id: string) => id, {
      ...{ name: 'load', storage: open(address({ username, password: 'wrong' })) },
      onEvent: (event) => void events.push(event),
    });
    for (let call = 0; call < 10; call++) expect(await cached('a')).toBe('a');
    expect(events.filter(({ type }) => type === 'load-ended').length).toBe(10);
    const failures = events.filter((event) => event.type === 'storage-failed');
    expect(failures.length).toBe(10);
    expect(failures[0]?.error.message).toContain('does not let in the user "alice"');
  });

  it('lets in again who was refused, once it is another one', async () => {
    const storage = open(address({ username, password: 'new' }));
    await failuresOf(storage);
    await server.kill();
    await using other = await startMemcached({ sasl: { ...sasl, password: 'new' }, port: server.port });
    await worksAgain(storage, 3_000);
    await other.stop();
    await server.restart();
    await failuresOf(storage);
  });

  it('may be one that asks for none: it says that it does not know how', async () => {
    await using harmless = await startMemcached();
    const storage = open([{ host: '127.0.0.1', port: harmless.port, username, password }]);
    for (const cause of await failuresOf(storage)) {
      expect(cause.message).toBe(
        `The memcached server 127.0.0.1:${harmless.port} does not let in the user "alice": Unknown command. ` +
          'Check username and password, and that the server was started with SASL (-S) and the mechanism PLAIN.',
      );
    }
  });
});
