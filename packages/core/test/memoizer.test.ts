import {
  CachedMethodFailedError,
  type CacheEvent,
  EncodedMethodNameAndArgsKeyExtractor,
  InvalidationSupport,
  LeastRecentlyUsedEvictionStrategy,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  type MemoizerOptions,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { turn } from './support/deferred.js';
import { counter, slowSource } from './support/source.js';

const minute = 60_000;

interface Subject<R extends string> {
  readonly clock: ManualClock;
  readonly storage: LocalInMemoryCacheStorage;
  readonly memo: Memoizer<R>;
  readonly events: CacheEvent[];
}

function subject<R extends string = never>(options: MemoizerOptions<R> = {}): Subject<R> {
  const clock = new ManualClock(1_000_000);
  const storage = new LocalInMemoryCacheStorage({ clock });
  const events: CacheEvent[] = [];
  const memo = new Memoizer<R>(storage, { clock, onEvent: (event) => events.push(event), ...options });
  return { clock, storage, memo, events };
}

async function keysIn(storage: LocalInMemoryCacheStorage): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of storage.entries()) keys.push(key);
  return keys;
}

describe('get', () => {
  it('loads once for all who ask meanwhile, and answers from the cache then', async () => {
    const { memo } = subject();
    const source = slowSource();
    const first = memo.get('home', source.call);
    const second = memo.get('home', () => 'another load');
    await turn();
    source.answer('page');
    expect(await Promise.all([first, second, memo.get('home', source.call)])).toEqual(['page', 'page', 'page']);
    expect(source.calls).toHaveLength(1);
    expect(memo.cacheInfo()).toMatchObject({ hits: 0, misses: 1, joins: 2, loads: 1 });
    expect(await memo.get('home', source.call)).toBe('page');
    expect(memo.cacheInfo()).toMatchObject({ hits: 1, misses: 1, joins: 2 });
  });

  it('calls the load with the arguments that it is given', async () => {
    const { memo } = subject();
    expect(await memo.get('sum', (a: number, b: number) => a + b, { args: [1, 2] })).toBe(3);
    expect(await memo.get('sum', (a: number, b: number) => a + b, { args: [5, 5] })).toBe(3);
  });

  it('answers without a load only with what is there, and waits for nobody', async () => {
    const { memo, clock } = subject({ updateAfter: '1 minute', expireAfter: '2 minutes' });
    expect(await memo.get('home')).toBeUndefined();
    const source = slowSource();
    const loading = memo.get('home', source.call);
    await turn();
    expect(await memo.get('home')).toBeUndefined();
    source.answer('page');
    await loading;
    expect(await memo.get('home')).toBe('page');
    await clock.advance('1 minute');
    expect(await memo.get('home')).toBe('page');
    await clock.advance('1 minute');
    expect(await memo.get('home')).toBeUndefined();
    expect(source.calls).toHaveLength(1);
    expect(memo.cacheInfo()).toMatchObject({ hits: 2, staleHits: 1, misses: 4, joins: 0 });
  });

  it.each([undefined, null, 0, '', false])('keeps %j as a value like any other', async (value) => {
    const { memo } = subject();
    let calls = 0;
    const load = (): unknown => {
      calls++;
      return value;
    };
    expect(await memo.get('nothing', load)).toBe(value);
    expect(await memo.get('nothing', load)).toBe(value);
    expect(await memo.exists('nothing')).toBe(true);
    expect(calls).toBe(1);
  });

  it('fails with what the load failed with, for everyone who waited, and keeps nothing', async () => {
    const { memo, storage } = subject();
    const source = slowSource();
    const waiting = [memo.get('home', source.call), memo.get('home', source.call)];
    await turn();
    source.fail(new Error('no page'));
    for (const call of waiting) {
      const error: unknown = await call.catch((caught: unknown) => caught);
      expect(error).toMatchObject({ key: '/:home', cause: { message: 'no page' } });
      expect(CachedMethodFailedError.isInstance(error)).toBe(true);
    }
    expect(storage.size).toBe(0);
  });

  it('treats a load that throws at once as one that failed', async () => {
    const { memo } = subject();
    const failing = memo.get('home', () => {
      throw new TypeError('at once');
    });
    await expect(failing).rejects.toMatchObject({ code: 'CACHED_METHOD_FAILED', cause: { message: 'at once' } });
  });

  it('refreshes behind the caller who finds an entry due for it', async () => {
    const { memo, clock } = subject({ updateAfter: '1 minute', expireAfter: '2 minutes' });
    const source = counter();
    await memo.get('home', source.call);
    await clock.advance('1 minute');
    expect(await memo.get('home', source.call)).toBe('value 1');
    await turn();
    expect(await memo.get('home', source.call)).toBe('value 2');
  });

  it('ends the wait of a caller whose signal fires', async () => {
    const { memo } = subject();
    const controller = new AbortController();
    const source = slowSource();
    const leaving = memo.get('home', source.call, { signal: controller.signal });
    await turn();
    controller.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    await expect(memo.get('home', undefined, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
  });

  it('says what is wrong with a call, by a rejection', async () => {
    const { memo } = subject({ regions: { short: {} } });
    const load = (): number => 1;
    await expect(memo.get(5 as never, load)).rejects.toThrow(
      'What is given as the key cannot be part of a key: a key is text that is not empty, got 5.',
    );
    await expect(memo.get('', load)).rejects.toMatchObject({ code: 'INVALID_KEY' });
    await expect(memo.get('k', 5 as never)).rejects.toThrow(
      'get: expected a function that loads the value, got 5. Write get(key, () => …).',
    );
    await expect(memo.get('k', load, { expireAftr: 5 } as object)).rejects.toThrow(`Did you mean 'expireAfter'?`);
    await expect(memo.get('k', load, { region: 'shrt' as 'short' })).rejects.toThrow(`Did you mean 'short'?`);
    await expect(memo.get('k', load, { etag: {} as string })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(memo.get('k', load, { maxAge: '5' })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(memo.get('k', load, { args: 5 as never })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(memo.get('k', load, { signal: {} as AbortSignal })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(memo.get('k', undefined, { refresh: true } as object)).rejects.toThrow(
      'get: expected a load to refresh with, got undefined. Write refresh(key, () => …).',
    );
    await expect(memo.get('k', load, 'short' as never)).rejects.toMatchObject({ code: 'INVALID_CALL' });
    expect(memo.cacheInfo()).toMatchObject({ misses: 0, loads: 0 });
  });

  it.each([null, 5, 'short', [], new Date(0), Object.create({ region: 'short' })])(
    'refuses %j instead of options',
    async (options) => {
      const { memo } = subject({ regions: { short: {} } });
      const calls = [
        memo.get('k', () => 1, options as never),
        memo.getMany(['k'], () => [1], options as never),
        memo.exists('k', options as never),
        memo.refresh('k', () => 1, options as never),
      ];
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'INVALID_CALL' });
    },
  );

  it('does not touch the storage for a caller who has left before', async () => {
    const { memo, storage } = subject();
    let looks = 0;
    const get = storage.get.bind(storage);
    Object.assign(storage, { peek: undefined, get: (key: string) => (looks++, get(key)) });
    const signal = AbortSignal.abort(new Error('before'));
    await expect(memo.get('k', () => 1, { signal })).rejects.toThrow('before');
    await expect(memo.get('k', undefined, { signal })).rejects.toThrow('before');
    expect(looks).toBe(0);
  });

  it('ends the wait of a caller whose signal fires while the storage is looked at', async () => {
    const { memo, storage } = subject();
    Object.assign(storage, { peek: undefined, get: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const looking = memo.get('k', undefined, { signal: controller.signal });
    await turn();
    controller.abort(new Error('gone'));
    await expect(looking).rejects.toThrow('gone');
  });

  it('answers without a load at once from a storage that can be peeked into', async () => {
    const { memo, storage } = subject();
    await memo.set('k', 1);
    storage.get = () => Promise.reject(new Error('not needed'));
    expect([await memo.get('k'), await memo.exists('k')]).toEqual([1, true]);
    expect(memo.cacheInfo()).toMatchObject({ hits: 1, storageFailures: 0 });
  });

  it('keeps keys apart whatever they look like', async () => {
    const { memo, storage } = subject();
    const keys = ['a', '(1)', '=a', ':a', 'a:b', 'a/b', '/', '\ud800', '\ud801', ' ', 'ä'];
    for (const key of keys) await memo.set(key, `of ${key}`);
    for (const key of keys) expect(await memo.get(key)).toBe(`of ${key}`);
    expect(storage.size).toBe(keys.length);
  });
});

describe('new Memoizer', () => {
  it('says what is wrong with its storage and its options', () => {
    const storage = new LocalInMemoryCacheStorage();
    expect(() => new Memoizer(new Map() as never)).toThrow(
      'new Memoizer: expected a CacheStorage with get, offer, release, got an object of class Map. ' +
        'Write new Memoizer(storage, options); storageOver(store) makes a storage of a Map, or anything like it.',
    );
    expect(() => new Memoizer(storage, { expireAfter: 'soon' })).toThrow(`'expireAfter'`);
    expect(() => new Memoizer(storage, { capacity: 0.5 })).toThrow(`'capacity'`);
    expect(() => new Memoizer(storage, { storage } as object)).toThrow(`'storage'`);
  });

  it('says by its name what happens', async () => {
    const { memo, events } = subject({ name: 'pages' });
    await memo.get('home', () => 1);
    await subject().memo.get('home', () => 1);
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(['pages']));
  });

  it('refuses a strategy that keeps the books of another storage, wherever that is said', async () => {
    const evictionStrategy = new LeastRecentlyUsedEvictionStrategy(2);
    const { memo } = subject({ evictionStrategy });
    const storage = new LocalInMemoryCacheStorage();
    const refusal = `'evictionStrategy'`;
    expect(() => new Memoizer(storage, { evictionStrategy })).toThrow(refusal);
    expect(() => memo.memoize(async () => 1, { name: 'f', storage, evictionStrategy })).toThrow(refusal);
    memo.regions.set('other' as never, { storage, evictionStrategy });
    await expect(memo.get('k', () => 1, { region: 'other' as never })).rejects.toThrow(refusal);
  });

  it('bounds the entries of a storage in this process, as a function does', async () => {
    const { memo, storage } = subject({ capacity: 2 });
    for (const key of ['a', 'b', 'c']) await memo.get(key, () => key);
    await turn();
    expect(await keysIn(storage)).toEqual(['/:b', '/:c']);
    expect(memo.cacheInfo()).toMatchObject({ capacity: 2, size: 2, evictions: 1 });
  });

  it('counts entries of regions and functions in one storage together', async () => {
    const { memo, storage } = subject({ capacity: 2, regions: { short: { expireAfter: '1 second' } } });
    const twice = memo.memoize(async (a: number) => a * 2, { name: 'twice' });
    await memo.get('a', () => 1);
    await memo.get('b', () => 1, { region: 'short' });
    await twice(1);
    await turn();
    expect(await keysIn(storage)).toEqual(['/:b', '/twice:(1)']);
  });

  it('lets a strategy of the user decide', async () => {
    const { memo, storage } = subject({ evictionStrategy: new LeastRecentlyUsedEvictionStrategy(2) });
    await memo.get('a', () => 1);
    await memo.get('b', () => 1);
    await memo.get('a', () => 1);
    await memo.get('c', () => 1);
    await turn();
    expect(await keysIn(storage)).toEqual(['/:a', '/:c']);
  });
});

describe('layers', () => {
  it('say what holds for a call: its own options, its region, the parents, the Memoizer', async () => {
    const { memo } = subject({
      expireAfter: '1 hour',
      regions: { short: { expireAfter: '1 minute' }, shorter: { parent: 'short', updateAfter: '10 seconds' } },
    });
    await memo.get('a', () => 1);
    await memo.get('b', () => 1, { region: 'short' });
    await memo.get('c', () => 1, { region: 'shorter' });
    await memo.get('d', () => 1, { region: 'shorter', expireAfter: '1 second' });
    await memo.get('e', () => 1, { region: 'shorter', expireAfter: null });
    const ttls = [];
    for (const key of ['a', 'b', 'c', 'd', 'e']) ttls.push(await memo.ttl(key));
    expect(ttls).toEqual([60 * minute, minute, minute, 1_000, Infinity]);
  });

  it('give namespaces, of which the inner replaces the outer (P5)', async () => {
    const { memo, storage } = subject({
      namespace: 'master',
      regions: { a: { namespace: 'a' }, b: { parent: 'a' }, bare: { namespace: null } },
    });
    await memo.get('key', () => 1);
    await memo.get('key', () => 2, { region: 'a' });
    expect(await memo.get('key', () => 3, { region: 'b' })).toBe(2);
    await memo.get('key', () => 4, { region: 'bare' });
    await memo.get('key', () => 5, { namespace: '2' });
    expect(await keysIn(storage)).toEqual(['master/:key', 'a/:key', '/:key', '2/:key']);
  });

  it('give storages (P6)', async () => {
    const second = new LocalInMemoryCacheStorage();
    const third = new LocalInMemoryCacheStorage();
    const { memo, storage } = subject({ regions: { secondary: { storage: second } } });
    await memo.get('key1', () => 1);
    await memo.get('key2', () => 1, { region: 'secondary' });
    await memo.get('key3', () => 1, { storage: third });
    expect([await keysIn(storage), await keysIn(second), await keysIn(third)]).toEqual([
      ['/:key1'],
      ['/:key2'],
      ['/:key3'],
    ]);
    expect(await memo.delete('key2')).toBe(false);
    expect(await memo.delete('key2', { region: 'secondary' })).toBe(true);
  });

  it('may change while the cache runs', async () => {
    const { memo } = subject<'short' | 'late'>({ regions: { short: { expireAfter: '1 minute' } } });
    const cached = memo.memoize(async (id: string) => id, { name: 'f', region: 'short' });
    await cached('a');
    expect(await cached.ttl(['a'])).toBe(minute);
    memo.regions.set('short', { expireAfter: '2 minutes' });
    memo.regions.set('late', { parent: 'short', namespace: 'late' });
    await cached.refresh('a');
    await memo.get('k', () => 1, { region: 'late' });
    expect([await cached.ttl(['a']), await memo.ttl('k', { region: 'late' })]).toEqual([2 * minute, 2 * minute]);
    memo.regions.set('default', { expireAfter: '5 minutes' });
    expect(() => Object.assign(memo.regions, { late: {} })).toThrow(TypeError);
    await memo.get('d', () => 1);
    expect(await memo.ttl('d')).toBe(5 * minute);
  });

  it('may say that there is no lock, not even that of the storage', async () => {
    const { memo, storage, events } = subject({ lock: null });
    const lock = (): never => {
      throw new Error('not wanted');
    };
    Object.assign(storage, { lease: undefined, lock });
    expect(await memo.get('k', () => 1)).toBe(1);
    expect(events.map(({ type }) => type)).toEqual(['miss', 'load-started', 'load-ended']);
  });

  it('share one load, whatever they say beside the key', async () => {
    const { memo } = subject({ regions: { short: { expireAfter: '1 minute' } } });
    const source = slowSource();
    const calls = [
      memo.get('k', source.call),
      memo.get('k', source.call, { region: 'short' }),
      memo.get('k', source.call, { expireAfter: '5 seconds', timeout: '1 second' }),
      memo.getMany(['k'], () => ['none']).then((values) => values.get('k')),
    ];
    await turn();
    source.answer('one');
    expect(await Promise.all(calls)).toEqual(['one', 'one', 'one', 'one']);
    expect(source.calls).toHaveLength(1);
  });

  it('hold for each call apart, though the same object is changed between them', async () => {
    const { memo } = subject();
    const options = { expireAfter: '1 minute' };
    await memo.get('a', () => 1, options);
    options.expireAfter = '2 minutes';
    await memo.get('b', () => 1, options);
    expect([await memo.ttl('a'), await memo.ttl('b')]).toEqual([minute, 2 * minute]);
  });

  it('hold for nothing but the call that says so, and are counted together', async () => {
    const { memo, storage } = subject({ regions: { short: { expireAfter: '1 minute' } } });
    await memo.get('a', () => 1, { expireAfter: '1 minute', namespace: 'n', maxAge: 0 });
    await memo.get('a', () => 2, { expireAfter: '1 minute' });
    expect(await memo.get('a', () => 3, { expireAfter: '1 minute' })).toBe(2);
    await memo.get('b', () => 1, { region: 'short' });
    expect(await keysIn(storage)).toEqual(['n/:a', '/:a', '/:b']);
    expect(memo.cacheInfo()).toMatchObject({ misses: 3, hits: 1 });
  });
});

describe('operations by key', () => {
  it('look at an entry and change it, in the region that they are told', async () => {
    const { memo, clock } = subject({ expireAfter: '1 hour', regions: { other: { namespace: 'other' } } });
    const inOther = { region: 'other' } as const;
    expect([await memo.exists('k'), await memo.ttl('k'), await memo.delete('k')]).toEqual([false, undefined, false]);
    await memo.set('k', 'here');
    await memo.set('k', 'there', inOther);
    expect([await memo.get('k'), await memo.get('k', undefined, inOther)]).toEqual(['here', 'there']);
    expect(await memo.expire('k', '10 seconds', inOther)).toBe(true);
    expect([await memo.ttl('k'), await memo.ttl('k', inOther)]).toEqual([60 * minute, 10_000]);
    expect(await memo.expireAt('k', '1970-01-01T01:00:00Z')).toBe(true);
    expect(await memo.ttl('k')).toBe(3_600_000 - clock.now());
    expect(await memo.expireAt('k', new Date(clock.now() + 5_000))).toBe(true);
    expect(await memo.ttl('k')).toBe(5_000);
    expect([await memo.expire('k', null), await memo.ttl('k')]).toEqual([true, Infinity]);
    expect([await memo.expireAt('k', 2_000_000), await memo.expireAt('k', null)]).toEqual([true, true]);
    expect(await memo.ttl('k')).toBe(Infinity);
    expect([await memo.delete('k', inOther), await memo.exists('k', inOther), await memo.exists('k')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('refuse a moment in seconds, which would be long ago', async () => {
    const { memo, clock } = subject();
    await clock.advance('20000 days');
    await memo.set('k', 1);
    const seconds = Math.round(clock.now() / 1_000) + 3_600;
    await expect(memo.expireAt('k', seconds)).rejects.toThrow(
      `expireAt: expected a moment within the last ten years, or a later one, got ${seconds}. ` +
        'A number is epoch milliseconds. If it counts seconds, write new Date(seconds * 1000).',
    );
    expect(await memo.exists('k')).toBe(true);
    expect(await memo.expireAt('k', new Date(seconds * 1_000))).toBe(true);
    expect(await memo.expireAt('k', new Date(0))).toBe(true);
    expect(await memo.exists('k')).toBe(false);
  });

  it('end the wait of a caller whose signal fires', async () => {
    const { memo } = subject();
    const gone = { signal: AbortSignal.abort(new Error('gone')) };
    const early = [
      memo.exists('k', gone),
      memo.ttl('k', gone),
      memo.set('k', 1, gone),
      memo.expire('k', null, gone),
      memo.delete('k', gone),
    ];
    for (const operation of early) await expect(operation).rejects.toThrow('gone');
    expect(await memo.exists('k')).toBe(false);
    const controller = new AbortController();
    const etag = (): Promise<string> => new Promise(() => undefined);
    const late = memo.exists('k', { etag, signal: controller.signal });
    controller.abort(new Error('gone'));
    await expect(late).rejects.toThrow('gone');
    await expect(memo.delete('k', { signal: 5 as never })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('do not bring back what has expired (mends P41)', async () => {
    const { memo, clock } = subject({ expireAfter: '1 second' });
    await memo.set('k', 1);
    await clock.advance('1 second');
    expect([await memo.expire('k', '1 hour'), await memo.expireAt('k', null)]).toEqual([false, false]);
    expect(await memo.exists('k')).toBe(false);
  });

  it('judge by what the call demands, also where they change something', async () => {
    const { memo } = subject();
    await memo.set('k', 1, { etag: 'a' });
    const other = { etag: 'b' };
    expect([await memo.expire('k', null, other), await memo.expireAt('k', null, other)]).toEqual([false, false]);
    expect(await memo.etag('k', other)).toBe('a');
    expect(await memo.get('k', undefined, other)).toBeUndefined();
    expect([await memo.expire('k', '5 minutes', { etag: 'a' }), await memo.ttl('k')]).toEqual([true, 5 * minute]);
  });

  it('that write begin in the turn in which they were asked for', async () => {
    const { memo, storage } = subject();
    const setting = memo.set('k', 1);
    expect(storage.peek('/:k')).toMatchObject({ value: 1 });
    await setting;
    const deleting = memo.delete('k');
    expect(storage.peek('/:k')).toBeUndefined();
    await deleting;
  });

  it('tell how long an entry will be there by what ends first: its lifetime, or what the storage says', async () => {
    const { memo, storage } = subject({ expireAfter: '1 minute' });
    await memo.set('k', 1);
    const ttls = [];
    for (const kept of [undefined, 2 * minute, 5_000, 0]) {
      Object.assign(storage, { ttl: () => kept });
      ttls.push(await memo.ttl('k'));
    }
    expect(ttls).toEqual([minute, minute, 5_000, 0]);
  });

  it('that need an ability name themselves where the storage lacks it', async () => {
    const { memo, storage } = subject();
    Object.assign(storage, { changeMoments: undefined });
    const needs = `needs a storage with 'changeMoments'`;
    await expect(memo.expire('k', 5)).rejects.toThrow(`expire() ${needs}`);
    await expect(memo.expireAt('k', 5)).rejects.toThrow(`expireAt() ${needs}`);
  });

  it('refresh for a caller who may leave', async () => {
    const { memo } = subject();
    const controller = new AbortController();
    const source = slowSource();
    const leaving = memo.refresh('k', source.call, { signal: controller.signal });
    await turn();
    controller.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    await expect(memo.refresh('k', source.call, { signal: {} as AbortSignal })).rejects.toThrow(
      `refresh: option 'signal'`,
    );
  });

  it('refresh, whatever there is', async () => {
    const { memo } = subject();
    await memo.get('k', () => 'old');
    expect(await memo.refresh('k', () => 'new')).toBe('new');
    expect(await memo.refresh('k', (a: string) => a, { args: ['newer'] })).toBe('newer');
    expect(await memo.get('k', () => 'newest', { refresh: true })).toBe('newest');
    expect(await memo.get('k')).toBe('newest');
    await expect(memo.refresh('k', undefined as never)).rejects.toMatchObject({ code: 'INVALID_CALL' });
  });

  it('clear the namespace, with the functions in it, and nothing else', async () => {
    const { memo, storage } = subject({ regions: { pages: { namespace: 'pages' } } });
    const bare = memo.memoize(async (id: string) => id, { name: 'f' });
    const inPages = memo.memoize(async (id: string) => id, { name: 'f', region: 'pages', capacity: 1 });
    const foreign = memoize(async (id: string) => id, { name: 'f', storage });
    await Promise.all([bare('a'), inPages('a'), foreign('a'), memo.set('k', 1), memo.set('k', 1, { region: 'pages' })]);
    await memo.clear({ region: 'pages' });
    expect(new Set(await keysIn(storage))).toEqual(new Set(['/f:a', 'f:a', '/:k']));
    await memo.clear();
    expect(await keysIn(storage)).toEqual(['f:a']);
  });
});

describe('a function of a Memoizer', () => {
  it('has operations that honour its own namespace, region and storage (mends P58)', async () => {
    const own = new LocalInMemoryCacheStorage();
    const { memo, storage } = subject({ regions: { long: { namespace: 'long', expireAfter: '1 hour' } } });
    const inRegion = memo.memoize(async (id: string) => id, { name: 'f', region: 'long' });
    const elsewhere = memo.memoize(async (id: string) => id, { name: 'f', storage: own, namespace: 'mine' });
    for (const cached of [inRegion, elsewhere]) {
      await cached('a');
      expect(await cached.exists(['a'])).toBe(true);
      expect(await cached.expire(['a'], '1 minute')).toBe(true);
      expect(await cached.ttl(['a'])).toBe(minute);
    }
    expect([await keysIn(storage), await keysIn(own)]).toEqual([['long/f:a'], ['mine/f:a']]);
    expect([await inRegion.delete(['a']), await elsewhere.delete(['a'])]).toEqual([true, true]);
    expect(storage.size + own.size).toBe(0);
  });

  it('lets one call choose another region', async () => {
    const { memo, storage } = subject({
      expireAfter: '1 hour',
      regions: { short: { namespace: 'short', expireAfter: '1 minute' } },
    });
    const cached = memo.memoize(async (id: string) => id, { name: 'f', region: 'short' });
    await cached('a');
    await cached.with({ region: null })('a');
    expect(await keysIn(storage)).toEqual(['short/f:a', '/f:a']);
    await cached.with({ region: 'default' })('a');
    expect(storage.size).toBe(2);
    expect(cached.cacheInfo()).toMatchObject({ misses: 2, hits: 1 });
    expect(() => memoize(async (id: string) => id).with({ region: 'short' } as object)).toThrow(`'region'`);
  });

  it('counts for itself, tells the listener of the Memoizer, and shows how it is cached', async () => {
    const { memo, events } = subject({ regions: { short: { expireAfter: '1 minute', maxAge: '30 seconds' } } });
    const cached = memo.memoize(async (id: string) => id, { name: 'f', region: 'short' });
    await cached('a');
    await cached('a');
    expect(cached.cacheInfo()).toMatchObject({ hits: 1, misses: 1 });
    expect(memo.cacheInfo()).toMatchObject({ hits: 0, misses: 0 });
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(['f']));
    expect(cached.cacheParameters()).toMatchObject({ name: 'f', expireAfter: minute, maxAge: 30_000, capacity: 4096 });
  });

  it('tells a listener of its own, by a name of its own', async () => {
    const { memo, events, storage } = subject();
    const own: CacheEvent[] = [];
    const cached = memo.memoize(async (id: string) => id, { name: 'f', onEvent: (event) => own.push(event) });
    await cached('a');
    expect(events).toEqual([]);
    expect(new Set(own.map(({ name }) => name))).toEqual(new Set(['f']));
    const key = new EncodedMethodNameAndArgsKeyExtractor({ name: 'nameless' });
    const anonymous = memo.memoize(async (id: string) => id, { key });
    await anonymous('a');
    expect(await keysIn(storage)).toEqual(['/f:a', 'nameless:a']);
    expect([anonymous.cacheParameters().name, events.at(-1)]).toMatchObject(['anonymous', { name: 'anonymous' }]);
  });

  it.each([{ capacity: 2 }, { evictionStrategy: new LeastRecentlyUsedEvictionStrategy(2) }])(
    'has bounds of its own where it says so: %j',
    async (bounds) => {
      const { memo, storage } = subject({ capacity: 3 });
      const cached = memo.memoize(async (id: string) => id, { name: 'f', ...bounds });
      for (const id of ['a', 'b', 'c']) await cached(id);
      for (const key of ['a', 'b', 'c', 'd']) await memo.get(key, () => key);
      await turn();
      expect(await keysIn(storage)).toEqual(['/f:b', '/f:c', '/:b', '/:c', '/:d']);
      expect([cached.cacheParameters().capacity, memo.cacheInfo().capacity]).toEqual([2, 3]);
    },
  );

  it('is reached by an invalidation', async () => {
    const invalidation = new InvalidationSupport<[id: string]>();
    const { memo } = subject({ namespace: 'pages' });
    const source = counter();
    const cached = memo.memoize((id: string) => source.call(id), { name: 'f', invalidation });
    await cached('a');
    await invalidation.invalidateForArguments(['a']);
    expect(await cached('a')).toBe('value 2');
  });

  it('is reached by an invalidation in every region that calls have chosen', async () => {
    const invalidation = new InvalidationSupport<[id: string]>();
    const { memo } = subject({ regions: { other: { namespace: 'other' } } });
    const source = counter();
    const cached = memo.memoize((id: string) => source.call(id), { name: 'f', invalidation });
    const inOther = cached.with({ region: 'other' });
    expect([await cached('a'), await inOther('a')]).toEqual(['value 1', 'value 2']);
    await invalidation.invalidateForArguments(['a']);
    expect([await cached('a'), await inOther('a')]).toEqual(['value 3', 'value 4']);
  });

  it('is refused where its name is no name, or somebody else has it', () => {
    const { memo } = subject();
    expect(() => memo.memoize(async () => 1)).toThrow(`'name'`);
    const named = async function named(): Promise<number> {
      return 1;
    };
    memo.memoize(named);
    expect(() =>
      memo.memoize(async function named() {
        return 2;
      }),
    ).toThrow(`'name'`);
    expect(() => memo.memoize(5 as never)).toThrow(
      'Memoizer.memoize: expected a function to be cached, got 5. Write memo.memoize(fn, options).',
    );
    expect(() => memo.memoize(named, { region: 'none' as never })).toThrow('none');
  });
});
