import {
  type CacheEntry,
  type CacheStorage,
  EtagTimeoutError,
  type Etag,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { asAnotherProcess, withAbilities } from '../originals/another-process.js';
import { deferred, turn } from '../support/deferred.js';
import { memberOver } from '../support/fleet.js';
import { counter, slowSource } from '../support/source.js';

class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
  override readonly deadline = 500 as never;
}

function entryAt(created: number): CacheEntry {
  return { value: created, created, updateAfter: Infinity, expiresAfter: Infinity };
}

function memoOver(storage: CacheStorage = new LocalInMemoryCacheStorage(), clock = new ManualClock(1_000_000)) {
  return { clock, storage, memo: new Memoizer(storage, { clock, jitter: 0 }) };
}

describe('an etag', () => {
  it('makes an entry out of date that has another one, or none (P21)', async () => {
    const { memo } = memoOver();
    const source = counter();
    await memo.get('k', source.call);
    expect(await memo.get('k', source.call, { etag: 'a' })).toBe('value 2');
    expect(await memo.get('k', source.call, { etag: 'a' })).toBe('value 2');
    expect(await memo.get('k', source.call, { etag: 'b' })).toBe('value 3');
    expect(await memo.get('k', source.call)).toBe('value 3');
    expect(await memo.etag('k')).toBe('b');
    expect([await memo.exists('k', { etag: 'b' }), await memo.exists('k', { etag: 'a' })]).toEqual([true, false]);
    expect([await memo.ttl('k', { etag: 'a' }), await memo.expire('k', null, { etag: 'a' })]).toEqual([
      undefined,
      false,
    ]);
  });

  it.each<[Etag, Etag]>([
    ['', 'a'],
    [0, 1],
    ['0', ''],
  ])('counts though it is falsy: %j, then %j (mends P31)', async (first, second) => {
    const { memo } = memoOver();
    const source = counter();
    await memo.get('k', source.call);
    expect(await memo.get('k', source.call, { etag: first })).toBe('value 2');
    expect(await memo.etag('k')).toBe(String(first));
    expect(await memo.get('k', source.call, { etag: second })).toBe('value 3');
    expect(await memo.get('k', source.call, { etag: () => first })).toBe('value 4');
  });

  it.each([
    ['at once', (id: string) => id],
    ['later', async (id: string) => id],
  ])('is found %s from the arguments, once in a call, and never where there are other means', async (_when, find) => {
    const asked: string[] = [];
    const cached = memoize(async (id: string) => ({ id }), {
      etag: (id) => {
        asked.push(id);
        return find(revision + id);
      },
    });
    let revision = '1';
    const first = await cached('a');
    expect(await cached('a')).toBe(first);
    expect(asked).toEqual(['a', 'a']);
    expect([await cached.etag(['a']), await cached.exists(['a'])]).toEqual(['1a', true]);
    revision = '2';
    expect(await cached.exists(['a'])).toBe(false);
    expect(await cached('a')).not.toBe(first);
    expect(await cached.with({ etag: null })('a')).not.toBe(first);
    expect(asked).toHaveLength(5);
    await cached.delete(['a']);
    expect(asked).toHaveLength(5);
  });

  it('may be unknown: then the lifetimes alone decide', async () => {
    const { memo } = memoOver();
    const source = counter();
    await memo.get('k', source.call, { etag: 'a' });
    expect(await memo.get('k', source.call, { etag: () => undefined })).toBe('value 1');
    expect(await memo.get('k', source.call, { etag: () => null })).toBe('value 1');
  });

  it('fails the call where it cannot be found, and nothing is loaded', async () => {
    const { memo, clock } = memoOver();
    const source = counter();
    const error = new Error('no revision');
    const call = (etag: () => unknown): Promise<unknown> =>
      memo
        .get('k', source.call, { etag: etag as () => string, timeout: '1 second' })
        .catch((caught: unknown) => caught);
    expect(
      await call(() => {
        throw error;
      }),
    ).toBe(error);
    expect(await call(() => Promise.reject(error))).toBe(error);
    expect(await call(() => ({}))).toMatchObject({
      message:
        'etag: expected a text or a number from its function, got an object of class Object. ' +
        'Return undefined where no etag is known: then the lifetimes of the entry alone decide.',
    });
    expect(await call(() => NaN)).toMatchObject({ code: 'INVALID_CALL' });
    const hanging = call(() => new Promise(() => undefined));
    await clock.advance('1 second');
    const timeout = await hanging;
    expect(EtagTimeoutError.isInstance(timeout)).toBe(true);
    expect((timeout as Error).message).toBe(
      'The function that finds the etag for key "/:k" did not end within 1000 ms, so nobody knows whether its entry is ' +
        `out of date. Let it answer undefined where it cannot know; raise the option 'timeout' if it may take longer.`,
    );
    expect([source.count, memo.cacheInfo().misses]).toEqual([0, 0]);
  });

  it('that takes long does not hold a caller whose signal fires', async () => {
    const { memo } = memoOver();
    const controller = new AbortController();
    const etag = (): Promise<string> => new Promise(() => undefined);
    const call = memo.get('k', () => 1, { etag, signal: controller.signal });
    controller.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
  });

  it('is asked of a load that is joined: one for another revision is no answer', async () => {
    const { memo } = memoOver();
    const source = slowSource();
    const old = memo.get('k', source.call, { etag: 'old' });
    await turn();
    const fresh = memo.get('k', source.call, { etag: 'new' });
    const any = memo.get('k', source.call);
    await turn();
    expect(source.calls).toHaveLength(1);
    source.answer('of old');
    await turn();
    expect(await Promise.all([old, any])).toEqual(['of old', 'of old']);
    expect(source.calls).toHaveLength(2);
    source.answer('of new');
    expect(await fresh).toBe('of new');
    expect(memo.cacheInfo()).toMatchObject({ misses: 1, joins: 2, loads: 2 });
  });

  it('is asked of a refresh that is shared', async () => {
    const { memo } = memoOver();
    const source = slowSource();
    const loading = memo.get('k', source.call);
    await turn();
    const first = memo.refresh('k', source.call, { etag: 'a' });
    const second = memo.refresh('k', source.call, { etag: 'b' });
    const third = memo.refresh('k', source.call, { etag: 'a' });
    for (const value of ['loaded', 'one', 'two']) {
      await turn();
      source.answer(value);
    }
    expect(await Promise.all([loading, first, second, third])).toEqual(['loaded', 'one', 'two', 'one']);
  });

  it('is asked of what another process has loaded', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const here = memberOver(storage, clock, { etag: 'old' });
    const there = memberOver(storage, clock, { etag: 'new' });
    const old = here.call('a');
    await turn();
    const fresh = there.call('a');
    await turn();
    expect([here.source.calls.length, there.source.calls.length]).toEqual([1, 0]);
    here.source.answer('of old');
    await turn();
    expect(await old).toBe('of old');
    expect(there.source.calls).toHaveLength(1);
    there.source.answer('of new');
    expect(await fresh).toBe('of new');
    expect((await storage.get('f:a'))?.etag).toBe('new');
  });

  it('is asked of what the storage has by the time it is asked for a lease', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const { memo } = memoOver(withAbilities(storage, { peek: undefined, get: async () => undefined }), clock);
    await storage.offer('/:k', { ...entryAt(clock.now()), value: 'of old', etag: 'old' });
    expect(await memo.get('k', () => 'none', { etag: 'old' })).toBe('of old');
    expect(await memo.get('k', () => 'of new', { etag: 'new' })).toBe('of new');
    await storage.offer('/:k', { ...entryAt(clock.now() - 10), value: 'aged' });
    expect(await memo.get('k', () => 'none', { maxAge: 11 })).toBe('aged');
    expect(await memo.get('k', () => 'young', { maxAge: 10 })).toBe('young');
  });

  it('is no part of an entry where there is none', async () => {
    const { memo, storage } = memoOver();
    await memo.get('loaded', () => 1);
    await memo.set('set', 1);
    for (const key of ['/:loaded', '/:set']) expect(Object.keys((await storage.get(key))!)).not.toContain('etag');
  });

  it.each([
    ['eight', 'is used', 8, { asked: 9, offered: 1 }],
    ['for ever', 'is never granted: the call loads for itself', Infinity, { asked: 9, offered: 0 }],
  ])('that others replace %s times: a lease that comes then %s', async (_often, _what, others, expected) => {
    let [asked, offered] = [0, 0];
    const entry = (created: number): CacheEntry => ({
      value: 'other',
      created,
      updateAfter: Infinity,
      expiresAfter: Infinity,
      etag: 'other',
    });
    const storage: CacheStorage = {
      get: async () => entry(0),
      offer: async () => {
        offered++;
        return 'stored';
      },
      release: async () => undefined,
      invalidate: async () => undefined,
      lease: async (_key, { holder }) => {
        asked++;
        return asked <= others
          ? { state: 'present', entry: entry(asked) }
          : { state: 'granted', lease: { holder, failures: 0, renew: async () => true, giveBack: async () => true } };
      },
    };
    const memo = new Memoizer(storage, { onEvent: () => undefined });
    expect(await memo.get('k', () => 'mine', { etag: 'mine' })).toBe('mine');
    expect({ asked, offered }).toEqual(expected);
  });

  it('ends at the wait limit, too, where processes disagree', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const here = memberOver(storage, clock, { etag: 'old' });
    const there = memberOver(storage, clock, { etag: 'new', waitLimit: '1 second' });
    const old = here.call('a');
    await turn();
    const fresh = there.call('a');
    await clock.advance('1 second');
    there.source.answer('unled');
    expect(await fresh).toBe('unled');
    here.source.answer('of old');
    expect(await old).toBe('of old');
    expect((await storage.get('f:a'))?.value).toBe('of old');
  });

  it('is asked of a refresh that is shared, and who comes then shares none that has begun', async () => {
    const { memo } = memoOver();
    const source = slowSource();
    const loading = memo.get('k', source.call);
    await turn();
    const first = memo.refresh('k', source.call, { etag: 'a' });
    const other = memo.refresh('k', source.call, { etag: 'b' });
    await turn();
    source.answer('loaded');
    await turn();
    const second = memo.refresh('k', source.call, { etag: 'a' });
    await turn();
    source.answer('one');
    await turn();
    const late = memo.refresh('k', source.call, { etag: 'a' });
    for (const value of ['two', 'three', 'four']) {
      await turn();
      source.answer(value);
    }
    expect(await Promise.all([loading, first, second, other])).toEqual(['loaded', 'one', 'two', 'three']);
    expect(await late).toBe('four');
  });

  it('is asked for a caller who leaves meanwhile: then nothing is loaded', async () => {
    const { memo } = memoOver();
    const source = counter();
    for (const refresh of [true, false]) {
      const controller = new AbortController();
      const revision = deferred<string>();
      const call = memo.get('k', source.call, { etag: () => revision.promise, signal: controller.signal, refresh });
      controller.abort(new Error('gone'));
      await expect(call).rejects.toThrow('gone');
      revision.resolve('a');
      await turn();
    }
    expect(source.count).toBe(0);
  });

  it('is not asked for a caller who has left before', async () => {
    const cached = memoize(async (id: string) => id, { name: 'f' });
    let asked = 0;
    const etag = (): string => `${asked++}`;
    const signal = AbortSignal.abort(new Error('before'));
    await expect(cached.with({ etag, signal })('a')).rejects.toThrow('before');
    expect(asked).toBe(0);
  });

  it('that is found later leaves a method its object', async () => {
    const cached = memoize(
      async function (this: { readonly name: string }, id: string) {
        return `${this.name} ${id}`;
      },
      { name: 'f', etag: async () => 'a' },
    );
    expect(await cached.call({ name: 'one' }, 'a')).toBe('one a');
    expect(await cached.with({ refresh: true }).call({ name: 'two' }, 'a')).toBe('two a');
  });

  it('that is known costs no look more: a storage that can be peeked into answers at once', async () => {
    const storage = new LocalInMemoryCacheStorage();
    const cached = memoize(async (id: string) => id, { name: 'f', storage, etag: 'a', maxAge: '1 minute' });
    await cached('a');
    storage.get = () => Promise.reject(new Error('not needed'));
    expect(await cached('a')).toBe('a');
    expect(cached.cacheInfo()).toMatchObject({ hits: 1, storageFailures: 0 });
  });

  it('holds for the operations of a function, too', async () => {
    let revision = '1';
    const cached = memoize(async (id: string) => id, { etag: () => revision });
    await cached('a');
    revision = '2';
    expect([await cached.expire(['a'], null), await cached.expireAt(['a'], null)]).toEqual([false, false]);
    expect([await cached.ttl(['a']), await cached.etag(['a'])]).toEqual([undefined, '1']);
    revision = '1';
    expect([await cached.expire(['a'], null), await cached.ttl(['a'])]).toEqual([true, Infinity]);
  });

  it('stays with an entry whose lifetime is changed, and comes with a value that is set', async () => {
    const { memo } = memoOver();
    await memo.get('k', () => 1, { etag: 'a' });
    await memo.expire('k', '5 minutes');
    expect(await memo.etag('k')).toBe('a');
    await memo.set('k', 2, { etag: (id: string) => `of ${id}`, args: ['7'] });
    expect(await memo.etag('k')).toBe('of 7');
    await memo.set('k', 3);
    expect(await memo.etag('k')).toBeUndefined();
  });

  it('is kept by loads behind the caller, too', async () => {
    const clock = new ManualClock(0);
    const source = counter();
    const cached = memoize(source.call, { clock, etag: 'a', updateAfter: '1 minute' });
    await cached();
    await clock.advance('1 minute');
    await cached();
    await turn();
    expect(await cached()).toBe('value 2');
    expect(await cached.etag([])).toBe('a');
  });
});

describe('maxAge', () => {
  it('and an etag hold together, whoever says them, and however they are found', async () => {
    const clock = new ManualClock(0);
    const source = counter();
    const call = (id: string): Promise<string> => source.call(id);
    const cached = memoize(call, { clock, etag: async () => 'a', maxAge: '1 minute' });
    const older = cached.with({ maxAge: '2 minutes' });
    const newer = cached.with({ etag: 'b' });
    expect(await cached('k')).toBe('value 1');
    await clock.advance('1 minute');
    expect(await older('k')).toBe('value 1');
    expect([await cached('k'), await older('k')]).toEqual(['value 2', 'value 2']);
    expect([await newer('k'), await newer('k')]).toEqual(['value 3', 'value 3']);
    await clock.advance('1 minute');
    expect([await older('k'), await older('k')]).toEqual(['value 4', 'value 4']);
    expect([await newer('k'), await newer('k')]).toEqual(['value 5', 'value 5']);
    await clock.advance('1 minute');
    expect(await newer('k')).toBe('value 6');
  });

  it('tightens what the entry says, for the call that says so, and never loosens it (P23)', async () => {
    const { memo, clock } = memoOver();
    const source = counter();
    await memo.get('k', source.call, { expireAfter: '1 minute' });
    await clock.advance('10 seconds');
    expect(await memo.get('k', source.call, { maxAge: '11 seconds' })).toBe('value 1');
    expect(await memo.ttl('k', { maxAge: '11 seconds' })).toBe(1_000);
    expect(await memo.ttl('k', { maxAge: '2 hours' })).toBe(50_000);
    expect([await memo.exists('k', { maxAge: 10_001 }), await memo.exists('k', { maxAge: 10_000 })]).toEqual([
      true,
      false,
    ]);
    expect(await memo.get('k', source.call, { maxAge: '10 seconds' })).toBe('value 2');
    await clock.advance('1 hour');
    expect(await memo.exists('k', { maxAge: null })).toBe(false);
    expect(await memo.exists('k', { maxAge: '2 hours' })).toBe(false);
  });

  it('is found anew in every call where it is a function of the arguments (mends P24)', async () => {
    const clock = new ManualClock(0);
    const source = counter();
    const cached = memoize((id: string, patience: number) => source.call(id, patience), {
      clock,
      key: (id) => id,
      maxAge: (_id, patience) => (patience < 0 ? undefined : patience),
    });
    expect(await cached('a', 1_000)).toBe('value 1');
    await clock.advance(500);
    expect(await cached('a', 1_000)).toBe('value 1');
    expect(await cached('a', -1)).toBe('value 1');
    expect(await cached.with({ maxAge: () => null })('a', 1)).toBe('value 1');
    expect(await cached.ttl(['a', 1_000])).toBe(500);
    expect(await cached('a', 500)).toBe('value 2');
    await expect(cached('a', 'soon' as never)).rejects.toThrow('maxAge');
    expect(await cached.with({ maxAge: 0 })('a', 1_000)).toBe('value 3');
  });

  it('of 0 is never served from the cache, but loads in flight collapse', async () => {
    const { memo } = memoOver();
    const source = slowSource();
    const calls = [1, 2, 3].map(() => memo.get('k', source.call, { maxAge: 0 }));
    await turn();
    source.answer('one');
    expect(await Promise.all(calls)).toEqual(['one', 'one', 'one']);
    const again = memo.get('k', source.call, { maxAge: 0 });
    await turn();
    source.answer('two');
    expect(await again).toBe('two');
  });

  it('holds for what another process has', async () => {
    const { memo, clock, storage } = memoOver(new SharedStorage());
    const other = new Memoizer(asAnotherProcess(storage), { clock, jitter: 0 });
    await memo.get('k', () => 'old');
    await clock.advance('1 minute');
    expect(await other.get('k', () => 'new', { maxAge: '1 minute' })).toBe('new');
    expect(await memo.get('k')).toBe('new');
  });
});

describe('expire', () => {
  it('lets what never expires never be refreshed, and nothing be refreshed after it has expired', async () => {
    const { memo, clock, storage } = memoOver();
    await memo.set('k', 1, { updateAfter: '1 minute', expireAfter: '2 minutes' });
    await memo.expire('k', '10 seconds');
    const soon = clock.now() + 10_000;
    expect(await storage.get('/:k')).toMatchObject({ updateAfter: soon, expiresAfter: soon });
    await memo.set('k', 1, { updateAfter: '1 minute', expireAfter: '2 minutes' });
    await memo.expire('k', '10 minutes');
    expect(await storage.get('/:k')).toMatchObject({ updateAfter: clock.now() + 60_000 });
    await memo.expire('k', null);
    expect(await storage.get('/:k')).toMatchObject({ updateAfter: Infinity, expiresAfter: Infinity });
  });

  it('gives up where the entry is another one each time', async () => {
    const storage = new LocalInMemoryCacheStorage();
    let tries = 0;
    storage.changeMoments = async () => {
      tries++;
      return false;
    };
    const { memo } = memoOver(storage);
    await memo.set('k', 1);
    expect([await memo.expire('k', '1 minute'), tries]).toEqual([false, 4]);
  });

  it('changes what a load has put there meanwhile', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new LocalInMemoryCacheStorage();
    const looked = deferred<undefined>();
    const resumed = deferred<undefined>();
    const slow = withAbilities(storage, {
      peek: undefined,
      get: async (key: string) => {
        const entry = await storage.get(key);
        looked.resolve(undefined);
        await resumed.promise;
        return entry;
      },
    });
    await storage.offer('/:k', { value: 'old', created: 1, updateAfter: Infinity, expiresAfter: Infinity });
    const { memo } = memoOver(slow, clock);
    const expiring = memo.expire('k', '1 minute');
    await looked.promise;
    await storage.offer('/:k', { value: 'new', created: 2, updateAfter: Infinity, expiresAfter: Infinity });
    resumed.resolve(undefined);
    expect(await expiring).toBe(true);
    expect(await memo.ttl('k')).toBe(60_000);
  });
});
