import {
  InMemoryUpdateStatuses,
  LeastRecentlyUpdatedEvictionStrategy,
  LeastRecentlyUsedEvictionStrategy,
  LocalInMemoryCacheStorage,
  memoize,
  memoized,
  memoizedMethod,
  MissingAbilityError,
  StorageFailedError,
  type CacheEntry,
  type CacheStorage,
  type OfferResult,
} from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';

const quiet = { onEvent: () => {} };

describe('a table of loads in flight that the user gives', () => {
  it('keeps functions with storages of their own apart', async () => {
    const updateStatuses = new InMemoryUpdateStatuses();
    const name = memoize(async (id: string) => `name ${id}`, { updateStatuses });
    const price = memoize(async (id: string) => `price ${id}`, { updateStatuses });
    expect(await Promise.all([name('1'), price('1')])).toEqual(['name 1', 'price 1']);
  });

  it('keeps objects apart', async () => {
    class Secrets {
      readonly owner: string;
      constructor(owner: string) {
        this.owner = owner;
      }
      @memoized({ updateStatuses: new InMemoryUpdateStatuses() })
      async find(id: string): Promise<string> {
        await turn();
        return `${this.owner} ${id}`;
      }
    }
    expect(await Promise.all([new Secrets('a').find('1'), new Secrets('b').find('1')])).toEqual(['a 1', 'b 1']);
  });

  it('lets those go who waited longer than its lock timeout, with key and cause (mends M63)', async () => {
    const clock = new ManualClock();
    const updateStatuses = new InMemoryUpdateStatuses({ lockTimeout: '1 minute', clock });
    const source = slowSource();
    const cached = memoize(source.call, { updateStatuses, timeout: '5 minutes', clock });
    const leader = cached('a');
    const follower = cached('a').catch((error: unknown) => error);
    await clock.advance('1 minute');
    expect(await follower).toMatchObject({
      code: 'CACHED_METHOD_FAILED',
      key: 'a',
      cause: { code: 'UPDATE_LOCK_TIMEOUT' },
    });
    source.answer('late');
    expect(await leader).toBe('late');
    expect(await cached.exists(['a'])).toBe(false);
  });
});

describe('a listener', () => {
  it('may call the cache it listens to, at every event', async () => {
    const source = counter();
    let depth = 0;
    const cached = memoize(source.call, {
      onEvent: () => {
        if (depth++ > 20) return;
        void cached('a');
        void cached.refresh('a');
        void cached.delete(['b']);
      },
    });
    expect(await cached('a')).toMatch(/^value /);
    await turn();
    const { hits, misses, joins, loads } = cached.cacheInfo();
    expect(hits + misses + joins).toBeGreaterThan(1);
    expect(loads).toBeGreaterThanOrEqual(misses);
  });

  it('that is asynchronous may fail without harm', async () => {
    const cached = memoize(counter().call, { onEvent: () => Promise.reject(new Error('broken')) as unknown as void });
    expect(await cached()).toBe('value 1');
    await turn();
  });
});

describe('the books of an eviction strategy', () => {
  it('keep a key that was written while it was being taken away', async () => {
    const effects = new LocalInMemoryCacheStorage();
    const replies: (() => void)[] = [];
    const late: CacheStorage = {
      shared: false,
      get: (key) => effects.get(key),
      offer: (key, entry) => effects.offer(key, entry),
      release: (key) => effects.release(key),
      invalidate: async (key) => {
        const taken = await effects.invalidate(key);
        await new Promise<void>((resolve) => replies.push(resolve));
        return taken;
      },
    };
    const strategy = new LeastRecentlyUpdatedEvictionStrategy(10);
    const cached = memoize(counter().call, { name: 'f', storage: late, evictionStrategy: strategy });
    await cached('a');
    const deleting = cached.delete(['a']);
    await turn();
    await cached('a');
    replies[0]?.();
    await deleting;
    expect([...strategy.keys()]).toEqual(['f:a']);
    expect(effects.size).toBe(1);
  });

  it('let a key go with the next write that could not be taken away', async () => {
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), { invalidate: 'fail' });
    const cached = memoize(counter().call, { name: 'f', storage, ...quiet });
    await cached('a');
    await expect(cached.delete(['a'])).rejects.toSatisfy((error) => StorageFailedError.isInstance(error));
    await cached('b');
    await turn();
    expect(await cached.exists(['a'])).toBe(false);
  });

  it('tell that a stale and an expired entry were read, too (M15)', async () => {
    const clock = new ManualClock();
    const strategy = new LeastRecentlyUsedEvictionStrategy(2);
    const source = slowSource();
    const cached = memoize(source.call, {
      updateAfter: 10,
      expireAfter: 1_000,
      evictionStrategy: strategy,
      clock,
      ...quiet,
    });
    for (const id of ['a', 'b']) {
      const call = cached(id);
      await turn();
      source.answer(id);
      await call;
    }
    await clock.advance(10);
    await cached('a');
    expect([...strategy.keys()]).toEqual(['b', 'a']);
    source.fail(new Error('down'));
    await clock.advance(1_000);
    const expired = cached('b').catch(() => undefined);
    await turn();
    expect([...strategy.keys()]).toEqual(['a', 'b']);
    source.fail(new Error('down'));
    await expired;
  });

  it('belong to one storage', () => {
    const evictionStrategy = new LeastRecentlyUsedEvictionStrategy(10);
    memoize(counter().call, { evictionStrategy });
    expect(() => memoize(counter().call, { evictionStrategy })).toThrow(
      `memoize: option 'evictionStrategy' should be for one storage, and this one keeps the books of another storage already, ` +
        `got an object of class LeastRecentlyUsedEvictionStrategy. Make a strategy for each storage, or give the functions one storage.`,
    );
  });

  it('may be shared by the objects of a decorated class, which then share its room', async () => {
    const evictionStrategy = new LeastRecentlyUsedEvictionStrategy(10);
    class Users {
      @memoized({ evictionStrategy })
      async find(id: number): Promise<number> {
        return id;
      }
    }
    const several = Array.from({ length: 5 }, () => new Users());
    for (const users of several) for (let id = 0; id < 20; id++) await users.find(id);
    await turn();
    const sizes = several.map((users) => memoizedMethod(users, 'find').cacheInfo().size);
    expect(new Set(sizes)).toEqual(new Set([10]));
  });
});

describe('a write that hangs', () => {
  it('does not keep what was there: delete takes it away, and says that it cannot be certain', async () => {
    const clock = new ManualClock();
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), {}, clock);
    const cached = memoize(counter().call, { name: 'f', storage, clock, ...quiet });
    Object.defineProperty(storage, 'deadline', { value: 50 });
    storage.plan = { offer: 'hang' };
    const hanging = cached('a');
    await clock.advance(50);
    await hanging;
    storage.plan = {};
    expect(await cached('a')).toBe('value 2');
    const deleting = expect(cached.delete(['a'])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await clock.advance(50);
    await deleting;
    expect(await cached.exists(['a'])).toBe(false);
    await clock.advance('1 minute');
    expect(await cached.delete(['a'])).toBe(false);
  });
});

describe('a load in the background', () => {
  it('keeps the process alive from the moment on that somebody waits for it', async () => {
    const clock = new ManualClock();
    const source = slowSource();
    const cached = memoize(source.call, { updateAfter: 10, expireAfter: 20, timeout: '1 minute', clock, ...quiet });
    const first = cached();
    await turn();
    source.answer('first');
    await first;
    await clock.advance(10);
    await cached();
    expect(clock.pendingTimers - clock.pendingBackgroundTimers).toBe(0);
    await clock.advance(10);
    const waiting = cached();
    await turn();
    expect(clock.pendingTimers - clock.pendingBackgroundTimers).toBe(1);
    source.answer('second');
    expect(await waiting).toBe('second');
    expect(clock.pendingTimers).toBe(0);
  });

  it('has a storage deadline of its own, which keeps no process alive', async () => {
    const clock = new ManualClock();
    const inner = new LocalInMemoryCacheStorage();
    const storage = new ChaosStorage(inner, {}, clock);
    Object.defineProperty(storage, 'deadline', { value: 500 });
    const cached = memoize(counter().call, {
      name: 'f',
      storage,
      updateAfter: 10,
      expireAfter: 1_000,
      clock,
      ...quiet,
    });
    await cached();
    await clock.advance(10);
    storage.plan = { offer: 'hang' };
    await cached();
    await turn();
    expect(clock.pendingTimers - clock.pendingBackgroundTimers).toBe(0);
    await clock.advance(500);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('operations over storages that can do little', () => {
  it('delete needs a way to take away from other processes', async () => {
    const entries = new Map<string, CacheEntry>();
    const storage: CacheStorage = {
      get: async (key) => entries.get(key),
      offer: async (key, entry): Promise<OfferResult> => {
        entries.set(key, entry);
        return 'stored';
      },
      release: async () => {},
    };
    const cached = memoize(counter().call, { name: 'f', storage });
    await cached('a');
    await expect(cached.delete(['a'])).rejects.toThrow(
      `delete() needs a shared storage with 'invalidate'. Its 'release' leaves the entry to other processes.`,
    );
    await expect(cached.clear()).rejects.toSatisfy((error) => MissingAbilityError.isInstance(error));
    await expect(cached.expire(['a'], 5)).rejects.toThrow(
      `expire() needs a storage with 'changeMoments'. Delete the entry or load it anew.`,
    );
    expect(await cached.removeExpired()).toBe(0);
  });

  it('removeExpired is bounded, fails with an error of ours, and leaves what was refreshed meanwhile', async () => {
    const clock = new ManualClock();
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), { entries: 'fail' }, clock);
    const cached = memoize(counter().call, {
      name: 'f',
      storage,
      expireAfter: 10,
      timeout: '1 minute',
      clock,
      ...quiet,
    });
    await expect(cached.removeExpired()).rejects.toSatisfy((error) => StorageFailedError.isInstance(error));
    storage.plan = { entries: 'hang' };
    const hanging = expect(cached.removeExpired()).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    await clock.advance('1 minute');
    await hanging;
    storage.plan = {};
    await cached('a');
    await clock.advance(10);
    const removing = cached.removeExpired();
    await cached.refresh('a');
    await removing;
    expect(await cached.exists(['a'])).toBe(true);
  });

  it('answers of null and deadlines that are none do no harm', async () => {
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), {
      get: { answer: null },
      peek: { answer: null },
    });
    Object.defineProperty(storage, 'deadline', { value: NaN });
    const cached = memoize(counter().call, { name: 'f', storage, ...quiet });
    expect(await cached()).toBe('value 1');
    expect([await cached.exists([]), await cached.ttl([])]).toEqual([false, undefined]);
  });
});

describe('what is thrown', () => {
  const hostile = Object.defineProperty(new Error(), 'message', {
    get: () => {
      throw new Error('even looking at it fails');
    },
  });
  const bare = (): object => Object.create(null) as object;
  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };

  it.each(['hostile', 'revoked', 'bare'] as const)('may be anything, by a function: %s', async (kind) => {
    const thrown = { hostile: () => hostile, revoked, bare }[kind]();
    const cached = memoize(() => {
      throw thrown;
    });
    await expect(cached()).rejects.toSatisfy((error) => (error as { code: string }).code === 'CACHED_METHOD_FAILED');
  });

  it.each(['hostile', 'revoked', 'bare'] as const)('may be anything, by a policy: %s', async (kind) => {
    const thrown = { hostile: () => hostile, revoked, bare }[kind]();
    const throws = (): never => {
      throw thrown;
    };
    const storage: CacheStorage = { shared: false, get: throws, offer: throws, release: throws };
    const evictionStrategy = {
      markRead: throws,
      markWritten: throws,
      markReleased: throws,
      nextToRelease: throws,
      keys: throws,
    };
    expect(await memoize(counter().call, { name: 'f', storage, ...quiet })()).toBe('value 1');
    const cached = memoize(counter().call, { evictionStrategy, ...quiet });
    expect([await cached(), await cached()]).toEqual(['value 1', 'value 1']);
    await cached.clear();
  });
});

describe('a failing invalidation', () => {
  it('rejects, and has detached the load in flight all the same', async () => {
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), { invalidate: 'fail' });
    const source = slowSource();
    const cached = memoize(source.call, { name: 'f', storage, ...quiet });
    const before = cached('a');
    await turn();
    await expect(cached.delete(['a'])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    source.answer('began before the delete');
    expect(await before).toBe('began before the delete');
    expect(await cached.exists(['a'])).toBe(false);
  });
});

it('a load that was detached while its entry was written is not on the books', async () => {
  const written = deferred<undefined>();
  class SlowWrites extends LocalInMemoryCacheStorage {
    override async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
      await written.promise;
      return super.offer(key, entry);
    }
  }
  const strategy = new LeastRecentlyUpdatedEvictionStrategy(10);
  const cached = memoize(counter().call, { name: 'f', storage: new SlowWrites(), evictionStrategy: strategy });
  const first = cached('a');
  await turn();
  const deleting = cached.delete(['a']);
  written.resolve(undefined);
  await Promise.all([first, deleting]);
  expect([...strategy.keys()]).toEqual([]);
});
