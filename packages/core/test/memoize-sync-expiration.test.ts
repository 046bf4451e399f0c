import { type CachedItem, memoizeSync, type MemoizeSyncOptions } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { counted, eventsOf } from './support/synchronous.js';

const start = Date.UTC(2030, 0, 1, 10);

function cachedReport(fn: (id: string) => unknown, options: MemoizeSyncOptions<[id: string], string>) {
  const clock = new ManualClock(start);
  const { events, onEvent } = eventsOf();
  const source = counted(fn);
  return { clock, events, source, cached: memoizeSync(source.call, { clock, onEvent, ...(options as object) }) };
}

describe('expireAfter that is settled when the entry is made', () => {
  const expirations: readonly [written: MemoizeSyncOptions['expireAfter'], ttl: number | undefined][] = [
    [null, Infinity],
    [false, Infinity],
    [true, undefined],
    [0, undefined],
    [250, 250],
    ['1d42m6s', 88_926_000],
    [{ hours: 1, minutes: 30 }, 5_400_000],
    ['2030-01-01T10:00:01Z', 1_000],
    [new Date(start + 5), 5],
    ['2030-01-02', 14 * 3_600_000],
    ['11:05Z', 65 * 60_000],
    [{ at: '09:00' }, 23 * 3_600_000],
    ['2029-01-01', undefined],
  ];
  it.each(expirations)('%o: %s ms are left', (expireAfter, ttl) => {
    const { cached, source } = cachedReport((id) => id, { expireAfter: expireAfter as null });
    expect([cached('a'), cached.ttl(['a'])]).toEqual(['a', ttl]);
    cached('a');
    expect(source.calls).toHaveLength(ttl === undefined ? 2 : 1);
  });

  it('a time of day comes again and again (Q45)', () => {
    const { clock, cached, source } = cachedReport((id) => id, { expireAfter: '11:05Z' });
    for (let day = 0; day < 3; day++) {
      clock.set(start + day * 86_400_000 + 65 * 60_000 - 1);
      cached('a');
      expect(source.calls).toHaveLength(day + 1);
      clock.set(start + day * 86_400_000 + 65 * 60_000);
      expect(cached.exists(['a'])).toBe(false);
    }
  });

  it('Q47: a moment that has passed: nothing is answered from the cache', () => {
    const { clock, cached, source } = cachedReport((id) => id, { expireAfter: new Date(start + 5) });
    cached('a');
    clock.set(start + 5);
    expect([cached('a'), cached('a')]).toEqual(['a', 'a']);
    expect(source.calls).toHaveLength(3);
  });
});

describe('expireAfter that is judged at each read', () => {
  it('by a function, which is told the item', () => {
    const items: CachedItem<string>[] = [];
    const { clock, cached } = cachedReport((id) => `report ${id}`, {
      expireAfter: (item) => (items.push({ ...item }), '1 minute'),
    });
    cached('a');
    clock.set(start + 59_999);
    cached('a');
    expect(items).toEqual([
      { value: 'report a', lastFetched: start, isError: false },
      { value: 'report a', lastFetched: start, isError: false },
    ]);
    expect(cached.ttl(['a'])).toBe(1);
    clock.set(start + 60_000);
    expect([cached.exists(['a']), cached.ttl(['a'])]).toEqual([false, undefined]);
  });

  it('sooner or later than it was judged before', () => {
    let left: string | boolean = '1 minute';
    const { clock, cached, source } = cachedReport((id) => id, { expireAfter: () => left });
    cached('a');
    left = '1 hour';
    clock.set(start + 60_000);
    cached('a');
    expect([source.calls.length, cached.ttl(['a'])]).toEqual([1, 59 * 60_000]);
    left = true;
    cached('a');
    expect(source.calls).toHaveLength(2);
    left = false;
    expect(cached.ttl(['a'])).toBe(Infinity);
  });

  it('what expire has set holds as well, and only shortens', () => {
    const { clock, cached } = cachedReport((id) => id, { expireAfter: () => '1 hour' });
    cached('a');
    cached.expire(['a'], '1 minute');
    expect(cached.ttl(['a'])).toBe(60_000);
    cached.expire(['a'], null);
    expect(cached.ttl(['a'])).toBe(3_600_000);
    cached.expire(['a'], '1 minute');
    clock.set(start + 60_000);
    expect(cached.exists(['a'])).toBe(false);
  });

  it('by what stands in the value', () => {
    const { clock, cached, source } = cachedReport((id) => ({ token: { id, lasts: 30 } }), {
      expireAfter: '$.token.lasts:seconds',
    });
    cached('a');
    expect(cached.ttl(['a'])).toBe(30_000);
    clock.set(start + 30_000);
    cached('a');
    expect(source.calls).toHaveLength(2);
  });

  it('Q29: what cannot be judged has expired, each time, and that is an event', () => {
    let broken = true;
    const { cached, source, events } = cachedReport((id) => id, {
      expireAfter: () => {
        if (broken) throw new RangeError('broken');
        return '1 hour';
      },
    });
    expect([cached('a'), cached('a'), cached('a')]).toEqual(['a', 'a', 'a']);
    expect([source.calls.length, cached.exists(['a']), cached.delete(['a'])]).toEqual([3, false, false]);
    expect(events('policy-failed')[0]).toMatchObject({
      policy: 'expiration',
      key: 'a',
      error: { message: `The policy 'expiration' failed at key "a": broken` },
    });
    broken = false;
    cached('a');
    expect(cached.ttl(['a'])).toBe(3_600_000);
    expect(cacheOf({}, '$.a.b').events('policy-failed')[0]?.error.message).toMatch(
      /^The policy 'expiration' failed at key "a": /,
    );
  });

  it('Q29: or what is no expiration, which nobody can wait for either', () => {
    const { cached, events } = cachedReport((id) => id, { expireAfter: () => 'garbage' });
    cached('a');
    expect(events('policy-failed')[0]?.error.message).toMatch(
      /^The policy 'expiration' failed at key "a": expireAfter: expected an expiration from its function, got "garbage"\./,
    );
  });

  it('what asks for the entry that it judges cannot judge it', () => {
    let asks = false;
    const { cached, source, events } = cachedReport((id) => id, {
      expireAfter: () => {
        if (asks) [cached('a'), cached('a')].forEach((answer) => expect(answer).toBe('a'));
        return '1 minute';
      },
    });
    cached('a');
    asks = true;
    expect(cached('a')).toBe('a');
    expect(source.calls.length).toBeLessThan(10);
    expect(events('policy-failed')[0]?.error.message).toBe(
      `The policy 'expiration' failed at key "a": The cached function "counted" was called for key "a" in the midst of ` +
        `its own load of that key, which would never end. It may call itself for other keys. If this call is another one, ` +
        `let the option 'key' tell it apart.`,
    );
  });

  function cacheOf(value: object, expireAfter: '$.a.b') {
    const found = cachedReport(() => value, { expireAfter });
    found.cached('a');
    return found;
  }
});

describe('removeExpiredEvery', () => {
  it('Q75: looks for what has expired at a call, the first one included; no timer does', async () => {
    const { clock, cached, events } = cachedReport((id) => id, {
      expireAfter: '1 minute',
      removeExpiredEvery: '10 minutes',
    });
    expect(cached.cacheInfo().lastExpirationCheck).toBeUndefined();
    cached('a');
    expect([cached.cacheInfo().lastExpirationCheck, clock.pendingTimers]).toEqual([start, 0]);
    await clock.advance(600_000 - 1);
    cached('b');
    expect([cached.cacheInfo().size, cached.cacheInfo().lastExpirationCheck]).toEqual([2, start]);
    await clock.advance(1);
    cached('b');
    expect([cached.cacheInfo().size, cached.cacheInfo().lastExpirationCheck]).toEqual([1, start + 600_000]);
    expect(events('expired-removed').map(({ key, removed }) => [key, removed])).toEqual([
      ['', 0],
      ['', 1],
    ]);
  });

  it('Q77: an entry that cannot be judged is removed like the others', async () => {
    const { clock, cached, events } = cachedReport((id) => id, {
      expireAfter: ({ value }) => {
        if (value === 'b') throw new Error('no judgement');
        return '1 minute';
      },
      removeExpiredEvery: '10 minutes',
    });
    ['a', 'b', 'c'].forEach((id) => cached(id));
    await clock.advance(600_000);
    cached('d');
    expect([cached.cacheInfo().size, cached.exists(['d'])]).toEqual([1, true]);
    expect(events('policy-failed').every(({ key }) => key === 'b')).toBe(true);
  });

  it('what judges entries may call the function', async () => {
    const { clock, cached, source, events } = cachedReport((id: string): string => id, {
      expireAfter: ({ value }) => {
        if (value.length < 5) cached(`${value}+`);
        return '1 minute';
      },
      removeExpiredEvery: '10 minutes',
    });
    cached('a');
    expect(source.calls.flat()).toEqual(['a', 'a+', 'a++', 'a+++', 'a++++']);
    await clock.advance(600_000);
    expect(cached('b')).toBe('b');
    expect([cached.exists(['b']), events('policy-failed')]).toEqual([true, []]);
  });

  it('what comes meanwhile is left for the next time', () => {
    let [isSwept, more] = [false, 0];
    const { cached } = cachedReport((id: string): string => id, {
      expireAfter: () => {
        if (isSwept && more < 1_000) {
          isSwept = false;
          cached(`more ${more++}`);
          isSwept = true;
        }
        return '1 minute';
      },
    });
    ['a', 'b', 'c'].forEach((id) => cached(id));
    isSwept = true;
    cached.removeExpired();
    expect(more).toBe(3);
  });

  it('the hands of the clock do not matter', async () => {
    const { clock, cached } = cachedReport((id) => id, { expireAfter: '1 minute', removeExpiredEvery: '10 minutes' });
    cached('a');
    clock.set(0);
    await clock.advance('10 minutes');
    cached('b');
    expect(cached.cacheInfo().lastExpirationCheck).toBe(600_000);
  });

  it('0: at each call', () => {
    const { cached, source } = cachedReport((id) => id, { expireAfter: 0, removeExpiredEvery: 0 });
    ['a', 'b', 'c'].forEach((id) => cached(id));
    expect([cached.cacheInfo().size, source.calls.length]).toEqual([1, 3]);
  });
});
