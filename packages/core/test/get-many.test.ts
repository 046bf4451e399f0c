import {
  type CacheEntry,
  type CacheStorage,
  type LeaseRequest,
  type Lock,
  loadSignal,
  LocalInMemoryCacheStorage,
  Memoizer,
  StorageFailedError,
} from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { getEventListeners } from 'node:events';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { asAnotherProcess } from './originals/another-process.js';
import { deferred, turn } from './support/deferred.js';
import { slowSource } from './support/source.js';

/** A storage that others share and that answers later, so that all that is asked of it can be counted. */
class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
  override readonly deadline = 500 as never;
  override readonly peek = undefined as never;
  readonly asked: (readonly string[])[] = [];

  override get(key: string): Promise<CacheEntry | undefined> {
    this.asked.push([key]);
    return super.get(key);
  }

  override async getMany(keys: readonly string[]): Promise<readonly (CacheEntry | undefined)[]> {
    this.asked.push(keys);
    return Promise.all(keys.map((key) => super.get(key)));
  }
}

function subject(storage: CacheStorage = new SharedStorage(), clock = new ManualClock(1_000_000)) {
  const batches: (readonly string[])[] = [];
  const memo = new Memoizer(storage, { clock, jitter: 0, onEvent: () => undefined });
  const loadMany = async (keys: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    batches.push(keys);
    return new Map(keys.map((key) => [key, `value of ${key}`]));
  };
  return { clock, storage, memo, batches, loadMany };
}

describe('getMany', () => {
  it('looks at the storage once and loads what is absent once, in the order of the keys', async () => {
    const storage = new SharedStorage();
    const { memo, batches, loadMany } = subject(storage);
    await memo.set('b', 'known');
    storage.asked.length = 0;
    const values = await memo.getMany(['a', 'b', 'c', 'a'], loadMany);
    expect([...values]).toEqual([
      ['a', 'value of a'],
      ['b', 'known'],
      ['c', 'value of c'],
    ]);
    expect(storage.asked).toEqual([['/:a', '/:b', '/:c']]);
    expect(batches).toEqual([['a', 'c']]);
    expect(memo.cacheInfo()).toMatchObject({ hits: 1, misses: 2, joins: 0, loads: 2 });
    expect(await memo.get('c')).toBe('value of c');
  });

  it('asks a storage without that ability for each key', async () => {
    const inner = new SharedStorage();
    const { memo, batches, loadMany } = subject(
      Object.assign(Object.create(inner) as SharedStorage, { getMany: undefined }),
    );
    expect(await memo.getMany(['a', 'b'], loadMany)).toHaveProperty('size', 2);
    expect([inner.asked, batches]).toEqual([[['/:a'], ['/:b']], [['a', 'b']]]);
  });

  it('needs nothing for no keys', async () => {
    const storage = new SharedStorage();
    const { memo, batches, loadMany } = subject(storage);
    expect(await memo.getMany([], loadMany)).toEqual(new Map());
    expect([storage.asked, batches]).toEqual([[], []]);
  });

  it('gives without a load what is there, values that are undefined included', async () => {
    const { memo } = subject();
    await memo.set('a', undefined);
    await memo.set('b', 1);
    expect(await memo.getMany(['b', 'none', 'a'])).toEqual(
      new Map([
        ['b', 1],
        ['a', undefined],
      ]),
    );
    expect(memo.cacheInfo()).toMatchObject({ hits: 2, misses: 1 });
  });

  it('joins loads in flight, and is joined', async () => {
    const { memo, batches } = subject();
    const source = slowSource();
    const single = memo.get('a', source.call);
    await turn();
    const answer = deferred<string[]>();
    const many = memo.getMany(['a', 'b', 'c'], (keys) => {
      batches.push(keys);
      return answer.promise;
    });
    await turn();
    const joining = memo.getMany(['c', 'b', 'd'], (keys) => keys.map((key) => `own ${key}`));
    const joined = memo.get('b', source.call);
    await turn();
    expect(batches).toEqual([['b', 'c']]);
    answer.resolve(['B', 'C']);
    source.answer('A');
    expect(await single).toBe('A');
    expect([...(await many).values()]).toEqual(['A', 'B', 'C']);
    expect([...(await joining)]).toEqual([
      ['c', 'C'],
      ['b', 'B'],
      ['d', 'own d'],
    ]);
    expect(await joined).toBe('B');
    expect(source.calls).toHaveLength(1);
  });

  it('loads each key in one process, though several ask for several', async () => {
    const storage = new SharedStorage();
    const here = subject(storage);
    const there = subject(asAnotherProcess(storage), here.clock);
    const answer = deferred<undefined>();
    const slowly =
      ({ batches }: typeof here) =>
      async (keys: readonly string[]): Promise<string[]> => {
        batches.push(keys);
        await answer.promise;
        return keys.map((key) => `value of ${key}`);
      };
    const calls = [here.memo.getMany(['a', 'b'], slowly(here)), there.memo.getMany(['b', 'a', 'c'], slowly(there))];
    await turn();
    // It begins with what nobody else loads, and waits for the rest.
    expect([here.batches, there.batches]).toEqual([[['a', 'b']], [['c']]]);
    answer.resolve(undefined);
    await turn();
    await here.clock.advance('3 seconds');
    const [first, second] = await Promise.all(calls);
    expect([...first!.values(), ...second!.values()]).toEqual(
      ['a', 'b', 'b', 'a', 'c'].map((key) => `value of ${key}`),
    );
  });

  it('begins when the last of the leases has been granted', async () => {
    const storage = new SharedStorage();
    const slow = deferred<undefined>();
    const lease = storage.lease.bind(storage);
    storage.lease = (async (key: string, request: LeaseRequest) => {
      if (key === '/:b') await slow.promise;
      return lease(key, request);
    }) as never;
    const { memo, batches, loadMany } = subject(storage);
    const many = memo.getMany(['a', 'b', 'c'], loadMany);
    await turn();
    expect(batches).toEqual([]);
    slow.resolve(undefined);
    expect(await many).toHaveProperty('size', 3);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('waits for locks that are on their way, and for none that somebody holds', async () => {
    const clock = new ManualClock(1_000_000);
    const { memo, batches, loadMany } = subject(new LocalInMemoryCacheStorage(), clock);
    const held = deferred<boolean>();
    const lock = (key: string): Lock => ({
      acquire: () =>
        key === '/:held' ? held.promise : new Promise((resolve) => clock.setTimer(() => resolve(true), key.length)),
      release: async () => undefined,
    });
    const many = memo.getMany(['a', 'bcdef', 'held', 'gh'], loadMany, { lock });
    await clock.advance(10);
    expect(batches).toEqual([]);
    await clock.advance(10);
    expect(batches).toEqual([['a', 'bcdef', 'gh']]);
    held.resolve(true);
    expect(await many).toHaveProperty('size', 4);
    expect(batches).toEqual([['a', 'bcdef', 'gh'], ['held']]);
  });

  it('leaves no timer behind where locks are had at once', async () => {
    const clock = new ManualClock(1_000_000);
    const { memo, loadMany } = subject(new LocalInMemoryCacheStorage(), clock);
    const lock: Lock = { acquire: async () => true, release: async () => undefined };
    expect(await memo.getMany(['a', 'b'], loadMany, { lock })).toHaveProperty('size', 2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('that refreshes waits for no key that is being loaded', async () => {
    const { memo, batches, loadMany } = subject();
    const source = slowSource();
    const single = memo.get('a', source.call);
    await turn();
    const many = memo.getMany(['a', 'b', 'c'], loadMany, { refresh: true });
    await turn();
    expect(batches).toEqual([['b', 'c']]);
    source.answer('A');
    expect(await single).toBe('A');
    expect([...(await many).values()]).toEqual(['value of a', 'value of b', 'value of c']);
    expect(batches).toEqual([['b', 'c'], ['a']]);
  });

  it('leaves out a key for which there is an Error or nothing, and keeps the others', async () => {
    const { memo, storage } = subject();
    const asList = await memo.getMany(['a', 'b'], () => [new Error('no a'), 'B']);
    expect([...asList]).toEqual([['b', 'B']]);
    const asMap = await memo.getMany(['c', 'd'], () => new Map([['d', undefined]]));
    expect([...asMap]).toEqual([['d', undefined]]);
    expect([await storage.get('/:a'), await storage.get('/:c')]).toEqual([undefined, undefined]);
    // Where there was nothing, the source is well: the next one asks it at once.
    expect(await memo.get('c', () => 'later')).toBe('later');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('all of them');
      },
      'all of them',
    ],
    ['rejects', () => Promise.reject(new Error('all of them')), 'all of them'],
    ['gives too few', () => ['one'], 'getMany: expected a Map, or a list of 2 values or Errors, from loadMany'],
    ['gives no list', () => ({ a: 1 }) as never, 'getMany: expected a Map, or a list of 2 values or Errors'],
  ])('rejects where the load itself %s', async (_how, loadMany: () => string[] | Promise<string[]>, message) => {
    const { memo } = subject(new LocalInMemoryCacheStorage());
    await memo.set('b', 'known');
    const error: unknown = await memo.getMany(['a', 'b', 'c'], loadMany).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'CACHED_METHOD_FAILED', key: '/:a' });
    expect(String((error as Error).cause)).toContain(message);
    expect(await memo.getMany(['b'], loadMany)).toEqual(new Map([['b', 'known']]));
  });

  it('takes an error that once was of a single key for the failure of all, where it is that', async () => {
    const { memo } = subject(new LocalInMemoryCacheStorage());
    const notFound = new Error('not found');
    expect(await memo.getMany(['a'], () => [notFound])).toEqual(new Map());
    const failing = memo.getMany(['b'], () => {
      throw notFound;
    });
    await expect(failing).rejects.toMatchObject({ cause: notFound });
  });

  it('rejects where the load takes too long, and gives it up', async () => {
    const { memo, clock } = subject();
    let signal: AbortSignal | undefined;
    const slow = (): Promise<string[]> => {
      signal = loadSignal();
      return new Promise(() => undefined);
    };
    const call = memo.getMany(['a', 'b'], slow, { timeout: '1 second' }).catch((error: unknown) => error);
    await turn();
    expect(signal?.aborted).toBe(false);
    await clock.advance('1 second');
    expect(await call).toMatchObject({ cause: { code: 'LOAD_TIMEOUT' } });
    expect(signal?.aborted).toBe(true);
  });

  it('gives the load up when nobody waits for any of its keys any more', async () => {
    const { memo } = subject();
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    const slow = (): Promise<string[]> => {
      signal = loadSignal();
      return new Promise(() => undefined);
    };
    const call = memo.getMany(['a', 'b'], slow, { signal: controller.signal }).catch((error: unknown) => error);
    await turn();
    const other = new AbortController();
    const joined = memo.get('b', () => 'never', { signal: other.signal }).catch((error: unknown) => error);
    await turn();
    controller.abort(new Error('gone'));
    expect(await call).toMatchObject({ message: 'gone' });
    await turn();
    expect(signal?.aborted).toBe(false);
    other.abort(new Error('gone, too'));
    expect(await joined).toMatchObject({ message: 'gone, too' });
    await turn();
    expect(signal?.aborted).toBe(true);
  });

  it('loads all of them anew where that is asked for', async () => {
    const { memo, batches, loadMany } = subject();
    await memo.set('a', 'old');
    expect([...(await memo.getMany(['a', 'b'], loadMany, { refresh: true })).values()]).toEqual([
      'value of a',
      'value of b',
    ]);
    expect(batches).toEqual([['a', 'b']]);
    expect(await memo.get('a')).toBe('value of a');
  });

  it('asks functions among the options with each key', async () => {
    const { memo, batches, loadMany } = subject();
    const revisions = new Map([
      ['a', 1],
      ['b', 1],
    ]);
    const etag = async (key: string): Promise<number | undefined> => revisions.get(key);
    await memo.getMany(['a', 'b'], loadMany, { etag });
    revisions.set('b', 2);
    await memo.getMany(['a', 'b'], loadMany, { etag });
    expect(batches).toEqual([['a', 'b'], ['b']]);
    expect([await memo.etag('a'), await memo.etag('b')]).toEqual(['1', '2']);
  });

  it('refreshes what is due for it behind the caller, together', async () => {
    const { memo, clock, batches, loadMany } = subject();
    await memo.getMany(['a', 'b'], loadMany, { updateAfter: '1 minute' });
    await clock.advance('1 minute');
    expect(await memo.getMany(['a', 'b'], loadMany)).toHaveProperty('size', 2);
    await turn();
    expect(batches.slice(1)).toEqual([['a', 'b']]);
  });

  it('goes on without a storage that fails, with one event for each key', async () => {
    const clock = new ManualClock();
    const { memo, batches, loadMany } = subject(
      new ChaosStorage(new SharedStorage(), { getMany: 'fail' }, clock),
      clock,
    );
    const values = await memo.getMany(['a', 'b'], loadMany);
    expect([...values.values()]).toEqual(['value of a', 'value of b']);
    expect(memo.cacheInfo()).toMatchObject({ storageFailures: 2 });
    expect(batches).toEqual([['a', 'b']]);
  });

  it('does not charge the keys of quick servers with the time of a slow one', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    storage.getMany = async (keys) => {
      // It ends in time by itself, in the last moment, with what the servers have answered that are well.
      await new Promise<void>((resolve) => clock.setTimer(resolve, 500));
      return keys.map((_key, index) =>
        index === 0 ? (new StorageFailedError('getMany', 'a', 'frozen') as never) : undefined,
      );
    };
    const { memo, batches, loadMany } = subject(storage, clock);
    const many = memo.getMany(['a', 'b'], loadMany);
    await clock.advance('500 ms');
    expect([...(await many).values()]).toEqual(['value of a', 'value of b']);
    expect(batches).toEqual([['a', 'b']]);
    expect(memo.cacheInfo()).toMatchObject({ storageFailures: 1 });
    expect([await storage.get('/:a'), (await storage.get('/:b'))?.value]).toEqual([undefined, 'value of b']);
  });

  it('takes a single key that cannot be read for absent', async () => {
    const storage = new SharedStorage();
    await storage.offer('/:a', { value: 'A', created: 0, updateAfter: Infinity, expiresAfter: Infinity });
    const honest = storage.getMany.bind(storage);
    storage.getMany = async (keys) =>
      (await honest(keys)).map((entry, index) => (index === 1 ? (new Error('bad') as never) : entry));
    const { memo, batches, loadMany } = subject(storage);
    expect([...(await memo.getMany(['a', 'b'], loadMany)).values()]).toEqual(['A', 'value of b']);
    expect(batches).toEqual([['b']]);
  });

  it.each([null, 'text', [], [undefined], {}])('survives a storage that answers %j', async (answer) => {
    const storage = new SharedStorage();
    storage.getMany = async () => answer as never;
    const { memo, batches, loadMany } = subject(storage);
    expect(await memo.getMany(['a', 'b'], loadMany)).toHaveProperty('size', 2);
    expect(batches).toEqual([['a', 'b']]);
  });

  it("leaves out what failed for one key, also for those who want the function's own errors", async () => {
    const { memo } = subject();
    const gone = new Error('gone');
    const loadMany = (keys: readonly string[]): (string | Error)[] => keys.map((key) => (key === 'b' ? gone : key));
    expect([...(await memo.getMany(['a', 'b'], loadMany, { errors: 'original' })).keys()]).toEqual(['a']);
  });

  it('finds an etag once for each key, though a key comes twice', async () => {
    const { memo, loadMany } = subject();
    const asked: string[] = [];
    const etag = async (key: string): Promise<string> => {
      asked.push(key);
      return `of ${key}`;
    };
    await memo.getMany(['a', 'b', 'a'], loadMany, { etag });
    expect(asked).toEqual(['a', 'b']);
    expect(await memo.etag('a')).toBe('of a');
  });

  it('leaves nothing unhandled where one key is wrong and the etag of another cannot be found', async () => {
    const { memo, loadMany } = subject();
    const etag = (): Promise<string> => Promise.reject(new Error('no revision'));
    await expect(memo.getMany(['a', ''], loadMany, { etag })).rejects.toMatchObject({ code: 'INVALID_KEY' });
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('without a load ends with the signal, too, and leaves nobody listening to it', async () => {
    const storage = new SharedStorage();
    const { memo, loadMany } = subject(storage);
    const controller = new AbortController();
    const { signal } = controller;
    await memo.getMany(['a', 'b'], loadMany, { signal });
    await memo.getMany(['a', 'b'], undefined, { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    storage.getMany = () => new Promise(() => undefined);
    const looking = memo.getMany(['a', 'b'], undefined, { signal });
    await turn();
    controller.abort(new Error('gone'));
    await expect(looking).rejects.toThrow('gone');
  });

  it('listens to a signal once, however many keys there are', async () => {
    const { memo, loadMany } = subject();
    const warnings: Error[] = [];
    const listener = (warning: Error): number => warnings.push(warning);
    process.on('warning', listener);
    const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`);
    await memo.getMany(keys, loadMany, { signal: new AbortController().signal });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listener);
    expect(warnings).toEqual([]);
  });

  it('ends with the signal while an etag is looked for', async () => {
    const { memo, loadMany, batches } = subject();
    const controller = new AbortController();
    const etag = (): Promise<string> => new Promise(() => undefined);
    const many = memo.getMany(['a'], loadMany, { etag, signal: controller.signal });
    await turn();
    controller.abort(new Error('gone'));
    await expect(many).rejects.toThrow('gone');
    expect(batches).toEqual([]);
  });

  it('without a load leaves out what does not meet the demands', async () => {
    const { memo, clock } = subject();
    await memo.set('a', 1, { etag: 'a' });
    await memo.set('b', 2, { etag: 'other' });
    expect([...(await memo.getMany(['a', 'b'], undefined, { etag: (key) => key })).keys()]).toEqual(['a']);
    await clock.advance(10);
    expect(await memo.getMany(['a', 'b'], undefined, { maxAge: 10 })).toEqual(new Map());
  });

  it('waits a little longer than the deadline for what a storage has got together by then', async () => {
    const storage = new SharedStorage();
    const { memo, clock } = subject(storage);
    await memo.set('a', 1);
    const { getMany } = storage;
    storage.getMany = async (keys) => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 550));
      return getMany.call(storage, keys);
    };
    const many = memo.getMany(['a']);
    await clock.advance(550);
    expect(await many).toEqual(new Map([['a', 1]]));
    expect(clock.pendingTimers).toBe(0);
  });

  it('says what is wrong with a call', async () => {
    const { memo, loadMany } = subject();
    await expect(memo.getMany(['a', 5 as never], loadMany)).rejects.toMatchObject({ code: 'INVALID_KEY' });
    await expect(memo.getMany(5 as never, loadMany)).rejects.toThrow(
      `getMany: expected a list of keys, got 5. Write getMany(['a', 'b'], …).`,
    );
    await expect(memo.getMany('ab' as never, loadMany)).rejects.toThrow('getMany: expected a list of keys, got "ab".');
    await expect(memo.getMany(['a'], 5 as never)).rejects.toThrow(
      'getMany: expected a function that loads the values of several keys, got 5. Write getMany(keys, (absent) => …).',
    );
    await expect(memo.getMany(['a'], loadMany, { signal: {} as AbortSignal })).rejects.toThrow(
      `getMany: option 'signal'`,
    );
    await expect(memo.getMany(['a'], loadMany, { refresh: 5 as never })).rejects.toThrow(`getMany: option 'refresh'`);
    await expect(memo.getMany(['a'], loadMany, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
  });
});
