import {
  InMemoryUpdateStatuses,
  LocalInMemoryCacheStorage,
  memoize,
  type CacheEntry,
  type CacheStorage,
  type LeaseAnswer,
  type Lock,
  type OfferResult,
} from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';
import { memberOver, type Member } from '../support/fleet.js';

class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
  override readonly deadline = 500 as never;
}

const other = 'f'.repeat(20);
const lives = { updateAfter: '1 second', expireAfter: '2 seconds' } as const;

function entryOf(value: string, created = 0): CacheEntry {
  return { value, created, updateAfter: Infinity, expiresAfter: Infinity };
}

async function granted(storage: CacheStorage, seen?: CacheEntry) {
  const answer = await storage.lease!('f:a', { holder: other, seen, time: 60_000 });
  if (answer.state !== 'granted') throw new Error(`The lease is ${answer.state}.`);
  return answer.lease;
}

describe('a set that was given up', () => {
  it('begins no further step', async () => {
    const clock = new ManualClock();
    const inner = new SharedStorage({ clock });
    const storage = new ChaosStorage(inner, { get: { delay: '400 milliseconds' } }, clock);
    Object.assign(storage, { now: () => clock.now() });
    const member = memberOver(storage, clock);
    const setting = member.call.set(['a'], 'late').catch((error: unknown) => error);
    storage.plan = { get: { delay: '600 milliseconds' } };
    const another = member.call.set(['b'], 'late').catch((error: unknown) => error);
    await clock.advance('2 seconds');
    expect(await setting).toBe(undefined);
    expect(await another).toMatchObject({ code: 'STORAGE_FAILED' });
    expect([(await inner.get('f:a'))?.value, await inner.get('f:b')]).toEqual(['late', undefined]);
  });
});

describe('a caller who joins a refresh in the background that waits', () => {
  it.each(['compute', 'stale'] as const)(
    "never meets the wait limit of that refresh (onWaitLimit '%s')",
    async (onWaitLimit) => {
      const clock = new ManualClock(1_000_000);
      const storage = new SharedStorage({ clock });
      const member = memberOver(storage, clock, { ...lives, waitLimit: '2 seconds', onWaitLimit });
      const warm = member.call('a');
      await turn();
      member.source.answer('old');
      await warm;
      await clock.advance('1 second');
      await granted(storage, await storage.get('f:a'));
      expect(await member.call('a')).toBe('old');
      await clock.advance('1900 milliseconds');
      const joined = member.call('a');
      await clock.advance('3 seconds');
      if (onWaitLimit === 'compute') member.source.answer('computed');
      expect(await joined).toBe(onWaitLimit === 'compute' ? 'computed' : 'old');
    },
  );
});

describe('an operation that was not confirmed', () => {
  it('holds for a load that waited for another process when it was called', async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const here = new ChaosStorage(inner, {}, clock);
    const member = memberOver(here, clock);
    const lease = await granted(inner);
    const waiting = member.call('a');
    await turn();
    here.plan = { invalidate: 'fail' };
    await member.call.delete(['a']).catch(() => undefined);
    const after = member.call('a');
    await turn();
    await inner.offer('f:a', entryOf('began before the delete'), lease);
    await turn();
    member.source.answer('after');
    expect(await after).toBe('after');
    expect(await waiting).toBe('after');
  });

  it('is not undone by one that was called before it', async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const here = new ChaosStorage(inner, { clear: { delay: '1 minute' } }, clock);
    const member = memberOver(here, clock);
    const clearing = member.call.clear();
    await turn();
    here.plan = { invalidate: 'fail', clear: 'fail' };
    await member.call.delete(['b']).catch(() => undefined);
    await clock.advance('1 minute');
    await clearing;
    await inner.offer('f:b', entryOf('old'));
    expect(await member.call.exists(['b'])).toBe(false);
  });

  it('hides what was on its way when it was confirmed at last', async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const here = new ChaosStorage(inner, { peek: 'drop' }, clock);
    const found = deferred<CacheEntry>();
    const member = memberOver(here, clock);
    await inner.offer('f:a', entryOf('old'));
    here.plan = { peek: 'drop', invalidate: 'fail' };
    await member.call.delete(['a']).catch(() => undefined);
    here.plan = { peek: 'drop' };
    Object.assign(here, { get: () => found.promise });
    const reading = member.call('a');
    await turn();
    await member.call.delete(['a']);
    found.resolve(entryOf('old'));
    await turn();
    member.source.answer('after');
    expect(await reading).toBe('after');
  });

  it('is known to every copy of the package', () => {
    const common = globalThis as { readonly [count: symbol]: unknown };
    expect(common[Symbol.for('@memo/absences/1')]).toMatchObject({ count: expect.any(Number) as number });
  });
});

describe('a refresh', () => {
  it('is not given up because the caller left whose load it has taken', async () => {
    const clock = new ManualClock();
    const member = memberOver(new LocalInMemoryCacheStorage({ clock }), clock);
    const first = member.call('a');
    await turn();
    const refreshed = member.call.refresh('a');
    await turn();
    const leaving = new AbortController();
    await member.call.delete(['a']);
    const left = member.call.with({ signal: leaving.signal })('a');
    await turn();
    member.source.answer('1');
    expect(await first).toBe('1');
    await turn();
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    member.source.answer('2');
    expect(await refreshed).toBe('2');
  });

  it("never resolves to the entry it is to replace, whatever 'onWaitLimit' says", async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    await storage.offer('f:a', entryOf('old'));
    await granted(storage, entryOf('old'));
    const member = memberOver(storage, clock, { waitLimit: '1 second', onWaitLimit: 'stale' });
    const refreshed = member.call.refresh('a');
    await clock.advance('1 second');
    member.source.answer('new');
    expect(await refreshed).toBe('new');
  });

  it('shares no load that began before it was called, on a storage that tells the time and grants no leases', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new ChaosStorage(new SharedStorage({ clock }), { get: { delay: '10 milliseconds' } }, clock);
    Object.assign(storage, { now: () => clock.now() });
    const member = memberOver(storage, clock, { coordination: 'none' });
    const read = member.call('a');
    await clock.advance(5);
    const first = member.call.refresh('a');
    await clock.advance(5);
    await clock.advance(5);
    const second = member.call.refresh('a');
    await clock.advance(10);
    member.source.answer('1');
    expect(await read).toBe('1');
    await clock.advance(10);
    member.source.answer('2');
    expect(await Promise.all([first, second])).toEqual(['2', '2']);
  });

  it('hears a signal that its own function fires', async () => {
    const leaving = new AbortController();
    const cached = memoize(() => {
      leaving.abort(new Error('left'));
      return new Promise(() => {});
    });
    await expect(cached.with({ signal: leaving.signal, refresh: true })()).rejects.toThrow('left');
  });
});

describe('the last caller who leaves', () => {
  it('while the entry is being written changes nothing: it is kept, and on the books', async () => {
    const clock = new ManualClock();
    const written = deferred<void>();
    class SlowWrites extends LocalInMemoryCacheStorage {
      override async offer(...args: Parameters<CacheStorage['offer']>): Promise<OfferResult> {
        await written.promise;
        return super.offer(...args);
      }
    }
    const member = memberOver(new SlowWrites({ clock }), clock, { capacity: 1 });
    const leaving = new AbortController();
    const left = member.call.with({ signal: leaving.signal })('a');
    await turn();
    member.source.answer('value');
    await turn();
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    written.resolve();
    await turn();
    expect(await member.call.exists(['a'])).toBe(true);
    const next = member.call('b');
    await turn();
    member.source.answer('next');
    await next;
    expect(member.call.cacheInfo()).toMatchObject({ size: 1, evictions: 1 });
  });
});

describe('a process that waits', () => {
  it('and invalidates the key itself goes on waiting, and loads once', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const member = memberOver(storage, clock);
    await granted(storage);
    const waiting = member.call('a');
    await turn();
    await member.call.delete(['a']);
    const after = member.call('a');
    await turn();
    expect(member.source.calls.length).toBe(1);
    member.source.answer('after');
    expect(await Promise.all([waiting, after])).toEqual(['after', 'after']);
    expect(await storage.get('f:a')).toMatchObject({ value: 'after' });
  });

  it('stops the watch of an answer that came too late', async () => {
    const clock = new ManualClock(1_000_000);
    let stopped = 0;
    const held: LeaseAnswer = {
      state: 'held',
      remaining: 1_000,
      watch: { changed: new Promise(() => {}), stop: () => stopped++ },
    };
    const storage = new SharedStorage({ clock });
    Object.assign(storage, { lease: () => new Promise((resolve) => clock.setTimer(() => resolve(held), 600)) });
    const member = memberOver(storage, clock);
    void member.call('a');
    await clock.advance('1 second');
    expect(member.source.calls.length).toBe(1);
    expect(stopped).toBe(1);
  });

  it('asks the more rarely the more of its loads wait', async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const storage = new ChaosStorage(inner, {}, clock);
    const withoutWatch = (answer: LeaseAnswer): LeaseAnswer =>
      answer.state === 'held' ? { state: 'held', remaining: answer.remaining } : answer;
    let asked = 0;
    Object.assign(storage, {
      lease: async (...args: Parameters<NonNullable<CacheStorage['lease']>>) => {
        asked++;
        return withoutWatch(inner.lease(...args));
      },
    });
    const keys = Array.from({ length: 400 }, (_, index) => String(index));
    for (const key of keys) inner.lease(`f:${key}`, { holder: other, seen: undefined, time: 600_000 });
    const member = memberOver(storage, clock);
    for (const key of keys) void member.call(key);
    await clock.advance('1 second');
    asked = 0;
    await clock.advance('3 seconds');
    // Each about every 150 ms instead of every 60.
    expect(asked).toBeLessThan(13_000);
    expect(asked).toBeGreaterThan(5_000);
  });
});

describe('a refresh in the background that waits without being woken', () => {
  it('asks rarely, until somebody waits for it', async () => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const storage = new ChaosStorage(inner, {}, clock);
    let asked = 0;
    Object.assign(storage, {
      lease: (...args: Parameters<SharedStorage['lease']>): LeaseAnswer => {
        asked++;
        const answer = inner.lease(...args);
        return answer.state === 'held' ? { state: 'held', remaining: answer.remaining } : answer;
      },
    });
    const member = memberOver(storage, clock, { updateAfter: '1 second', expireAfter: '11 seconds' });
    const warm = member.call('a');
    await turn();
    member.source.answer('old');
    await warm;
    await clock.advance('1 second');
    const lease = await granted(inner, await inner.get('f:a'));
    await member.call('a');
    asked = 0;
    await clock.advance('10 seconds');
    expect(asked).toBeLessThan(25);
    const joined = member.call('a');
    asked = 0;
    await clock.advance('1 second');
    expect(asked).toBeGreaterThan(8);
    await inner.offer('f:a', entryOf('new', clock.now()), lease);
    await clock.advance(80);
    expect(await joined).toBe('new');
  });
});

describe('a load that the table of loads has given up (M62)', () => {
  it('leaves its lease to the next one, and does not take it back', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const updateStatuses = new InMemoryUpdateStatuses({ lockTimeout: '1 minute', clock });
    const member = memberOver(storage, clock, { updateStatuses, timeout: Infinity });
    const elsewhere = memberOver(storage, clock);
    const first = member.call('a');
    await clock.advance('1 minute');
    const second = member.call('a');
    await turn();
    expect(member.source.calls.length).toBe(2);
    void elsewhere.call('a');
    await clock.advance('10 seconds');
    expect(elsewhere.source.calls.length).toBe(0);
    member.source.answer('given up');
    await first;
    await clock.advance('10 seconds');
    expect(elsewhere.source.calls.length).toBe(0);
    member.source.answer('kept');
    expect(await second).toBe('kept');
    expect(await storage.get('f:a')).toMatchObject({ value: 'kept' });
  });
});

describe('a storage that lies about leases', () => {
  it.each<[string, unknown]>([
    ['a rest without an end', { state: 'resting', failures: 1, remaining: Infinity }],
    ['a rest without a number', { state: 'resting', failures: 1 }],
    ['a watch that is none', { state: 'held', remaining: 1_000, watch: {} }],
    ['a lease that is none', { state: 'granted', lease: {} }],
    ['no state', { state: 'maybe' }],
    ['nothing', undefined],
  ])('(%s) is at fault, and the call goes on without it', async (_title, answer) => {
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage(), { lease: { answer } });
    const cached = memoize(async () => 'value', { name: 'f', storage, onEvent: () => {} });
    expect(await cached()).toBe('value');
    expect(cached.cacheInfo()).toMatchObject({ storageFailures: 1 });
    storage.plan = {};
    expect(await cached()).toBe('value');
    expect(await cached.exists([])).toBe(true);
  });

  it('keeps nobody off for longer than a lease', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new ChaosStorage(new SharedStorage({ clock }), {
      lease: { answer: { state: 'resting', failures: 3, remaining: 1e12 } },
    });
    const member = memberOver(storage, clock, { leaseTime: '3 seconds' });
    await expect(member.call('a')).rejects.toMatchObject({ cause: { code: 'RECENTLY_FAILED' } });
    storage.plan = {};
    await clock.advance('3 seconds');
    const called = member.call('a');
    await turn();
    member.source.answer('value');
    expect(await called).toBe('value');
  });
});

describe('a lease whose entry could not be offered', () => {
  it.each(['bypass', 'throw'] as const)("is given back (onStorageError '%s')", async (onStorageError) => {
    const clock = new ManualClock(1_000_000);
    const inner = new SharedStorage({ clock });
    const storage = new ChaosStorage(inner, { offer: 'fail' }, clock);
    const member = memberOver(storage, clock, { onStorageError });
    const called = member.call('a').catch((error: unknown) => error);
    await turn();
    member.source.answer('value');
    if (onStorageError === 'throw') expect(await called).toMatchObject({ code: 'STORAGE_FAILED' });
    else expect(await called).toBe('value');
    await turn();
    expect(inner.lease('f:a', { holder: other, seen: undefined, time: 1 })).toMatchObject({ state: 'granted' });
  });
});

describe('a load that fails after an invalidation', () => {
  it.each(['here', 'elsewhere'])('(%s) makes no rest', async (where) => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const [member, elsewhere] = [memberOver(storage, clock), memberOver(storage, clock)];
    const failing = member.call('a').catch((error: unknown) => error);
    await turn();
    await (where === 'here' ? member : elsewhere).call.delete(['a']);
    member.source.fail(new Error('down'));
    await failing;
    const after = member.call('a');
    await turn();
    member.source.answer('up');
    expect(await after).toBe('up');
  });
});

describe('what is never served from the cache', () => {
  it('is loaded by each process at once', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const members = [memberOver(storage, clock, { expireAfter: 0 }), memberOver(storage, clock, { expireAfter: 0 })];
    const calls = members.flatMap(({ call }) => [call('a'), call('a')]);
    await turn();
    expect(members.map(({ source }) => source.calls.length)).toEqual([1, 1]);
    for (const { source } of members) source.answer('value');
    expect(await Promise.all(calls)).toEqual(['value', 'value', 'value', 'value']);
  });

  it('is never older than an invalidation elsewhere: who joins a load in the middle is answered by the next', async () => {
    const clock = new ManualClock(1_000_000);
    const storage = new SharedStorage({ clock });
    const [member, elsewhere] = [0, 1].map(() => memberOver(storage, clock, { expireAfter: 0 })) as [Member, Member];
    const led = member.call('a');
    await turn();
    await elsewhere.call.delete(['a']);
    const joined = member.call('a');
    await turn();
    member.source.answer('before');
    expect(await led).toBe('before');
    await turn();
    member.source.answer('after');
    expect(await joined).toBe('after');
  });
});

describe('what a lock function gives', () => {
  it('that is no lock is an event, and the lease decides', async () => {
    const clock = new ManualClock();
    const member = memberOver(new SharedStorage({ clock }), clock, {
      lock: (() => undefined) as unknown as () => Lock,
    });
    const called = member.call('a');
    await turn();
    member.source.answer('value');
    expect(await called).toBe('value');
    expect(member.events[0]).toMatchObject({
      type: 'policy-failed',
      policy: 'lock',
      error: {
        message:
          `The policy 'lock' failed at key "f:a": The option 'lock': expected a Lock with acquire and release for a key, ` +
          `got undefined.`,
      },
    });
  });
});

describe('set', () => {
  it('rejects where the entry cannot be built, and changes nothing', async () => {
    const configuration = {
      configured: true,
      storage: new LocalInMemoryCacheStorage(),
      keyExtractor: { formatKey: () => 'a' },
      evictionStrategy: { markRead() {}, markWritten() {}, markReleased() {}, nextToRelease: () => undefined },
      postprocessing: { apply: <V>(value: V): V => value },
      methodTimeout: 1_000,
    };
    const entryBuilder = {
      build: (_key: string, value: unknown, now: number) =>
        value === 1
          ? { value, created: now, updateAfter: Infinity, expiresAfter: Infinity }
          : ({ value } as CacheEntry),
    };
    const cached = memoize(async () => 1, { name: 'f', configuration: { ...configuration, entryBuilder } });
    await cached();
    await expect(cached.set([], 2)).rejects.toMatchObject({
      code: 'INVALID_CALL',
      message: expect.stringContaining('CacheEntryBuilder.build') as string,
    });
    expect(await cached.exists([])).toBe(true);
  });
});
