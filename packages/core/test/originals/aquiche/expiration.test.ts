import { type CachedItem, type Expiration, memoize } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import { describe, expect, it } from 'vitest';
import { DataPointerError } from '../../../src/errors.js';
import { expirationFrom } from '../../../src/expiration/expiration-from.js';
import { meaningOf } from '../../../src/expiration/expiration-meaning.js';

const day = 86_400_000;
const fiveDays = 5 * day;
/** The present of the original's tests. */
const now = Date.UTC(2022, 8, 30);

function at(year: number, month: number, dayOfMonth: number, hour = 0): number {
  return Date.UTC(year, month - 1, dayOfMonth, hour);
}

function item(lastFetched: number, value: unknown = null): CachedItem {
  return { value, lastFetched, isError: false };
}

function policyOf(written: Expiration<never>): ReturnType<typeof expirationFrom> {
  return expirationFrom(written, { call: 'memoize', option: 'expireAfter' });
}

/** Inclusive, as everywhere. */
async function isExpired(written: Expiration<never>, cached: CachedItem): Promise<boolean> {
  return (await policyOf(written).deadlineOf(cached)) <= now;
}

// The original's value that was never fetched is no entry here, which is absent, and so is loaded.
describe('aquiche test_expiration', () => {
  it.each([at(2000, 1, 1), at(2022, 1, 1), now])(
    'test_non_expiring_cache_expiration: fetched at %d, it never expires',
    async (lastFetched) => {
      expect(await isExpired(null, item(lastFetched))).toBe(false);
      expect(policyOf(null).deadlineOf(item(lastFetched))).toBe(Infinity);
    },
  );

  it('test_non_expiring_cache_expiration: without a value it is loaded', async () => {
    const cached = memoize(async () => 1, { expireAfter: null });
    expect(await cached.exists([])).toBe(false);
    expect(await cached()).toBe(1);
    expect(await cached.ttl([])).toBe(Infinity);
  });

  it.each([true, false])('bool: %s says whether it has expired', async (written) => {
    expect(await isExpired(written, item(at(2000, 1, 1)))).toBe(written);
    expect(await isExpired(written, item(now))).toBe(written);
    expect(await isExpired(() => written, item(now))).toBe(written);
  });

  it.each([at(2000, 1, 1), at(2022, 9, 24), at(2022, 9, 25), at(2022, 9, 26), now])(
    'test_cache_expiration: a date that has passed, fetched at %d',
    async (lastFetched) => {
      expect(await isExpired(new Date(at(2022, 9, 25)), item(lastFetched))).toBe(true);
      expect(await isExpired(new Date(now), item(lastFetched))).toBe(true);
    },
  );

  it.each([at(2000, 1, 1), at(2022, 9, 24), at(2022, 9, 29), now])(
    'test_cache_expiration: a date that has not passed, fetched at %d',
    async (lastFetched) => {
      expect(await isExpired(new Date(now + 1), item(lastFetched))).toBe(false);
      expect(await isExpired('2022-10-01', item(lastFetched))).toBe(false);
    },
  );

  it.each([
    [at(2000, 1, 1), true],
    [at(2022, 9, 24), true],
    // Exactly one day ago.
    [at(2022, 9, 29), true],
    [at(2022, 9, 29, 1), false],
    [now, false],
  ])('test_cache_refresh_expiration: a day, fetched at %d', async (lastFetched, expected) => {
    expect(await isExpired({ days: 1 }, item(lastFetched))).toBe(expected);
  });

  const nested = (expiration: unknown): unknown => ({ data: { nested: { expiration } } });

  it.each([
    ['a date that has passed', '1999-01-01', at(2000, 1, 1), true],
    ['five days, over', 432_000, at(2022, 9, 24), true],
    ['five days, not over', 432_000, at(2022, 9, 29), false],
  ])('test_sync_attribute_cache_expiration: %s', async (_, expiration, lastFetched, expected) => {
    // Numbers in data say their unit here.
    expect(await isExpired('$.data.nested.expiration:seconds', item(lastFetched, nested(expiration)))).toBe(expected);
  });

  it.each([
    [null, '$.data'],
    [{ data: { nested: { random: 432_000 } } }, '$.data.nested.expiration'],
  ])('test_sync_attribute_cache_expiration_invalid_path: %j', (value, place) => {
    const policy = policyOf('$.data.nested.expiration');
    expect(() => policy.deadlineOf(item(now, value))).toThrow(DataPointerError);
    expect(() => policy.deadlineOf(item(now, value))).toThrow(
      `The data pointer "$.data.nested.expiration": ${place} points to nothing. Add ':ignore_missing' where that may be; ` +
        `then it counts as if no expiration were said.`,
    );
  });

  type Nested = { readonly data: { readonly nested: { readonly expiration: Expiration } } };
  const byFunction = ({ value }: CachedItem<Nested>): Expiration => value.data.nested.expiration;

  it.each<[string, Expiration, number, boolean]>([
    ['a date that has passed', '1999-01-01', at(2000, 1, 1), true],
    ['five days, over', fiveDays, at(2022, 9, 24), true],
    ['five days, not over', fiveDays, at(2022, 9, 29), false],
    ['a function that returns five days, over', () => fiveDays, at(2022, 9, 24), true],
  ])('test_sync_func_cache_expiration: %s', async (_, expiration, lastFetched, expected) => {
    const cached = item(lastFetched, nested(expiration));
    expect(await isExpired(byFunction, cached)).toBe(expected);
    expect(await isExpired(async (given: CachedItem<Nested>) => byFunction(given), cached)).toBe(expected);
    // test_async_attribute_cache_expiration: where a pointer finds a function, and one that waits.
    expect(
      await isExpired(
        '$.data.nested.expiration',
        item(
          lastFetched,
          nested(async () => expiration),
        ),
      ),
    ).toBe(expected);
  });

  it('test_async_attribute_cache_expiration_async: an async function is waited for', async () => {
    expect(await isExpired(async () => fiveDays, item(at(2022, 9, 24)))).toBe(true);
    expect(await isExpired(async () => fiveDays, item(at(2022, 9, 29)))).toBe(false);
  });

  // What is written in seconds there is in milliseconds here; a number in text and a number for a moment are refused.
  it.each<[theirs: string, ours: Expiration<never>, meaning: object]>([
    ['30', 30_000, { kind: 'duration', milliseconds: 30_000 }],
    [`'30'`, '30 seconds', { kind: 'duration', milliseconds: 30_000 }],
    [`'15:30'`, '15:30', { kind: 'duration', milliseconds: 930_000 }],
    [`'10:15:30'`, '10:15:30', { kind: 'duration', milliseconds: 36_930_000 }],
    [`'4 15:30'`, '4 15:30', { kind: 'duration', milliseconds: 4 * day + 930_000 }],
    [`'4 10:15:30'`, '4 10:15:30', { kind: 'duration', milliseconds: 4 * day + 36_930_000 }],
    ['432000', 432_000_000, { kind: 'duration', milliseconds: fiveDays }],
    [`'5days'`, '5days', { kind: 'duration', milliseconds: fiveDays }],
    [`'P5D'`, 'P5D', { kind: 'duration', milliseconds: fiveDays }],
    [`'100s 10m'`, '100s 10m', { kind: 'duration', milliseconds: 700_000 }],
    [`'100 seconds 10 minutes'`, '100 seconds 10 minutes', { kind: 'duration', milliseconds: 700_000 }],
    ['timedelta(days=1, hours=8)', { days: 1, hours: 8 }, { kind: 'duration', milliseconds: 32 * 3_600_000 }],
    ['1641021310', new Date(1_641_021_310_000), { kind: 'moment', epochMilliseconds: 1_641_021_310_000 }],
    ['1641021310000', new Date(1_641_021_310_000), { kind: 'moment', epochMilliseconds: 1_641_021_310_000 }],
    [
      `'2022-01-01T07:15:10.000Z'`,
      '2022-01-01T07:15:10.000Z',
      { kind: 'moment', epochMilliseconds: 1_641_021_310_000 },
    ],
    [
      'datetime(2022, 1, 1, 7, 15, 10, tzinfo=utc)',
      new Date('2022-01-01T07:15:10Z'),
      { kind: 'moment', epochMilliseconds: 1_641_021_310_000 },
    ],
    ['date(2022, 1, 1)', '2022-01-01', { kind: 'moment', epochMilliseconds: at(2022, 1, 1) }],
    // The original takes the time of the present day; here it is the next one, day after day.
    ['time(10, 30, 11, tzinfo=utc)', '10:30:11Z', { kind: 'time-of-day', millisecondsOfDay: 37_811_000, offset: 0 }],
  ])('test_get_expiration_simple_values: %s', (_, ours, meaning) => {
    expect(meaningOf(ours)).toEqual(meaning);
  });

  it.each([
    ['test_get_attribute_expiration: one pointer for both', '$.data.nested.expiration'],
    ['test_get_async_func_expiration: one function for both', async () => 30],
  ])('%s', (_, written) => {
    expect(policyOf(written)).toMatchObject({ after: undefined, isJudgedAtReads: true });
  });
});

describe('aquiche test_async_cache', () => {
  /** Ten calls with 'a', ten with 'bb'. */
  async function lengthsWith(expireAfter: Expiration<number>): Promise<{ lengths: number[]; loads: string[] }> {
    const loads: string[] = [];
    const lengthOf = memoize(
      async (text: string) => {
        loads.push(text);
        return text.length;
      },
      { expireAfter, clock: new ManualClock(now) },
    );
    const lengths: number[] = [];
    for (const text of ['a', 'bb']) for (let call = 0; call < 10; call++) lengths.push(await lengthOf(text));
    return { lengths, loads };
  }

  const elevenLoads = ['a', ...new Array<string>(10).fill('bb')];
  const twentyLengths = [...new Array<number>(10).fill(1), ...new Array<number>(10).fill(2)];

  it('test_async_cache_function_expiry: "a" is loaded once, "bb" ten times', async () => {
    const { lengths, loads } = await lengthsWith(({ value }) => value > 1);
    expect(lengths).toEqual(twentyLengths);
    expect(loads).toEqual(elevenLoads);
  });

  it('test_async_cache_async_function_expiry', async () => {
    const { lengths, loads } = await lengthsWith(async ({ value }) => value > 1);
    expect(lengths).toEqual(twentyLengths);
    expect(loads).toEqual(elevenLoads);
  });

  it('test_async_cache_data_pointer_expiry', async () => {
    const loads: string[] = [];
    const tokenOf = memoize(
      async (user: string) => {
        loads.push(user);
        return { token: { expiration: user.length > 1 ? '2022-01-30T00:00:00+0000' : '2022-10-30T00:00:00+0000' } };
      },
      { expireAfter: '$.token.expiration', clock: new ManualClock(now) },
    );
    for (const user of ['a', 'bb']) for (let call = 0; call < 10; call++) await tokenOf(user);
    expect(loads).toEqual(elevenLoads);
  });
});
