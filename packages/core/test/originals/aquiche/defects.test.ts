/**
 * Defects and surprises of aquiche 1.3.1, by their rows in the list of its behaviours, over both doors. What is about keys,
 * expirations and resources alone has files of its own.
 */
import { CachedMethodFailedError, disposals, InvalidOptionError, Key, memoize } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { deferred, turn } from '../../support/deferred.js';
import { askFor, type Door, type Options, subjectAt } from './cache-under-test.js';

const doom = new Error('Doom has fallen upon us');

/** A function that fails as often as it is told, and then gives what it is called with. */
function failing(times: number): (value: unknown) => unknown {
  let left = times;
  return (value) => {
    if (left-- > 0) throw doom;
    return value;
  };
}

const itself = (value: unknown): unknown => value;

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) return outcome.error;
  throw new Error(`It was answered with ${String(outcome.value)}.`);
}

describe.each<Door>(['memoize', 'memoizeSync'])('defects of aquiche, mended by %s', (door) => {
  it.each<Options>([{ maxsize: -1 }, { retry: { count: -1 } }])('Q5: %j is refused where it is written', (options) => {
    expect(() => subjectAt(door, itself, options)).toThrow(InvalidOptionError);
  });

  it('Q5: a capacity of 0 keeps nothing', async () => {
    const subject = subjectAt(door, itself, { maxsize: 0 });
    await askFor(subject, [1, 1]);
    expect([subject.calls(), subject.info().size]).toEqual([2, 0]);
  });

  it('Q3: text that is no expiration is refused where it is written', () => {
    expect(() => subjectAt(door, itself, { expireAfter: 'garbage' })).toThrow(InvalidOptionError);
  });

  it('Q7: what it is made with is told, and cannot be changed', () => {
    const { cached } = subjectAt(door, itself, { retry: { count: 2 } });
    const parameters = cached.cacheParameters();
    expect(parameters).toMatchObject({ retries: 2, expireAfter: Infinity, negative: false });
    expect(() => Object.assign(parameters, { retries: 5 })).toThrow(TypeError);
    expect(cached.cacheParameters()).toEqual(parameters);
  });

  it('Q11: a function may call itself for other arguments', async () => {
    const subject = subjectAt(door, (depth: number): unknown => (depth === 0 ? 'ground' : subject.cached(depth - 1)));
    expect(await subject.call(10)).toBe('ground');
    expect(subject.calls()).toBe(11);
  });

  it('Q20: a refresh is made with the arguments of who asks', async () => {
    const subject = subjectAt(door, itself, { key: Key.single, expireAfter: true });
    expect(await askFor(subject, [1, 2])).toEqual([1, 2]);
  });

  it('Q22: a hit is the value itself', async () => {
    const subject = subjectAt(door, () => ({}));
    const [first, second] = await askFor(subject, ['a', 'a']);
    expect(second).toBe(first);
  });

  it('Q24: without negative caching no failure is kept, and none is ever returned', async () => {
    const subject = subjectAt(door, failing(2));
    for (let call = 0; call < 2; call++) {
      const error = await failureOf(subject.call('a'));
      expect(CachedMethodFailedError.isInstance(error) && error.cause).toBe(doom);
    }
    expect([await subject.call('a'), subject.calls()]).toEqual(['a', 3]);
  });

  it('Q25: a refresh that fails leaves the good value', async () => {
    let isDown = false;
    const fn = (value: unknown): unknown => {
      if (isDown) throw doom;
      return value;
    };
    const options: Options = { expireAfter: '1 hour', negative: {} };
    const [strict, lenient] = [options, { ...options, staleIfError: '1 day' }].map((said) => subjectAt(door, fn, said));
    for (const subject of [strict!, lenient!]) await subject.call('a');
    isDown = true;
    for (const subject of [strict!, lenient!]) {
      await failureOf(subject.refresh('a'));
      expect(await subject.call('a')).toBe('a');
      await subject.clock.advance('1 hour');
    }
    expect(CachedMethodFailedError.isInstance(await failureOf(strict!.call('a')))).toBe(true);
    expect(await lenient!.call('a')).toBe('a');
  });

  it('Q26: a remembered failure is thrown again, for 10 seconds if nothing is said', async () => {
    const subject = subjectAt(door, failing(1), { negative: {} });
    const errors = [await failureOf(subject.call('a')), await failureOf(subject.call('a'))];
    expect(errors.map((error) => (error as Error).cause)).toEqual([doom, doom]);
    expect([subject.calls(), subject.info().hits]).toEqual([1, 1]);
    await subject.clock.advance('10 seconds');
    expect(await subject.call('a')).toBe('a');
  });

  it.each([undefined, null, 'text', Symbol('thrown'), new Error('an error')])(
    'Q28: the key is free again, whatever is thrown: %o',
    async (thrown) => {
      let calls = 0;
      const subject = subjectAt(door, () => {
        if (++calls === 1) throw thrown;
        return 'value';
      });
      await failureOf(subject.call('a'));
      expect(await subject.call('a')).toBe('value');
      expect(await subject.call('a')).toBe('value');
      expect(calls).toBe(2);
    },
  );

  it.each<[string, Options]>([
    ['a pointer to nothing', { expireAfter: '$.missing.part' }],
    [
      'a function that throws',
      {
        expireAfter: () => {
          throw doom;
        },
      },
    ],
    ['a function that returns no expiration', { expireAfter: () => 'garbage' }],
  ])('Q29: with %s entries have expired, and no call hangs', async (_, options) => {
    const subject = subjectAt(door, itself, options);
    expect(await askFor(subject, ['a', 'a', 'a', 'a'])).toEqual(['a', 'a', 'a', 'a']);
    expect(subject.calls()).toBe(4);
    const failures = subject.events.filter((event) => event.type === 'policy-failed');
    expect(failures.length).toBeGreaterThan(0);
    expect(new Set(failures.map(({ policy }) => policy))).toEqual(new Set(['expiration']));
  });

  it('Q29: what can be judged no more has expired, and no call hangs', async () => {
    let isBroken = false;
    const subject = subjectAt(door, itself, {
      expireAfter: () => {
        if (isBroken) throw doom;
        return '1 hour';
      },
    });
    await askFor(subject, ['a', 'a']);
    expect(subject.calls()).toBe(1);
    isBroken = true;
    expect(await subject.exists('a')).toBe(false);
    expect(await askFor(subject, ['a', 'a', 'a'])).toEqual(['a', 'a', 'a']);
    expect(subject.calls()).toBe(4);
    // What was loaded last is there, and can be judged again.
    isBroken = false;
    expect(await subject.exists('a')).toBe(true);
  });

  it('Q32: what expires at once is loaded each time', async () => {
    const subject = subjectAt(door, itself, { expireAfter: true });
    await askFor(subject, ['a', 'a', 'a']);
    expect(subject.calls()).toBe(3);
  });

  it('Q42: fractions of a unit are not cut off, and a large number is no moment', async () => {
    for (const [expireAfter, left] of [
      [1_900, 1_900],
      [1.5, 1.5],
      [100_000_001, 100_000_001],
    ] as const) {
      const subject = subjectAt(door, itself, { expireAfter });
      await subject.call('a');
      expect(await subject.cached.ttl(['a'])).toBe(left);
    }
    for (const expireAfter of [1.7e12, NaN, -1]) {
      expect(() => subjectAt(door, itself, { expireAfter })).toThrow(InvalidOptionError);
    }
    const forever = subjectAt(door, itself, { expireAfter: Infinity });
    await forever.call('a');
    expect(await forever.cached.ttl(['a'])).toBe(Infinity);
  });

  it('Q45, Q47: a time of day comes again each day', async () => {
    const clock = new ManualClock(Date.UTC(2022, 0, 1, 11));
    const subject = subjectAt(door, itself, { expireAfter: '11:05Z' }, clock);
    await askFor(subject, ['a', 'a']);
    expect(subject.calls()).toBe(1);
    await clock.advance('5 minutes');
    await askFor(subject, ['a', 'a']);
    expect(subject.calls()).toBe(2);
    await clock.advance('23 hours 59 minutes');
    expect(await subject.exists('a')).toBe(true);
    await clock.advance('1 minute');
    expect(await subject.exists('a')).toBe(false);
  });

  it('Q47: a moment that has passed is passed for ever, as there', async () => {
    const subject = subjectAt(door, itself, { expireAfter: '2021-12-31' });
    await askFor(subject, ['a', 'a']);
    expect(subject.calls()).toBe(2);
  });

  it.each<[written: string, left: number]>([
    ['1 hour', 3_600_000],
    ['2022-01-01T01:00:00Z', 3_600_000],
    ['2022-01-02', 86_400_000],
    ['06:00Z', 21_600_000],
    ['  10 minutes ', 600_000],
  ])('Q48: %j is a length, a moment, a date or a time of day', async (expireAfter, left) => {
    const subject = subjectAt(door, itself, { expireAfter });
    await subject.call('a');
    expect(await subject.cached.ttl(['a'])).toBe(left);
  });

  it('Q50: a promise is no expiration', () => {
    const expireAfter = Promise.resolve('1 hour') as unknown as string;
    expect(() => subjectAt(door, itself, { expireAfter })).toThrow(
      `option 'expireAfter' should be an expiration such as '10 minutes', '2030-01-01', '11:05Z', '$.token.expiresAt', ` +
        `null or a function of the item, got an object of class Promise. A promise is judged once: give the function that ` +
        `returns it.`,
    );
  });

  it('Q51: a pointer goes through objects, Maps, lists and what a class has', async () => {
    class Response {
      readonly #seconds = 60;

      get tokens(): unknown {
        return [new Map([['first', { expires: { in: this.#seconds } }]])];
      }
    }
    const subject = subjectAt(door, () => new Response(), { expireAfter: '$.tokens[0].first.expires.in:seconds' });
    await subject.call('a');
    expect(await subject.cached.ttl(['a'])).toBe(60_000);
  });

  it('Q70: without a bound everything is kept', async () => {
    const subject = subjectAt(door, itself);
    for (let value = 0; value < 5_000; value++) await subject.cached(value);
    expect(subject.info()).toMatchObject({ size: 5_000, evictions: 0 });
  });

  it('Q71: who was asked for last stays', async () => {
    const loaded: unknown[] = [];
    const subject = subjectAt(door, (value: number) => loaded.push(value), { maxsize: 2 });
    await askFor(subject, [1, 2, 1, 3, 2, 1]);
    expect(loaded).toEqual([1, 2, 3, 2, 1]);
  });

  it('Q73: a full cache that was cleared goes on', async () => {
    const subject = subjectAt(door, itself, { maxsize: 2 });
    await askFor(subject, [1, 2, 3]);
    await subject.clear();
    expect(await askFor(subject, [1, 2, 3])).toEqual([1, 2, 3]);
    expect(subject.info().size).toBe(2);
  });

  it('Q74: a full cache that was swept keeps its room, and what comes later is swept, too', async () => {
    const subject = subjectAt(door, itself, { maxsize: 3, expireAfter: '1 hour' });
    for (let round = 0; round < 3; round++) {
      await askFor(subject, [1, 2, 3, 4]);
      expect(subject.info().size).toBe(3);
      await subject.clock.advance('1 hour');
      expect(await subject.removeExpired()).toBe(3);
      expect(subject.info().size).toBe(0);
    }
  });

  it('Q77: a sweep goes on where an expiration cannot be judged: such an entry has expired', async () => {
    let isBroken = false;
    const subject = subjectAt(door, itself, {
      expireAfter: ({ value }) => {
        if (isBroken && value === 2) throw doom;
        return '1 hour';
      },
    });
    await askFor(subject, [1, 2, 3]);
    isBroken = true;
    expect(await subject.removeExpired()).toBe(1);
    expect([await subject.exists(1), await subject.exists(3), subject.info().size]).toEqual([true, true, 2]);
  });

  it.each(['', '   ', 'P', 'PT', '30', '-5 minutes'])('A3.4: %j is no expiration', (expireAfter) => {
    expect(() => subjectAt(door, itself, { expireAfter })).toThrow(InvalidOptionError);
  });
});

describe('defects of aquiche, mended by memoize', () => {
  it('Q11: an expiration may ask the function that it is judged for', async () => {
    const clock = new ManualClock();
    const lifetimes: (value: string) => Promise<string> = memoize(async (value: string) => value, {
      clock,
      expireAfter: async ({ value }) => (value === '1 hour' ? null : await lifetimes('1 hour')),
    });
    expect(await lifetimes('a')).toBe('a');
    expect(await lifetimes('a')).toBe('a');
    await clock.advance('1 hour');
    expect(await (lifetimes as ReturnType<typeof memoize<typeof lifetimes>>).removeExpired()).toBe(1);
  });

  it('Q21: who comes while it is loaded waits for that load, in which others are not held up', async () => {
    const loading = deferred<string>();
    const cached = memoize(async (key: string) => (key === 'slow' ? loading.promise : key));
    const asking = [cached('slow'), cached('slow')];
    await turn();
    expect(await cached('quick')).toBe('quick');
    loading.resolve('slow');
    expect(await Promise.all(asking)).toEqual(['slow', 'slow']);
    expect(cached.cacheInfo()).toMatchObject({ loads: 2, joins: 1 });
  });

  it('Q32: what expires at once is loaded once for all who ask meanwhile', async () => {
    let calls = 0;
    const cached = memoize(async () => ++calls, { expireAfter: true });
    expect(await Promise.all([cached(), cached(), cached()])).toEqual([1, 1, 1]);
    expect(await cached()).toBe(2);
  });

  it('Q23: a client is closed when the next one is there, so that nobody gets a closed one', async () => {
    const clock = new ManualClock();
    const log: string[] = [];
    let number = 0;
    const cached = memoize(async () => ({ number: ++number }), {
      dispose: {
        open: (client) => void log.push(`open ${client.number}`),
        close: (client) => void log.push(`close ${client.number}`),
      },
      expireAfter: '1 minute',
      clock,
    });
    await cached();
    await clock.advance('1 minute');
    await cached();
    await clock.advance(0);
    expect(await disposals('10 seconds')).toBe(true);
    expect(log).toEqual(['open 1', 'open 2', 'close 1']);
  });
});
