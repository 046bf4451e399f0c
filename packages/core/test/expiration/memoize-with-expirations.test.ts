import {
  type CacheEvent,
  type Expiration,
  type KeyedCallOptions,
  LocalInMemoryCacheStorage,
  memoize,
  Memoizer,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from '../support/deferred.js';
import { counter } from '../support/source.js';

const minute = 60_000;
const noon = Date.UTC(2030, 0, 2, 12);

/** A shared storage as far as the engine can tell. */
class SharedStorage extends LocalInMemoryCacheStorage {
  override readonly shared = true;
}

describe('a time of day', () => {
  it('is the next one, again and again (Q45, Q47)', async () => {
    const clock = new ManualClock(noon);
    const { call } = counter();
    const report = memoize(call, { expireAfter: '11:05Z', clock });
    for (const version of ['value 1', 'value 2', 'value 3']) {
      expect(await report()).toBe(version);
      await clock.advance('23 hours');
      expect(await report()).toBe(version);
      expect(await report.ttl([])).toBe(5 * minute);
      await clock.advance('5 minutes');
      expect(await report.exists([])).toBe(false);
      // As late in the day as at first.
      await clock.advance('55 minutes');
    }
  });

  it('is not shortened by the jitter of a shared storage, so nothing is loaded just before it', async () => {
    const clock = new ManualClock(noon);
    const storage = new SharedStorage({ clock });
    const source = counter();
    const report = memoize(source.call, { name: 'report', storage, expireAfter: { at: '13:00' }, clock, jitter: 0.9 });
    for (let call = 0; call < 20; call++) {
      await report(call);
      expect(await report.ttl([call])).toBe(60 * minute);
    }
    const lived = memoize(source.call, { name: 'lived', storage, expireAfter: '1 hour', clock, jitter: 0.9 });
    const lifetimes = new Set<number | undefined>();
    for (let call = 0; call < 20; call++) {
      await lived(call);
      lifetimes.add(await lived.ttl([call]));
    }
    expect(lifetimes.size).toBeGreaterThan(10);
  });
});

describe('a moment', () => {
  it('expires all entries at once, and from then on nothing is served from the cache (Q47)', async () => {
    const clock = new ManualClock(noon);
    const source = counter();
    const sale = memoize(source.call, { expireAfter: '2030-01-02T13:00:00Z', clock });
    expect(await sale()).toBe('value 1');
    await clock.advance('59 minutes');
    expect(await sale()).toBe('value 1');
    await clock.advance('1 minute');
    expect([await sale(), await sale()]).toEqual(['value 2', 'value 3']);
    // Those who ask meanwhile share a load all the same (Q32).
    expect(await Promise.all([sale(), sale(), sale()])).toEqual(['value 4', 'value 4', 'value 4']);
  });
});

describe('an expiration that is judged', () => {
  it('is judged at each read: what it says may change', async () => {
    const clock = new ManualClock(noon);
    const { call } = counter();
    let deadline: Expiration = '1 hour';
    const cached = memoize(call, { expireAfter: () => deadline, clock });
    expect(await cached()).toBe('value 1');
    deadline = true;
    expect(await cached()).toBe('value 2');
    deadline = null;
    await clock.advance('100 days');
    expect(await cached()).toBe('value 2');
    expect(await cached.ttl([])).toBe(Infinity);
    deadline = '100 days';
    expect(await cached()).toBe('value 3');
    deadline = '5 minutes';
    expect(await cached.ttl([])).toBe(5 * minute);
  });

  it('finds a deadline in the value, of any kind', async () => {
    const clock = new ManualClock(noon);
    let tokens = 0;
    const token = memoize(
      async (expiresAt: Expiration | undefined) => ({
        number: ++tokens,
        ...(expiresAt !== undefined && { expiresAt }),
      }),
      { expireAfter: '$.expiresAt:seconds:ignore_missing', clock },
    );
    const ttls = async (...args: [Expiration | undefined]): Promise<unknown> => {
      await token(...args);
      return token.ttl(args);
    };
    expect(await ttls(90)).toBe(90_000);
    expect(await ttls('90')).toBe(90_000);
    expect(await ttls('PT5M')).toBe(5 * minute);
    expect(await ttls(new Date(noon + 7 * minute))).toBe(7 * minute);
    expect(await ttls('2030-01-02T12:08Z')).toBe(8 * minute);
    expect(await ttls('11:00Z')).toBe(23 * 60 * minute);
    expect(await ttls(null)).toBe(Infinity);
    expect(await ttls(undefined)).toBe(30 * minute);
    expect(await ttls(true)).toBeUndefined();
    await clock.advance('90 seconds');
    expect(tokens).toBe(9);
    expect((await token(90)).number).toBe(10);
    expect((await token('PT5M')).number).toBe(3);
  });

  it.each<[string, Expiration<{ ttl: string }>]>([
    ['a pointer', '$.ttl'],
    ['a function', ({ value }) => value.ttl],
    ['a function that waits', async ({ value }) => value.ttl],
    ['a moment', '2030-01-02T12:10Z'],
    ['a time of day', { at: '12:10' }],
    ['a length of time', '10 minutes'],
  ])('goes with a refresh behind the back of callers: %s', async (_, expireAfter) => {
    const clock = new ManualClock(noon);
    let version = 0;
    const cached = memoize(async () => ({ version: ++version, ttl: '10 minutes' }), {
      updateAfter: '2 minutes',
      expireAfter,
      clock,
    });
    const read = async (): Promise<number> => (await cached()).version;
    expect(await read()).toBe(1);
    await clock.advance('2 minutes');
    expect(await read()).toBe(1);
    await turn();
    expect(await read()).toBe(2);
    await clock.advance('10 minutes');
    expect(await read()).toBe(3);
  });

  it('may throw: that is an event, and the entry has expired; nobody hangs (Q29)', async () => {
    const clock = new ManualClock(noon);
    const source = counter();
    const events: CacheEvent[] = [];
    const cached = memoize(source.call, {
      expireAfter: '$.token.expiresAt',
      clock,
      onEvent: (event) => events.push(event),
    });
    expect([await cached(), await cached(), await cached()]).toEqual(['value 1', 'value 2', 'value 3']);
    expect(await Promise.all([cached(), cached()])).toEqual(['value 4', 'value 4']);
    const failures = events.filter((event) => event.type === 'policy-failed');
    expect(failures.length).toBeGreaterThanOrEqual(4);
    for (const { error } of failures) {
      expect(error.message).toBe(
        `The policy 'expiration' failed at key "()": The data pointer "$.token.expiresAt": $.token points to nothing. ` +
          `Add ':ignore_missing' where that may be; then it counts as if no expiration were said.`,
      );
    }
  });

  it('may throw for one read, and be right at the next', async () => {
    const clock = new ManualClock(noon);
    const { call } = counter();
    const failing = new Set<string>();
    const cached = memoize(call, {
      expireAfter: async ({ value }) => {
        if (failing.has(value)) throw new Error('no idea');
        return '1 hour';
      },
      clock,
      onEvent: () => undefined,
    });
    expect([await cached(), await cached()]).toEqual(['value 1', 'value 1']);
    failing.add('value 1');
    expect([await cached(), await cached()]).toEqual(['value 2', 'value 2']);
  });

  it('never blocks other keys while it waits', async () => {
    const clock = new ManualClock(noon);
    const source = counter();
    const judging = deferred<Expiration>();
    const waits = new Set<unknown>();
    const cached = memoize(source.call, {
      expireAfter: ({ value }) => (waits.has(value) ? judging.promise : '1 hour'),
      clock,
    });
    expect([await cached('slow'), await cached('quick')]).toEqual(['value 1', 'value 2']);
    waits.add('value 1');
    const slow = [cached('slow'), cached('slow')];
    expect(await cached('quick')).toBe('value 2');
    expect(await cached('new')).toBe('value 3');
    judging.resolve('1 hour');
    expect(await Promise.all(slow)).toEqual(['value 1', 'value 1']);
    expect(source.count).toBe(3);
  });

  it('that takes longer than a load may has failed', async () => {
    const clock = new ManualClock(noon);
    const { call } = counter();
    const events: string[] = [];
    const hanging = new Set<unknown>();
    const cached = memoize(call, {
      timeout: '5 seconds',
      expireAfter: ({ value }) => (hanging.has(value) ? new Promise<never>(() => undefined) : '1 hour'),
      clock,
      onEvent: (event) => {
        if (event.type === 'policy-failed') events.push(`${event.policy}: ${event.error.message}`);
      },
    });
    expect(await cached()).toBe('value 1');
    hanging.add('value 1');
    const waiting = cached();
    await clock.advance('5 seconds');
    expect(await waiting).toBe('value 2');
    expect(events).toEqual([
      `expiration: The policy 'expiration' failed at key "()": The function that says when the entry of key "()" expires ` +
        `did not end within 5000 ms, so the entry has expired.`,
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('can only be shortened by a later judgement in a shared storage', async () => {
    const clock = new ManualClock(noon);
    const storage = new SharedStorage({ clock });
    const { call } = counter();
    let minutes = 10;
    const cached = memoize(call, { name: 'f', storage, expireAfter: () => ({ minutes }), clock });
    expect(await cached()).toBe('value 1');
    minutes = 5;
    expect(await cached.ttl([])).toBe(5 * minute);
    minutes = 10;
    expect(await cached.ttl([])).toBe(10 * minute);
  });

  it('yields to what expire() says, where that is sooner', async () => {
    const clock = new ManualClock(noon);
    const { call } = counter();
    let deadline: Expiration = '10 minutes';
    const cached = memoize(call, { expireAfter: () => deadline, clock });
    expect(await cached()).toBe('value 1');
    expect(await cached.expire([], '5 minutes')).toBe(true);
    expect(await cached.ttl([])).toBe(5 * minute);
    deadline = '1 minute';
    expect(await cached.ttl([])).toBe(minute);
  });
});

describe('expirations in layers', () => {
  it('are chosen by region, function and call', async () => {
    const clock = new ManualClock(noon);
    const memo = new Memoizer(new LocalInMemoryCacheStorage({ clock }), {
      clock,
      updateAfter: '1 minute',
      expireAfter: '13:00Z',
      regions: {
        data: { expireAfter: '$.expires_in:seconds' },
        never: { expireAfter: null },
        moment: { expireAfter: new Date(noon + 5 * minute) },
      },
    });
    const load = async (): Promise<unknown> => ({ expires_in: 90 });
    const ttlOf = async (options: KeyedCallOptions<'data' | 'never' | 'moment', []>): Promise<number | undefined> => {
      await memo.delete('key');
      await memo.get('key', load, options);
      return memo.ttl('key', options);
    };
    expect(await ttlOf({})).toBe(60 * minute);
    expect(await ttlOf({ region: 'data' })).toBe(90_000);
    expect(await ttlOf({ region: 'never' })).toBe(Infinity);
    expect(await ttlOf({ region: 'moment' })).toBe(5 * minute);
    expect(await ttlOf({ region: 'data', expireAfter: () => '7 minutes' })).toBe(7 * minute);
    expect(await ttlOf({ region: 'data', expireAfter: null })).toBe(Infinity);
    expect(await ttlOf({ region: 'data', expireAfter: '4000 days' })).toBe(4_000 * 1_440 * minute);
    expect(await ttlOf({ region: 'never', expireAfter: '$.expires_in:ignore_missing:milliseconds' })).toBe(90);
  });

  it('are refused where they are written', () => {
    const storage = new LocalInMemoryCacheStorage();
    const soon = 'soon' as string;
    const regions = { a: { expireAfter: soon } };
    const expected =
      /option 'expireAfter' should be an expiration such as .*, got "soon"\. Expected a number with a unit/;
    expect(() => new Memoizer(storage, { regions })).toThrow(expected);
    expect(() => new Memoizer(storage, { expireAfter: soon })).toThrow(expected);
    expect(() => new Memoizer(storage).memoize(async () => 1, { expireAfter: soon })).toThrow(expected);
    expect(() => memoize(async () => 1, { expireAfter: soon })).toThrow(expected);
  });
});
