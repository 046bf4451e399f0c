import { InvalidationSupport, memoize, StorageFailedError, type CacheEvent, type Memoized } from '@memo/core';
import { askMemcached, lacks, startMemcached, type Server } from '@memo/test-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JsonSerDe, MemcachedCacheStorage, MsgpackSerDe, type MemcachedCacheStorageOptions } from '../src/index.js';
import { SafeKeys } from '../src/safe-key.js';
import { failureOf } from '../../serde/test/support/stored-entry.js';

type Loading = Memoized<(id: string) => Promise<string>>;

describe.skipIf(lacks('memcached')).each([1, 3])('functions that share Memcached over %i servers', (count) => {
  let servers: readonly Server[];
  const opened: MemcachedCacheStorage[] = [];
  /** A storage as another process would have it. */
  const open = (options: MemcachedCacheStorageOptions = {}): MemcachedCacheStorage => {
    const storage = new MemcachedCacheStorage(servers.map(({ url }) => url).join(), options);
    opened.push(storage);
    return storage;
  };
  let loads = 0;
  const load = async (id: string): Promise<string> => `${id} ${++loads}`;
  const events: CacheEvent[] = [];
  const onEvent = (event: CacheEvent) => void events.push(event);
  const of = <T extends CacheEvent['type']>(type: T) =>
    events.filter((event): event is Extract<CacheEvent, { type: T }> => event.type === type);

  beforeAll(async () => {
    servers = await Promise.all(Array.from({ length: count }, () => startMemcached()));
  });

  beforeEach(async () => {
    await open().clear('');
    loads = 0;
    events.length = 0;
  });

  afterEach(() => Promise.all(opened.splice(0).map((storage) => storage[Symbol.asyncDispose]())));

  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it('find what the other loaded, deleted, and expired', async () => {
    const [one, other] = [
      memoize(load, { name: 'load', storage: open() }),
      memoize(load, { name: 'load', storage: open() }),
    ];
    expect([await one('a'), await other('a')]).toEqual(['a 1', 'a 1']);
    expect(await other.expire(['a'], '1 minute')).toBe(true);
    expect(await one.ttl(['a'])).toBeLessThanOrEqual(62_000);
    expect(await one.ttl(['a'])).toBeGreaterThan(50_000);
    expect(await other.expireAt(['a'], new Date(Date.now() + 600_000))).toBe(true);
    expect(await one.ttl(['a'])).toBeGreaterThan(590_000);
    expect(await one.expire(['a'], null)).toBe(true);
    expect(await other.ttl(['a'])).toBe(Infinity);
    expect([await one('a'), await other('a')]).toEqual(['a 1', 'a 1']);
    expect(await other.delete(['a'])).toBe(true);
    expect([await one.exists(['a']), await one.delete(['a']), await one.expire(['a'], 1_000)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await one('a')).toBe('a 2');
  });

  it('count hits, misses and joins, and answer many that ask at once with one load', async () => {
    const one = memoize(load, { name: 'load', storage: open(), onEvent });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => one(String(index % 4))));
    expect(new Set(answers).size).toBe(4);
    expect(loads).toBe(4);
    await Promise.all(Array.from({ length: 200 }, (_, index) => one(String(index % 4))));
    expect(one.cacheInfo()).toMatchObject({ hits: 200, misses: 4, joins: 196 });
    expect(of('storage-failed')).toEqual([]);
  });

  it('serve what is stale and refresh it behind the back of the caller, for the other, too', async () => {
    const options = { name: 'load', updateAfter: 0, expireAfter: '1 hour' } as const;
    const one = memoize(load, { ...options, storage: open(), onEvent });
    const other = memoize(load, { ...options, storage: open(), onEvent });
    expect(await one('a')).toBe('a 1');
    expect(await one('a')).toBe('a 1');
    await expect.poll(() => of('refreshed').length).toBe(1);
    expect(await other('a')).toBe('a 2');
    await expect.poll(() => of('refreshed').length).toBe(2);
    expect(await one('a')).toBe('a 3');
    await expect.poll(() => of('refreshed').length).toBe(3);
  });

  it('refresh when asked to', async () => {
    const [one, other] = [
      memoize(load, { name: 'load', storage: open() }),
      memoize(load, { name: 'load', storage: open() }),
    ];
    await one('a');
    expect(await other.refresh('a')).toBe('a 2');
    expect(await one('a')).toBe('a 2');
    await one.clear();
    expect(await other.refresh('a')).toBe('a 3');
    expect(await one('a')).toBe('a 3');
  });

  it('clear their own entries only', async () => {
    const storage = open();
    const one = memoize(load, { name: 'one', storage });
    const other = memoize(load, { name: 'one*', storage });
    const ids = ['a', 'b'.repeat(1_000), 'ключ с пробелом', '%'];
    for (const id of ids) await Promise.all([one(id), other(id)]);
    await other.clear();
    for (const id of ids) expect([await one.exists([id]), await other.exists([id])]).toEqual([true, false]);
    await one.clear();
    for (const id of ids) expect(await one.exists([id])).toBe(false);
  });

  it('decline a value that is too large, and serve the others the old one', async () => {
    let size = 10;
    const text = async (id: string): Promise<string> => id.repeat(size);
    const [one, other] = [
      memoize(text, { name: 'text', storage: open({ serde: new JsonSerDe() }), onEvent }),
      memoize(text, { name: 'text', storage: open({ serde: new JsonSerDe() }) }),
    ];
    expect(await one('x')).toBe('x'.repeat(10));
    size = 1_500_000;
    expect((await one.refresh('x')).length).toBe(size);
    expect(of('declined')).toMatchObject([{ name: 'text', key: 'text:x', why: 'storage' }]);
    expect(await other('x')).toBe('x'.repeat(10));
    expect(await one('x')).toBe('x'.repeat(10));
    expect((await one('y')).length).toBe(size);
    expect(await other.exists(['y'])).toBe(false);
    expect(of('declined').length).toBe(2);
    expect(of('storage-failed')).toEqual([]);
  });

  it('do not keep what cannot be kept, and say so', async () => {
    const one = memoize(async (id: string) => ({ id, call: () => id }), { name: 'one', storage: open(), onEvent });
    expect((await one('a')).call()).toBe('a');
    expect(of('declined')).toMatchObject([{ key: 'one:a', why: 'unstorable' }]);
    expect(await one.exists(['a'])).toBe(false);
  });

  it('load again what cannot be read, and say so', async () => {
    const one = memoize(load, { name: 'load', storage: open(), onEvent });
    await one('a');
    const name = new SafeKeys('memo').nameOf('load:a');
    for (const { port } of servers) await askMemcached(port, `replace ${name} 0 0 7`, 'garbage').catch(() => {});
    expect(await one('a')).toBe('a 2');
    const [event] = of('unreadable');
    expect(event).toMatchObject({ name: 'load', key: 'load:a' });
    expect(event?.error.message).toMatch(/^What is stored under key "load:a" cannot be read: /);
    expect(await one('a')).toBe('a 2');
    expect(of('storage-failed')).toEqual([]);
  });

  it('load again what another SerDe has written, and name both formats', async () => {
    await memoize(load, { name: 'load', storage: open({ serde: new JsonSerDe() }) })('a');
    const one = memoize(load, { name: 'load', storage: open({ serde: new MsgpackSerDe() }), onEvent });
    expect(await one('a')).toBe('a 2');
    expect(of('unreadable').map(({ error }) => error.message)).toEqual([
      'What is stored under key "load:a" cannot be read: The bytes cannot be read as an entry: they were written as ' +
        `'json', the SerDe of this storage reads 'msgpack'.`,
    ]);
  });

  it('are invalidated by one word, whatever server has the entries', async () => {
    const invalidation = new InvalidationSupport<[id: string]>();
    const storage = open();
    const functions = ['one', 'two', 'three', 'four'].map((name) => memoize(load, { name, storage, invalidation }));
    const others = ['one', 'two', 'three', 'four'].map((name) => memoize(load, { name, storage: open() }));
    const callAll = (all: typeof others) => Promise.all(all.map((one) => one('a')));
    const before = await callAll(functions);
    expect(await callAll(others)).toEqual(before);
    await invalidation.invalidateForArguments(['a']);
    for (const value of await callAll(others)) expect(before).not.toContain(value);
    expect(loads).toBe(8);
  });

  it('do not keep what was being loaded when it was deleted', async () => {
    let finish = (_value: string): void => {};
    const loading = new Promise<string>((resolve) => (finish = resolve));
    const one = memoize(() => loading, { name: 'slow', storage: open(), onEvent });
    const call = one();
    await expect.poll(() => of('load-started').length).toBe(1);
    expect(await one.delete([])).toBe(false);
    finish('late');
    expect(await call).toBe('late');
    expect(await one.exists([])).toBe(false);
    expect(of('declined')).toMatchObject([{ why: 'detached' }]);
  });

  it('load a cold key once, however many ask in how many processes', async () => {
    const functions = Array.from({ length: 8 }, () => memoize(load, { name: 'once', storage: open() }));
    for (let round = 1; round <= 10; round++) {
      const id = `cold ${round}`;
      const calls = functions.flatMap((one) => Array.from({ length: 20 }, () => one(id)));
      expect(new Set(await Promise.all(calls))).toEqual(new Set([`${id} ${round}`]));
    }
    expect(loads).toBe(10);
  });

  it.each([
    ['delete', (other: Loading) => other.delete(['a'])],
    ['clear', (other: Loading) => other.clear()],
    ['set', (other: Loading) => other.set(['a'], 'set')],
  ] as const)('keep nothing that one of them began to load before another did a %s', async (what, change) => {
    let finish!: (value: string) => void;
    const slow = () => new Promise<string>((resolve) => (finish = resolve));
    const [one, other] = [
      memoize((_id: string) => slow(), { name: 'late', storage: open(), onEvent }),
      memoize((id: string) => load(id), { name: 'late', storage: open() }),
    ];
    const call = one('a');
    await expect.poll(() => of('load-started').length).toBe(1);
    await change(other);
    finish('late');
    expect(await call).toBe('late');
    const left = what === 'set' ? 'set' : 'a 1';
    expect(await other('a')).toBe(left);
    expect(await one('a')).toBe(left);
  });

  it('answer in time when the servers are frozen, and an explicit delete says that it was not done', async () => {
    const cached = memoize(load, { name: 'frozen', storage: open({ deadline: 200 }), onEvent });
    await cached('a');
    for (const server of servers) server.pause();
    try {
      const started = performance.now();
      expect(await cached('b')).toBe('b 2');
      expect(performance.now() - started).toBeLessThan(600);
      expect(of('storage-failed').map(({ operation }) => operation)).toEqual(['get']);
      expect(StorageFailedError.isInstance(await failureOf(cached.delete(['a'])))).toBe(true);
    } finally {
      for (const server of servers) server.resume();
    }
    const deleted = (): Promise<unknown> =>
      cached.delete(['a']).then(
        () => 'deleted',
        () => 'failed',
      );
    await expect.poll(deleted).toBe('deleted');
    expect(await cached('a')).toBe('a 3');
  });
});

describe.skipIf(lacks('memcached'))('functions over a Memcached that numbers nothing', () => {
  it('are called each time and told why, unless they do without coordination', async () => {
    await using server = await startMemcached({ args: ['-C'] });
    await using storage = new MemcachedCacheStorage(server.url);
    let loads = 0;
    const events: CacheEvent[] = [];
    const onEvent = (event: CacheEvent) => void events.push(event);
    const load = async (): Promise<number> => ++loads;
    const coordinated = memoize(load, { name: 'coordinated', storage, onEvent });
    expect([await coordinated(), await coordinated()]).toEqual([1, 2]);
    const message = expect.stringContaining('gives items no CAS numbers, so that a lease could overwrite') as string;
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'storage-failed', error: expect.objectContaining({ message }) as unknown }),
    );
    const alone = memoize(load, { name: 'alone', storage, coordination: 'none' });
    expect([await alone(), await alone()]).toEqual([3, 3]);
  });
});
