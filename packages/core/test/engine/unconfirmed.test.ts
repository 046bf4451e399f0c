import {
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
  StorageFailedError,
  UnstorableValueError,
  type CacheEntry,
  type CacheEvent,
  type CacheStorage,
} from '@memo/core';
import { ChaosStorage, ManualClock, NullStorage } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';
import { counter, slowSource } from '../support/source.js';

/** Two caches over one storage as two processes have them: each behind a connection of its own. */
function connected() {
  const clock = new ManualClock(1_000);
  const inner = new LocalInMemoryCacheStorage({ clock });
  const here = new ChaosStorage(inner, {}, clock);
  const source = counter();
  const events: CacheEvent[] = [];
  const cached = memoize(source.call, {
    name: 'f',
    storage: here,
    clock,
    capacity: 10,
    onEvent: (event) => events.push(event),
  });
  const there = memoize(async (_key: string) => 'from there', { name: 'f', storage: inner, clock });
  return { clock, inner, here, source, events, cached, there };
}

const away = { invalidate: 'fail', clear: 'fail', set: 'fail' } as const;

describe('an operation that the storage did not confirm', () => {
  for (const [title, operation] of [
    ['delete', (cached: ReturnType<typeof connected>['cached']) => cached.delete(['a'])],
    ['clear', (cached: ReturnType<typeof connected>['cached']) => cached.clear()],
    ['set', (cached: ReturnType<typeof connected>['cached']) => cached.set(['a'], 'set')],
  ] as const) {
    it(`(${title}) rejects, and the key counts as absent in this process`, async () => {
      const { here, cached, there } = connected();
      expect(await cached('a')).toBe('value 1');
      here.plan = away;
      const error = await operation(cached).catch((caught: unknown) => caught);
      expect(StorageFailedError.isInstance(error)).toBe(true);
      expect(await cached.exists(['a'])).toBe(false);
      expect(await cached.ttl(['a'])).toBe(undefined);
      expect(await cached.expire(['a'], '1 hour')).toBe(false);
      expect(await there('a')).toBe('value 1');
    });

    it(`(${title}) is overtaken by the next load that is kept`, async () => {
      const { here, cached, there } = connected();
      await cached('a');
      here.plan = away;
      await operation(cached).catch(() => undefined);
      expect([await cached('a'), await cached('a'), await there('a')]).toEqual(['value 2', 'value 2', 'value 2']);
      expect(await cached.exists(['a'])).toBe(true);
    });

    it(`(${title}) is not overtaken by a load that is not kept`, async () => {
      const { here, cached } = connected();
      await cached('a');
      here.plan = { ...away, offer: 'fail' };
      await operation(cached).catch(() => undefined);
      expect([await cached('a'), await cached('a')]).toEqual(['value 2', 'value 3']);
      here.plan = {};
      expect([await cached('a'), await cached('a')]).toEqual(['value 4', 'value 4']);
    });

    it(`(${title}) completes when it is asked for again`, async () => {
      const { here, cached, there, inner } = connected();
      await cached('a');
      here.plan = away;
      await operation(cached).catch(() => undefined);
      here.plan = {};
      await operation(cached);
      if (title === 'set') {
        expect([await cached('a'), await there('a')]).toEqual(['set', 'set']);
      } else {
        expect(await inner.get('f:a')).toBe(undefined);
        expect(await there('a')).toBe('from there');
        expect(await cached('a')).toBe('from there');
      }
    });
  }

  it('concerns no other key', async () => {
    const { here, cached } = connected();
    await cached('a');
    await cached('b');
    here.plan = away;
    await cached.delete(['a']).catch(() => undefined);
    expect([await cached.exists(['a']), await cached.exists(['b'])]).toEqual([false, true]);
  });

  it('lets entries in that were loaded since, where all of a function were to be cleared', async () => {
    const { here, cached } = connected();
    await cached('a');
    await cached('b');
    here.plan = away;
    await cached.clear().catch(() => undefined);
    await cached('a');
    expect([await cached.exists(['a']), await cached.exists(['b'])]).toEqual([true, false]);
    await cached.delete(['a']).catch(() => undefined);
    expect(await cached.exists(['a'])).toBe(false);
  });

  it('is told as no eviction when its entry leaves later (M93)', async () => {
    const { here, cached, events } = connected();
    await cached('a');
    here.plan = away;
    await cached.delete(['a']).catch(() => undefined);
    here.plan = {};
    await cached('b');
    expect(cached.cacheInfo().evictions).toBe(0);
    expect(events.map(({ type }) => type)).not.toContain('evicted');
  });

  it('counts as absent without a limit: of more than ten thousand keys, all of the storage', async () => {
    const { here, cached } = connected();
    await cached('kept');
    here.plan = away;
    for (let key = 0; key < 10_001; key++) await cached.delete([key]).catch(() => undefined);
    expect(await cached.exists(['kept'])).toBe(false);
    here.plan = {};
    await cached('kept');
    expect(await cached.exists(['kept'])).toBe(true);
  });
});

/** A storage that is told of deletes and may refuse them; what it finds it hands over when the test says so. */
function slowly() {
  const clock = new ManualClock(1_000);
  const inner = new LocalInMemoryCacheStorage({ clock });
  const here = new ChaosStorage(inner, {}, clock);
  const resumed = deferred<undefined>();
  const get = here.get.bind(here);
  const wait = async (key: string): Promise<CacheEntry | undefined> => {
    const entry = await get(key);
    await resumed.promise;
    return entry;
  };
  const memo = new Memoizer(here, { clock });
  const slow = (): void => void Object.assign(here, { peek: undefined, get: wait });
  return { inner, here, memo, slow, resume: resumed.resolve };
}

describe('a call that looks again after a load that could not answer it', () => {
  /** It has joined a load for another revision; meanwhile another process has kept one that would do. */
  async function joined() {
    const subject = slowly();
    const { inner, here, memo, slow } = subject;
    const source = slowSource();
    const first = memo.get('k', source.call, { etag: 'a' });
    await turn();
    const call = memo.get('k', source.call, { etag: 'b' });
    await turn();
    Object.assign(here, { offer: async () => 'declined' });
    await inner.set('/:k', { value: 'old', etag: 'b', created: 1, updateAfter: Infinity, expiresAfter: Infinity });
    const lookAgain = async (): Promise<void> => {
      slow();
      source.answer('of a');
      await first;
      await turn();
    };
    return { ...subject, source, call, lookAgain };
  }

  it('loads where a delete came meanwhile that was not confirmed', async () => {
    const { here, memo, source, call, lookAgain, resume } = await joined();
    await lookAgain();
    here.plan = away;
    await memo.delete('k').catch(() => undefined);
    resume(undefined);
    await turn();
    source.answer('new');
    expect(await call).toBe('new');
  });

  it('loads where a delete was confirmed meanwhile, though it has read what that took away', async () => {
    const { here, memo, source, call, lookAgain, resume } = await joined();
    here.plan = away;
    await memo.delete('k').catch(() => undefined);
    await lookAgain();
    here.plan = {};
    await memo.delete('k');
    resume(undefined);
    await turn();
    source.answer('new');
    expect(await call).toBe('new');
  });
});

describe('a call that loads nothing', () => {
  it('finds nothing where a delete came meanwhile that was not confirmed', async () => {
    const { here, memo, slow, resume } = slowly();
    await memo.set('k', 'old');
    slow();
    const looking = memo.get('k');
    here.plan = away;
    await memo.delete('k').catch(() => undefined);
    resume(undefined);
    expect(await looking).toBeUndefined();
  });

  it('finds nothing where a delete was confirmed meanwhile, though it has read what that took away', async () => {
    const { here, memo, slow, resume } = slowly();
    await memo.set('k', 'old');
    here.plan = away;
    await memo.delete('k').catch(() => undefined);
    slow();
    const looking = memo.get('k');
    here.plan = {};
    await memo.delete('k');
    resume(undefined);
    expect(await looking).toBeUndefined();
  });
});

describe('fn.set', () => {
  it('puts a value in the place of what is there, with the lifetimes of the function', async () => {
    const { cached, there, clock } = connected();
    await cached('a');
    await cached.set(['a'], 'set');
    expect([await cached('a'), await there('a')]).toEqual(['set', 'set']);
    expect(await cached.ttl(['a'])).toBe(1_800_000);
    await clock.advance('30 minutes');
    expect(await cached('a')).toBe('value 2');
  });

  it('is on the books of the eviction strategy', async () => {
    const cached = memoize(counter().call, { capacity: 2 });
    for (const key of ['a', 'b', 'c']) await cached.set([key], key);
    expect(cached.cacheInfo()).toMatchObject({ size: 2, evictions: 1 });
  });

  it('is an event', async () => {
    const { cached, events } = connected();
    await cached.set(['a'], 'set');
    expect(events).toMatchObject([{ type: 'set', name: 'f', key: 'f:a', entry: { value: 'set' } }]);
  });

  it('works on a storage that has no operation for it', async () => {
    const storage: CacheStorage = new LocalInMemoryCacheStorage();
    Object.assign(storage, { set: undefined });
    const cached = memoize(counter().call, { name: 'f', storage });
    await cached.set(['a'], 'set');
    expect(await cached('a')).toBe('set');
  });

  it('rejects where the storage declines the value', async () => {
    const cached = memoize(async (_key: string) => 'value', { name: 'f', storage: new NullStorage() });
    const error = await cached.set(['a'], 'set').catch((caught: unknown) => caught);
    expect(UnstorableValueError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      message:
        'The value for key "f:a" cannot be stored: the storage declined it, as it does with what is too large for it.',
    });
  });

  it('wants the arguments as an array', async () => {
    const cached = memoize(async (_key: string) => 'value');
    await expect(cached.set('a' as never, 'set')).rejects.toMatchObject({
      message: `set: expected the arguments of a call as an array, got "a". Write set(['42']).`,
    });
  });
});
