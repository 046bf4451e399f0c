import {
  DefaultInMemoryCacheConfiguration,
  InvalidCallError,
  InvalidOptionError,
  LocalInMemoryCacheStorage,
  memoize,
  NotConfiguredCacheCalledError,
  MutableCacheConfiguration,
  type MemoizeOptions,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { counter } from './support/source.js';

const fetchUser = async (id: string): Promise<string> => `user ${id}`;

describe('memoize', () => {
  it('keeps the name, the length and the original of the function', () => {
    const cached = memoize(fetchUser);
    expect([cached.name, cached.length, cached.wrapped]).toEqual(['fetchUser', 1, fetchUser]);
  });

  it('works without options, with options and with a configuration alone', async () => {
    const configuration = new DefaultInMemoryCacheConfiguration();
    for (const cached of [memoize(fetchUser), memoize(fetchUser, {}), memoize(fetchUser, { configuration })]) {
      expect(await cached('1')).toBe('user 1');
      expect(await cached.exists(['1'])).toBe(true);
    }
  });

  it('keeps functions apart that share a configuration', async () => {
    const configuration = new DefaultInMemoryCacheConfiguration();
    const name = memoize(async (id: string) => `name of ${id}`, { configuration });
    const price = memoize(async (id: string) => `price of ${id}`, { configuration });
    expect([await name('1'), await price('1')]).toEqual(['name of 1', 'price of 1']);
  });

  it('tells the empty text from no argument, and caches both', async () => {
    const cached = memoize(async (text = 'none') => `<${text}>`);
    expect([await cached(''), await cached(), await cached('')]).toEqual(['<>', '<none>', '<>']);
    expect(cached.cacheInfo()).toMatchObject({ hits: 1, misses: 2 });
  });

  it('calls the function anew in each cache of its own', async () => {
    const source = counter();
    expect([await memoize(source.call)(), await memoize(source.call)()]).toEqual(['value 1', 'value 2']);
  });

  it('says what it was given instead of a function', () => {
    const wrap = memoize as (fn: unknown) => unknown;
    for (const [fn, shown] of [
      [undefined, 'undefined'],
      [42, '42'],
      ['text', '"text"'],
      [{}, 'an object of class Object'],
      [Promise.resolve(), 'an object of class Promise'],
    ] as const) {
      expect(() => wrap(fn)).toThrow(
        `memoize: expected a function to be cached, got ${shown}. Write memoize(fn, options).`,
      );
      expect(() => wrap(fn)).toThrow(InvalidCallError);
    }
  });
});

describe('wrong options', () => {
  const wrongOptions: readonly [title: string, options: object, message: string][] = [
    [
      'an unknown one',
      { expiresAfter: '1 hour' },
      `memoize: option 'expiresAfter' should be left out, since there is no such option, got "1 hour". Did you mean 'expireAfter'?`,
    ],
    [
      'capacity: -1',
      { capacity: -1 },
      `memoize: option 'capacity' should be a whole number from 0 on, or null for no bound, got -1.`,
    ],
    [
      'capacity: NaN',
      { capacity: NaN },
      `memoize: option 'capacity' should be a whole number from 0 on, or null for no bound, got NaN.`,
    ],
    [
      'a capacity beside a strategy',
      { capacity: 1, evictionStrategy: new DefaultInMemoryCacheConfiguration().evictionStrategy },
      `memoize: option 'capacity' should be left out where 'evictionStrategy' is given, got 1. Give the capacity to the strategy.`,
    ],
    [
      'updateAfter later than expireAfter',
      { updateAfter: '2 minutes', expireAfter: '1 minute' },
      `memoize: option 'updateAfter' should be no longer than expireAfter (60000 ms), got 120000. ` +
        `An entry that has expired is never refreshed in the background; leave updateAfter out if none should be.`,
    ],
    [
      'a storage that is none',
      { storage: new Map() },
      `memoize: option 'storage' should be a CacheStorage with get, offer, release, got an object of class Map.`,
    ],
    ['a name that is empty', { name: '' }, `memoize: option 'name' should be a text that is not empty, got "".`],
    [
      'a key that is none',
      { key: 5 },
      `memoize: option 'key' should be a template such as 'user:{0.id}', or a function of the arguments, or a KeyExtractor with formatKey, got 5.`,
    ],
    ['errors', { errors: 'none' }, `memoize: option 'errors' should be 'wrapped' or 'original', got "none".`],
    [
      'onStorageError',
      { onStorageError: true },
      `memoize: option 'onStorageError' should be 'bypass' or 'throw', got true.`,
    ],
    [
      'onEvent',
      { onEvent: {} },
      `memoize: option 'onEvent' should be a function of an event, got an object of class Object.`,
    ],
    [
      'a configuration with a part too few',
      { configuration: {} },
      `memoize: option 'configuration.configured' should be true or false, got undefined.`,
    ],
    [
      'a configuration beside a part of it',
      { configuration: new DefaultInMemoryCacheConfiguration(), timeout: 1 },
      `memoize: option 'timeout' should be left out where 'configuration' is given, which has that part already, got 1. ` +
        `Set it on the configuration; MutableCacheConfiguration.initializedWith(configuration) makes one to be changed.`,
    ],
  ];
  it.each(wrongOptions)('%s', (_, options, message) => {
    const wrap = () => memoize(fetchUser, options as MemoizeOptions<[id: string]>);
    expect(wrap).toThrow(InvalidOptionError);
    expect(wrap).toThrow(message);
  });

  it('timeout: NaN and expireAfter in words that are none', () => {
    expect(() => memoize(fetchUser, { timeout: NaN })).toThrow(/^memoize: option 'timeout' should be .*, got NaN\./);
    expect(() => memoize(fetchUser, { expireAfter: '10 minuets' as string })).toThrow(
      /^memoize: option 'expireAfter' should be .*, got "10 minuets"\. .*did you mean '10 minutes'\?/,
    );
  });

  it('options that are no object', () => {
    expect(() => memoize(fetchUser, '1 hour' as unknown as object)).toThrow(
      'memoize: expected an object of options, got "1 hour".',
    );
  });
});

describe('names in a storage of the user', () => {
  it('two functions under one implicit name are refused, one function twice is not', () => {
    const storage = new LocalInMemoryCacheStorage();
    memoize(fetchUser, { storage });
    memoize(fetchUser, { storage });
    const other = { fetchUser: async (id: string) => `other ${id}` }.fetchUser;
    expect(() => memoize(other, { storage })).toThrow(
      `memoize: option 'name' should be another, because another function in this storage has the keys "fetchUser:" already, got "fetchUser". ` +
        `Give each function a name of its own; where they shall share entries, give both the same one.`,
    );
    expect(() => memoize(other, { storage, name: 'fetchUser' })).toThrow(InvalidOptionError);
    expect(() => memoize(other, { storage, name: 'other' })).not.toThrow();
    expect(() => memoize(other, { storage, namespace: 'app' })).not.toThrow();
  });

  it('functions that were both given one name share their entries', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const first = memoize(async () => 'first', { storage, name: 'shared' });
    const second = memoize(async () => 'second', { storage, name: 'shared' });
    expect([await first(), await second()]).toEqual(['first', 'first']);
  });

  it('an anonymous function needs one', () => {
    expect(() => memoize(() => 1, { storage: new LocalInMemoryCacheStorage() })).toThrow(
      `memoize: option 'name' should be given, because an anonymous function on a storage of its user needs one, got undefined. ` +
        `Processes and restarts know a function in the storage by its name.`,
    );
  });

  it('functions with names that begin alike do not clear each other', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const user = memoize(fetchUser, { storage, name: 'user' });
    const users = memoize(fetchUser, { storage, name: 'user:all' });
    await Promise.all([user('1'), users('1')]);
    await user.clear();
    expect([await user.exists(['1']), await users.exists(['1'])]).toEqual([false, true]);
  });
});

describe('operations', () => {
  it('tell and change the lifetime of an entry', async () => {
    const clock = new ManualClock(1_700_000_000_000);
    const cached = memoize(fetchUser, { expireAfter: '10 minutes', clock });
    expect([await cached.exists(['1']), await cached.ttl(['1']), await cached.expire(['1'], 5)]).toEqual([
      false,
      undefined,
      false,
    ]);
    await cached('1');
    expect([await cached.exists(['1']), await cached.ttl(['1'])]).toEqual([true, 600_000]);
    expect(await cached.expire(['1'], '10 seconds')).toBe(true);
    expect(await cached.ttl(['1'])).toBe(10_000);
    expect(await cached.expire(['1'], '1 hour')).toBe(true);
    expect(await cached.ttl(['1'])).toBe(3_600_000);
    expect(await cached.expireAt(['1'], new Date(1_700_000_001_000))).toBe(true);
    expect(await cached.ttl(['1'])).toBe(1_000);
    expect(await cached.expire(['1'], null)).toBe(true);
    expect(await cached.ttl(['1'])).toBe(Infinity);
    await clock.advance('365 days');
    expect([await cached('1'), await cached.ttl(['1'])]).toEqual(['user 1', Infinity]);
    expect(await cached.expireAt(['1'], 1_699_999_999_999)).toBe(true);
    expect(await cached.exists(['1'])).toBe(false);
    expect(await cached.expire(['1'], '1 hour')).toBe(false);
  });

  it('are no hits', async () => {
    const cached = memoize(fetchUser);
    await cached('1');
    await cached.exists(['1']);
    await cached.ttl(['1']);
    expect(cached.cacheInfo()).toMatchObject({ hits: 0, misses: 1 });
  });

  it('remove expired entries, of this function only, and say how many', async () => {
    const clock = new ManualClock();
    const storage = new LocalInMemoryCacheStorage();
    const short = memoize(fetchUser, { storage, name: 'short', expireAfter: '1 minute', clock });
    const brief = memoize(fetchUser, { storage, name: 'brief', expireAfter: '1 minute', clock });
    await Promise.all([short('1'), short('2'), brief('1')]);
    await clock.advance('1 minute');
    await short('3');
    expect(await short.removeExpired()).toBe(2);
    expect(storage.size).toBe(2);
  });

  it('of a function whose keys cannot be told from others leave the others alone', async () => {
    const clock = new ManualClock();
    const storage = new LocalInMemoryCacheStorage();
    const other = memoize(fetchUser, { storage, name: 'other', expireAfter: '1 minute', clock });
    const scopeless = { formatKey: (_: unknown, args: readonly unknown[]) => `user ${String(args[0])}` };
    const cached = memoize(fetchUser, { storage, key: scopeless, expireAfter: '1 minute', clock });
    await Promise.all([other('1'), cached('1')]);
    await clock.advance('1 minute');
    for (const operation of ['clear', 'removeExpired'] as const) {
      await expect(cached[operation]()).rejects.toThrow(
        `${operation}() needs a KeyExtractor with 'scope'. Give it one, or clear the storage itself.`,
      );
    }
    expect(storage.size).toBe(2);
    const alone = memoize(fetchUser, { key: scopeless });
    await alone('1');
    await alone.clear();
    expect(await alone.exists(['1'])).toBe(false);
  });

  it('say what is wrong with an address', async () => {
    const cached = memoize(fetchUser);
    await expect(cached.delete('1' as unknown as [string])).rejects.toThrow(
      `delete: expected the arguments of a call as an array, got "1". Write delete(['42']).`,
    );
    await expect(cached.expireAt(['1'], new Date(NaN))).rejects.toThrow(
      `expireAt: expected a Date, epoch milliseconds or ISO 8601 text such as '2026-11-21T10:15:00Z', ` +
        'got an object of class Date. The Date is invalid.',
    );
    await expect(cached.expire(['1'], -5)).rejects.toThrow(InvalidOptionError);
  });

  it('tell how the function is cached, frozen', async () => {
    const cached = memoize(fetchUser, { updateAfter: '2 minutes', expireAfter: '10 minutes', capacity: 5_000 });
    const parameters = cached.cacheParameters();
    expect(parameters).toEqual({
      name: 'fetchUser',
      capacity: 5_000,
      timeout: 120_000,
      updateAfter: 120_000,
      expireAfter: 600_000,
      retries: 0,
      negative: false,
      staleIfError: 0,
      disposes: false,
      errors: 'wrapped',
      onStorageError: 'bypass',
      coordination: 'lease',
      leaseTime: 3_000,
      waitLimit: 120_000,
      onWaitLimit: 'compute',
      jitter: undefined,
    });
    expect([Object.isFrozen(parameters), Object.isFrozen(cached.cacheInfo())]).toEqual([true, true]);
    expect(memoize(fetchUser).cacheParameters()).toMatchObject({
      capacity: 4_096,
      updateAfter: 600_000,
      expireAfter: 1_800_000,
    });
  });
});

describe('a configuration', () => {
  it('that is not configured fails every call until it is, and keeps its entries (M10, M73)', async () => {
    const configuration = MutableCacheConfiguration.initializedWith(new DefaultInMemoryCacheConfiguration());
    const source = counter();
    const cached = memoize(source.call, { configuration, name: 'late' });
    await cached();
    configuration.setConfigured(false);
    await expect(cached()).rejects.toThrow(
      'The cached function "late" was called while its configuration says configured = false. ' +
        'Call setConfigured(true) once the configuration is complete.',
    );
    await expect(cached.refresh()).rejects.toSatisfy((error) => NotConfiguredCacheCalledError.isInstance(error));
    configuration.setConfigured(true);
    expect(await cached()).toBe('value 1');
  });

  it('a call that cannot be named by a key fails as it is, and is not counted', async () => {
    const cached = memoize((ask: () => void) => ask());
    await expect(cached(() => {})).rejects.toMatchObject({ code: 'INVALID_KEY' });
    const { hits, misses, joins } = cached.cacheInfo();
    expect([hits, misses, joins]).toEqual([0, 0, 0]);
  });
});
