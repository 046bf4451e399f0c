import {
  type CacheEntry,
  type CacheEvent,
  LocalInMemoryCacheStorage,
  memoize,
  type MemoizeOptions,
  Memoizer,
} from '@memo/core';
import { ChaosStorage, ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from './support/deferred.js';

const noon = Date.UTC(2026, 10, 21, 12);

function subject(options: MemoizeOptions<[id: number]> = {}) {
  const clock = new ManualClock(noon);
  const storage = new LocalInMemoryCacheStorage({ clock });
  const events: CacheEvent[] = [];
  const cached = memoize(async (id: number) => `value ${id}`, {
    name: 'loaded',
    clock,
    storage,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  /** Calls, and lets the sweep behind the call end. */
  const call = async (id: number): Promise<string> => {
    const value = await cached(id);
    await turn();
    return value;
  };
  const sweeps = (): unknown[] =>
    events.filter((event) => event.type === 'expired-removed').map(({ removed }) => removed);
  return { cached, call, clock, storage, events, sweeps, size: () => cached.cacheInfo().size };
}

describe('removeExpiredEvery', () => {
  it('removes what has expired behind a call, when that is due (aquiche test_auto_expired_items_removal)', async () => {
    const { call, clock, size } = subject({ expireAfter: '12 hours', removeExpiredEvery: '12 hours' });
    await call(1);
    await call(2);
    expect(size()).toBe(2);
    await clock.advance('1 day');
    await call(3);
    expect(size()).toBe(1);
  });

  it('removes nothing where nothing is said (aquiche test_disabled_auto_removal)', async () => {
    const { cached, call, clock, size, sweeps } = subject({ expireAfter: '12 hours' });
    await call(1);
    await clock.advance('1 day');
    await call(2);
    expect([size(), sweeps(), cached.cacheInfo().lastExpirationCheck]).toEqual([2, [], undefined]);
    // By hand it does (test_expired_items_removal_manual).
    await clock.advance('1 day');
    expect([await cached.removeExpired(), size()]).toEqual([2, 0]);
    expect(cached.cacheInfo().lastExpirationCheck).toBe(clock.now());
  });

  it('begins with the very first call (aquiche Q75), and is told when it was last (Q8)', async () => {
    const { cached, call, clock, sweeps } = subject({ removeExpiredEvery: '1 hour' });
    expect(cached.cacheInfo().lastExpirationCheck).toBe(undefined);
    await call(1);
    expect([sweeps(), cached.cacheInfo().lastExpirationCheck]).toEqual([[0], noon]);
    await cached.clear();
    expect(cached.cacheInfo().lastExpirationCheck).toBe(noon);
    await clock.advance('1 hour');
    await call(1);
    expect(cached.cacheInfo().lastExpirationCheck).toBe(noon + 3_600_000);
  });

  it('sweeps no sooner than it says, hit or miss', async () => {
    const { call, clock, sweeps } = subject({ removeExpiredEvery: '1 hour' });
    await call(1);
    await clock.advance(3_599_999);
    await call(1);
    await call(2);
    expect(sweeps()).toHaveLength(1);
    await clock.advance(1);
    await call(1);
    await call(1);
    expect(sweeps()).toHaveLength(2);
  });

  it('sets no timer: where nobody calls nothing is swept', async () => {
    const { call, clock, sweeps } = subject({ expireAfter: '1 minute', removeExpiredEvery: '1 minute' });
    await call(1);
    expect(clock.pendingTimers).toBe(0);
    await clock.advance('1 day');
    expect(sweeps()).toHaveLength(1);
  });

  it('is measured by time that passes, whatever is done to the clock', async () => {
    const { call, clock, sweeps } = subject({ removeExpiredEvery: '1 hour' });
    await call(1);
    clock.set(noon - 86_400_000);
    await clock.advance('1 hour');
    await call(1);
    expect(sweeps()).toHaveLength(2);
  });

  it('leaves what another region keeps for longer', async () => {
    const clock = new ManualClock(noon);
    const storage = new LocalInMemoryCacheStorage({ clock });
    const memo = new Memoizer(storage, {
      clock,
      jitter: 0,
      regions: {
        swept: { expireAfter: 1_000, removeExpiredEvery: 1_000 },
        kept: { expireAfter: 1_000, staleIfError: '1 hour' },
      },
    });
    await memo.get('a', () => 1, { region: 'kept' });
    await memo.get('b', () => 2, { region: 'swept' });
    await clock.advance('1 minute');
    await memo.get('c', () => 3, { region: 'swept' });
    await turn();
    expect(storage.size).toBe(2);
    expect(await memo.get('a', async () => Promise.reject(new Error('down')), { region: 'kept' })).toBe(1);
  });

  it('lets no caller wait', async () => {
    const clock = new ManualClock(noon);
    const gate = deferred<void>();
    class SlowlyListing extends LocalInMemoryCacheStorage {
      override async *entries(): AsyncGenerator<readonly [string, CacheEntry]> {
        await gate.promise;
        yield* super.entries();
      }
    }
    const { call, sweeps } = subject({ storage: new SlowlyListing({ clock }), clock, removeExpiredEvery: 1_000 });
    expect(await call(1)).toBe('value 1');
    // One at a time, though the next is due.
    await clock.advance('1 second');
    expect(await call(2)).toBe('value 2');
    expect(sweeps()).toEqual([]);
    gate.resolve();
    await turn();
    expect(sweeps()).toEqual([0]);
    await call(2);
    expect(sweeps()).toEqual([0, 0]);
  });

  it('leaves what is being refreshed or loaded alone (mends aquiche Q76)', async () => {
    const clock = new ManualClock(noon);
    const gates = new Map<number, () => void>();
    const load = async (id: number): Promise<string> => {
      await new Promise<void>((resolve) => gates.set(id, resolve));
      return `value ${id} at ${clock.now() - noon}`;
    };
    const cached = memoize(load, { clock, expireAfter: 1_000, removeExpiredEvery: 1_000 });
    const first = cached(1);
    await turn();
    gates.get(1)!();
    await first;
    await clock.advance(1_000);
    // It has expired, and is being loaded anew while the sweep comes by.
    const again = cached(1);
    await turn();
    gates.get(1)!();
    expect(await again).toBe('value 1 at 1000');
    expect(await cached(1)).toBe('value 1 at 1000');
    expect(cached.cacheInfo().size).toBe(1);
  });

  it('leaves what is kept for failures until its time has come', async () => {
    const { call, clock, size } = subject({ expireAfter: 1_000, staleIfError: 9_000, removeExpiredEvery: 1 });
    await call(1);
    await clock.advance(9_999);
    await call(2);
    expect(size()).toBe(2);
    await clock.advance(1);
    await call(2);
    expect(size()).toBe(1);
  });

  it('takes only entries of its own function', async () => {
    const clock = new ManualClock(noon);
    const storage = new LocalInMemoryCacheStorage({ clock });
    const options = { clock, storage, expireAfter: 1_000 };
    const [one, other] = ['one', 'other'].map((name) =>
      memoize(async (id: number) => id, { ...options, name, ...(name === 'one' && { removeExpiredEvery: 1_000 }) }),
    );
    await Promise.all([one!(1), other!(1)]);
    await clock.advance(1_000);
    await one!(2);
    await turn();
    const keys: string[] = [];
    for await (const [key] of storage.entries()) keys.push(key);
    expect(keys).toHaveLength(2);
    expect(keys.some((key) => key.includes('other'))).toBe(true);
  });

  it('tells the eviction strategy what has gone', async () => {
    const { call, clock, size, cached } = subject({ expireAfter: 1_000, removeExpiredEvery: 1_000, capacity: 2 });
    await call(1);
    await call(2);
    await clock.advance(1_000);
    await call(3);
    await call(4);
    expect([size(), cached.cacheInfo().evictions]).toEqual([2, 0]);
  });

  it('is an event where the storage fails, and begins again when it is due', async () => {
    const clock = new ManualClock(noon);
    const storage = new ChaosStorage(new LocalInMemoryCacheStorage({ clock }), { entries: 'fail' }, clock);
    const { call, events, sweeps } = subject({ clock, storage, removeExpiredEvery: 1_000 });
    expect(await call(1)).toBe('value 1');
    const faults = events.filter((event) => event.type === 'storage-failed');
    expect(faults).toMatchObject([{ operation: 'removeExpired', error: { code: 'STORAGE_FAILED' } }]);
    storage.plan = {};
    await call(1);
    expect(sweeps()).toEqual([]);
    await clock.advance('1 second');
    await call(1);
    expect(sweeps()).toEqual([0]);
  });

  it('goes on where an expiration cannot be judged: such an entry has expired (mends aquiche Q77)', async () => {
    const { call, clock, size, cached } = subject({
      removeExpiredEvery: 1_000,
      expireAfter: ({ value }: { readonly value: unknown }) => {
        if (value === 'value 1' && clock.now() > noon) throw new Error('cannot say');
        return value === 'value 2' ? 1_000 : 60_000;
      },
    });
    await call(1);
    await call(2);
    await call(3);
    expect(size()).toBe(3);
    await clock.advance('1 second');
    await call(3);
    expect(size()).toBe(1);
    expect(await cached.exists([3])).toBe(true);
  });

  it('begins with calls by key, too, in the region that says so', async () => {
    const clock = new ManualClock(noon);
    const storage = new LocalInMemoryCacheStorage({ clock });
    const memo = new Memoizer(storage, {
      clock,
      namespace: 'pages',
      expireAfter: 1_000,
      regions: { swept: { removeExpiredEvery: 1_000 } },
    });
    await memo.get('a', () => 1);
    await turn();
    expect(memo.cacheInfo().lastExpirationCheck).toBe(undefined);
    await clock.advance(1_000);
    await memo.get('b', () => 2);
    await turn();
    expect(storage.size).toBe(2);
    await memo.get('b', () => 2, { region: 'swept' });
    await turn();
    expect([storage.size, memo.cacheInfo().lastExpirationCheck]).toEqual([1, noon + 1_000]);
  });

  it.each([
    [-1, "option 'removeExpiredEvery' should be a duration"],
    ['often', "option 'removeExpiredEvery' should be a duration"],
  ])('is refused when wrapping where it is %o', (removeExpiredEvery, message) => {
    expect(() => memoize(async () => 1, { removeExpiredEvery })).toThrow(`memoize: ${message}`);
  });
});

describe('what cacheInfo counts (aquiche Q8)', () => {
  it('is a miss where the entry has expired, and the size counts expired entries', async () => {
    const { call, clock, cached } = subject({ expireAfter: 1_000 });
    await call(1);
    await call(1);
    await clock.advance(1_000);
    expect(cached.cacheInfo()).toMatchObject({ hits: 1, misses: 1, size: 1 });
    await call(1);
    expect(cached.cacheInfo()).toMatchObject({ hits: 1, misses: 2, size: 1 });
  });
});

describe('clear between the end of a load and its waiters (aquiche Q30)', () => {
  it('leaves nobody without an answer', async () => {
    const clock = new ManualClock(noon);
    const gate = deferred<string>();
    const cached = memoize(() => gate.promise, { clock });
    const waiting = [cached(), cached(), cached()];
    await turn();
    gate.resolve('value');
    const clearing = cached.clear();
    expect(await Promise.all(waiting)).toEqual(['value', 'value', 'value']);
    await clearing;
    expect(cached.cacheInfo().size).toBe(0);
  });
});
