import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataPointerError, InvalidCallError, InvalidOptionError, MemoError } from '../../src/errors.js';
import type { CachedItem, Expiration, ExpirationPolicy } from '../../src/expiration/expiration.js';
import { expirationAfter, expirationFrom } from '../../src/expiration/expiration-from.js';

const origin = { call: 'memoize', option: 'expireAfter' };
const minute = 60_000;
const fetched = Date.UTC(2030, 0, 2, 12);
const aMoment = Date.UTC(2035, 0, 1);

function policyOf(written: unknown): ExpirationPolicy {
  return expirationFrom(written as Expiration<never>, origin);
}

function item(value: unknown, isError = false): CachedItem {
  return { value, lastFetched: fetched, isError };
}

function deadlineOf(written: unknown, value?: unknown): unknown {
  return policyOf(written).deadlineOf(item(value));
}

async function failureOf(written: unknown, value?: unknown): Promise<unknown> {
  try {
    return { deadline: await deadlineOf(written, value) };
  } catch (error) {
    return error;
  }
}

/** With this message, word for word. */
function saying(message: string): unknown {
  return expect.objectContaining({ message });
}

describe('an expiration that is the same for all items', () => {
  it.each<[string, unknown, number]>([
    ['null is never', null, Infinity],
    ['false is never', false, Infinity],
    ['Infinity is never', Infinity, Infinity],
    ['true is at once', true, 0],
    ['0 is at once', 0, 0],
    ['a number is milliseconds', 1_500, 1_500],
    ['a fraction stays one', 0.5, 0.5],
    ['text with a unit', '10 minutes', 10 * minute],
    ['text of more than ten years', '4000 days', 4_000 * 24 * 60 * minute],
    ['parts', { hours: 1, minutes: 30 }, 90 * minute],
    ['a Temporal.Duration', { sign: 1, total: () => 5 * minute }, 5 * minute],
  ])('%s', (_, written, after) => {
    expect(policyOf(written)).toMatchObject({ after, isJudgedAtReads: false });
    expect(deadlineOf(written)).toBe(fetched + after);
  });

  it.each<[string, unknown, number]>([
    ['a Date', new Date(aMoment), aMoment],
    ['a Temporal.Instant', { epochMilliseconds: aMoment }, aMoment],
    ['a date, which is midnight in UTC', '2035-01-01', aMoment],
    ['a moment with a zone', '2035-01-01T02:00+02:00', aMoment],
    ['a moment that has passed', '2012-04-23T09:15:00Z', Date.UTC(2012, 3, 23, 9, 15)],
    ['the next time of day, on the same day', '13:05Z', Date.UTC(2030, 0, 2, 13, 5)],
    ['the next time of day, on the next day', { at: '11:05' }, Date.UTC(2030, 0, 3, 11, 5)],
    ['a time of day that it is now: the next', { at: '12:00' }, Date.UTC(2030, 0, 3, 12)],
    ['a time of day elsewhere', { at: '13:30+02:00' }, Date.UTC(2030, 0, 3, 11, 30)],
    ['a time of day elsewhere, on the same day', '08:00-05:30', Date.UTC(2030, 0, 2, 13, 30)],
  ])('%s', (_, written, deadline) => {
    expect(policyOf(written)).toMatchObject({ after: undefined, isJudgedAtReads: false });
    expect(deadlineOf(written)).toBe(deadline);
  });

  it('is read when it is written, whatever becomes of the object', () => {
    const date = new Date(aMoment);
    const parts = { minutes: 5 };
    const policies = [policyOf(date), policyOf(parts)];
    date.setFullYear(1999);
    parts.minutes = 7;
    expect(policies.map((policy) => policy.deadlineOf(item(0)))).toEqual([aMoment, fetched + 5 * minute]);
  });

  it('stays as it is when it has been read', () => {
    const policies = [expirationAfter(5), policyOf('11:05Z'), policyOf('$.a'), policyOf(() => null)];
    expect(policies.map(policyOf)).toEqual(policies);
    for (const policy of policies) expect(policyOf(policy)).toBe(policy);
  });

  const expected = `an expiration such as '10 minutes', '2030-01-01', '11:05Z', '$.token.expiresAt', null or a function of the item`;

  it.each<[unknown, string]>([
    [undefined, 'undefined.'],
    [5n, '5n.'],
    [Symbol('soon'), 'Symbol(soon).'],
    [NaN, 'NaN.'],
    [-1, '-1. A length of time cannot be negative.'],
    [
      1.7e12,
      `1700000000000. A number is a length in milliseconds, and this one is over ten years: it is probably a moment. Text such as '4000 days' may be longer, Infinity means for ever.`,
    ],
    ['30', `"30". A number in text says no unit: write '30 seconds' or '30 ms'.`],
    ['10 minuets', `"10 minuets". Unknown unit 'minuets' at character 4: did you mean '10 minutes'?`],
    ['$', `"$". It points to the whole value: name a part of it, such as '$.expiresAt'.`],
    [
      '$token',
      `"$token". Expected a point and a name, an index in brackets or a suffix at character 2: did you mean '$.token'?`,
    ],
    [new Date(NaN), 'an object of class Date. The Date is invalid.'],
    [{ minuets: 5 }, `an object of class Object. It has the unknown part 'minuets'. Did you mean 'minutes'?`],
    [{ at: 11 }, `an object of class Object. Its 'at' should be text such as '11:05'.`],
    [{ at: '11:05', days: 1 }, `an object of class Object. Beside 'at' there is nothing to say, such as 'days'.`],
    [{ at: '25:00' }, `an object of class Object. There is no hour 25 at character 1.`],
    [
      Object.freeze({
        get minutes(): never {
          throw new Error('closed');
        },
      }),
      `an object of class Object. It throws when it is looked at.`,
    ],
    [
      Promise.resolve('1 hour'),
      `an object of class Promise. A promise is judged once: give the function that returns it.`,
    ],
    [
      ['1 hour'],
      `an object of class Array. It has the unknown part '0'. The parts are days, hours, minutes, seconds, milliseconds.`,
    ],
  ])('is refused where it is none: %#', (written, rest) => {
    expect(() => policyOf(written)).toThrow(InvalidOptionError);
    expect(() => policyOf(written)).toThrow(saying(`memoize: option 'expireAfter' should be ${expected}, got ${rest}`));
  });

  it('is refused where it cannot even be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(() => policyOf(proxy)).toThrow(
      saying(
        `memoize: option 'expireAfter' should be ${expected}, got something that cannot be shown. It throws when it is looked at.`,
      ),
    );
  });
});

describe('a function of the item', () => {
  it('is told what there is to know, at each judgement', () => {
    const items: CachedItem[] = [];
    const policy = policyOf((given: CachedItem) => {
      items.push(given);
      return 5;
    });
    expect(policy).toMatchObject({ after: undefined, isJudgedAtReads: true });
    expect(items).toEqual([]);
    const [value, failure] = [item('a'), item(new Error('refused'), true)];
    expect([policy.deadlineOf(value), policy.deadlineOf(failure), policy.deadlineOf(value)]).toEqual([
      fetched + 5,
      fetched + 5,
      fetched + 5,
    ]);
    expect(items).toEqual([value, failure, value]);
  });

  it.each<[string, unknown, number]>([
    ['null', null, Infinity],
    ['false', false, Infinity],
    ['true', true, fetched],
    ['milliseconds', 5_000, fetched + 5_000],
    ['a length of time', '10s', fetched + 10_000],
    ['a moment', new Date(aMoment), aMoment],
    ['the text of a moment', '2035-01-01', aMoment],
    ['a time of day', { at: '13:05' }, Date.UTC(2030, 0, 2, 13, 5)],
    ['a pointer', '$.expires_in:seconds', fetched + 3_600_000],
    ['a function', () => '10s', fetched + 10_000],
    [
      'a function that returns a function of the item',
      () => (given: CachedItem) => given.lastFetched - fetched + 1,
      fetched + 1,
    ],
  ])('may return %s', async (_, answer, deadline) => {
    const value = { expires_in: 3_600 };
    expect(deadlineOf(() => answer, value)).toBe(deadline);
    expect(await deadlineOf(async () => answer, value)).toBe(deadline);
    // Anything that can be waited for.
    expect(await deadlineOf(() => ({ then: (resolve: (answer: unknown) => void) => resolve(answer) }), value)).toBe(
      deadline,
    );
    expect(await deadlineOf(() => async () => async () => answer, value)).toBe(deadline);
  });

  it('that throws, throws', async () => {
    const error = new Error('no idea');
    const fail = (): never => {
      throw error;
    };
    expect(() => deadlineOf(fail)).toThrow(error);
    await expect(deadlineOf(async () => fail())).rejects.toBe(error);
    await expect(deadlineOf(async () => fail)).rejects.toBe(error);
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined.'],
    ['soon', `"soon". Expected a number with a unit at character 1.`],
    ['$', `"$". It points to the whole value: name a part of it, such as '$.expiresAt'.`],
    [-5, '-5. A length of time cannot be negative.'],
    [
      1.7e12,
      `1700000000000. A number is a length in milliseconds, and this one is over ten years: it is probably a moment. Text such as '4000 days' may be longer, Infinity means for ever.`,
    ],
  ])('that returns %s says nothing', async (answer, rest) => {
    const message = `expireAfter: expected an expiration from its function, got ${rest}`;
    expect(() => deadlineOf(() => answer)).toThrow(InvalidCallError);
    expect(() => deadlineOf(() => answer)).toThrow(saying(message));
    await expect(deadlineOf(async () => answer)).rejects.toThrow(saying(message));
  });

  it('goes on for eight turns', async () => {
    const nested = (depth: number): unknown => (depth === 0 ? '10s' : () => nested(depth - 1));
    expect(deadlineOf(nested(8))).toBe(fetched + 10_000);
    const message = `expireAfter: expected an expiration from its function, got an anonymous function. Expirations that find one another come to an end after 8 turns.`;
    expect(() => deadlineOf(nested(9))).toThrow(message);
    const itself = async (): Promise<unknown> => itself;
    await expect(deadlineOf(itself)).rejects.toThrow(/got function itself\. Expirations that find one another/);
  });
});

describe('a pointer into the value', () => {
  const value = (expiration: unknown): unknown => ({ data: new Map([['list', [{ expiration }]]]) });
  const path = '$.data.list[0].expiration';

  it.each<[string, unknown, number]>([
    ['a Date', new Date(aMoment), aMoment],
    ['the text of a moment', '2035-01-01T00:00Z', aMoment],
    ['a length of time', '12 hours', fetched + 720 * minute],
    ['parts', { minutes: 5 }, fetched + 5 * minute],
    ['a time of day', '13:05Z', Date.UTC(2030, 0, 2, 13, 5)],
    ['null', null, Infinity],
    ['false', false, Infinity],
    ['true', true, fetched],
    ['a function', () => '10s', fetched + 10_000],
    ['another pointer', '$.data.list.length:seconds', fetched + 1_000],
  ])('finds %s, whatever unit it says of numbers', (_, expiration, deadline) => {
    expect(policyOf(path)).toMatchObject({ after: undefined, isJudgedAtReads: true });
    for (const suffix of ['', ':seconds', ':milliseconds', ':unix', ':ignore_missing', ':unix:ignore_missing']) {
      expect(deadlineOf(`${path}${suffix}`, value(expiration))).toBe(deadline);
    }
  });

  it.each<[string, unknown, number]>([
    [':seconds', 3_600, fetched + 3_600_000],
    [':seconds', 0.5, fetched + 500],
    [':seconds', 0, fetched],
    [':seconds', -5, fetched - 5_000],
    [':seconds', 60n, fetched + 60_000],
    [':seconds', '3600', fetched + 3_600_000],
    [':seconds', ' 1.5 ', fetched + 1_500],
    [':seconds', '-5', fetched - 5_000],
    [':seconds', Infinity, Infinity],
    [':milliseconds', 250, fetched + 250],
    [':milliseconds', '250', fetched + 250],
    [':unix', aMoment / 1_000, aMoment],
    [':unix', `${aMoment / 1_000}`, aMoment],
    [':unix', 1_494_012_444.883, 1_494_012_444_883],
    [':unix', 0, 0],
    [':unix', -1, -1_000],
    [':unix', Infinity, Infinity],
  ])('reads a number as its suffix says: %s, %s', (suffix, number, deadline) => {
    expect(deadlineOf(`${path}${suffix}`, value(number))).toBe(deadline);
    expect(deadlineOf(() => `${path}${suffix}`, value(number))).toBe(deadline);
  });

  it('counts as if nothing were said where it may point to nothing, and does', () => {
    for (const missing of [{}, { a: undefined }, null, 5, { a: { c: 1 } }]) {
      expect(deadlineOf('$.a.b:ignore_missing', missing)).toBe(fetched + 30 * minute);
      expect(deadlineOf('$.a.b:seconds:ignore_missing', missing)).toBe(fetched + 30 * minute);
    }
    const policy = expirationFrom('$.a:ignore_missing', { ...origin, otherwise: 10_000 });
    expect(policy.deadlineOf(item({}))).toBe(fetched + 10_000);
    expect(policy.deadlineOf(item({ a: '1h' }))).toBe(fetched + 60 * minute);
    expect(deadlineOf('$.a:ignore_missing', { a: null })).toBe(Infinity);
  });

  const advice = `':unix' stands for seconds since 1970; for milliseconds give a function: (item) => new Date(item.value.expiresAt).`;

  it.each<[pointer: string, value: unknown, message: string]>([
    [
      '$.token.expiresAt',
      { token: {} },
      `$.token.expiresAt points to nothing. Add ':ignore_missing' where that may be; then it counts as if no expiration were said.`,
    ],
    [
      '$.token.expiresAt:unix',
      undefined,
      `$.token points to nothing. Add ':ignore_missing' where that may be; then it counts as if no expiration were said.`,
    ],
    [
      '$.a',
      { a: 3_600 },
      `expected an expiration there, got 3600. A number in data needs its unit: write '$.a:seconds', '$.a:milliseconds', or '$.a:unix' for seconds since 1970.`,
    ],
    [
      ' $.a:ignore_missing',
      { a: 60n },
      `expected an expiration there, got 60. A number in data needs its unit: write '$.a:ignore_missing:seconds', '$.a:ignore_missing:milliseconds', or '$.a:ignore_missing:unix' for seconds since 1970.`,
    ],
    [
      '$.a',
      { a: '3600' },
      `expected an expiration there, got "3600". A number in text says no unit: write '3600 seconds' or '3600 ms'.`,
    ],
    ['$.a:seconds', { a: NaN }, `expected an expiration there, got NaN.`],
    ['$.a:unix', { a: NaN }, `expected an expiration there, got NaN.`],
    [
      '$.a:seconds',
      { a: aMoment / 1_000 },
      `expected an expiration there, got ${aMoment / 1_000}. A length of over ten years is probably a moment. ${advice}`,
    ],
    [
      '$.a:milliseconds',
      { a: aMoment },
      `expected an expiration there, got ${aMoment}. A length of over ten years is probably a moment. ${advice}`,
    ],
    [
      '$.a:unix',
      { a: aMoment },
      `expected an expiration there, got ${aMoment}. That many seconds are probably milliseconds. ${advice}`,
    ],
    [
      '$.a',
      { a: { b: 1 } },
      `expected an expiration there, got an object of class Object. It has the unknown part 'b'. The parts are days, hours, minutes, seconds, milliseconds.`,
    ],
    ['$.a', { a: Symbol('soon') }, `expected an expiration there, got Symbol(soon).`],
    [
      '$.a',
      { a: '$.a' },
      `expected an expiration there, got "$.a". Expirations that find one another come to an end after 8 turns.`,
    ],
  ])('%s that finds no expiration is an error: %#', async (pointer, found, message) => {
    expect(() => deadlineOf(pointer, found)).toThrow(DataPointerError);
    expect(() => deadlineOf(pointer, found)).toThrow(saying(`The data pointer ${JSON.stringify(pointer)}: ${message}`));
  });

  it('that finds a getter which throws is an error', () => {
    const closed = {
      get expiresAt(): never {
        throw new TypeError('closed');
      },
    };
    expect(() => deadlineOf('$.expiresAt', closed)).toThrow(
      'The data pointer "$.expiresAt": $.expiresAt cannot be read: closed',
    );
  });
});

describe('text that is read again and again', () => {
  it('always means the same, however much is read between', () => {
    const texts = Array.from({ length: 1_000 }, (_, index) => `${index} ms`);
    for (let round = 0; round < 3; round++) {
      for (const [index, text] of texts.entries()) expect(deadlineOf(() => text)).toBe(fetched + index);
    }
    const long = `1 ms ${'1 ms '.repeat(100)}`;
    for (let round = 0; round < 3; round++) {
      expect(deadlineOf(() => long)).toBe(fetched + 101);
      expect(() => deadlineOf(() => 'soon')).toThrow('got "soon"');
    }
  });
});

describe('whatever is written', () => {
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
    fc.string(),
    fc.constantFrom('$.a', '$.a:seconds', '$.a:unix', '$.a:ignore_missing', '10 minutes', '11:05Z', '2030-01-01'),
    fc.double(),
  );

  it('it is read, or refused by an error of memo; what is judged is a moment, or an error of memo', async () => {
    await fc.assert(
      fc.asyncProperty(anything, anything, async (written, value) => {
        for (const form of [written, () => written, async () => written]) {
          const outcome = await failureOf(form, { a: value });
          if (MemoError.isInstance(outcome)) continue;
          const { deadline } = outcome as { deadline?: unknown };
          expect(typeof deadline).toBe('number');
          expect(deadline).not.toBeNaN();
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a length of time ends so much after the item was fetched, a moment when it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e11 }), fc.integer({ min: 0, max: 4e12 }), (milliseconds, lastFetched) => {
        const cached: CachedItem = { value: { a: milliseconds }, lastFetched, isError: false };
        for (const written of [
          milliseconds,
          { milliseconds },
          `${milliseconds} ms`,
          () => milliseconds,
          '$.a:milliseconds',
        ]) {
          expect(policyOf(written).deadlineOf(cached)).toBe(lastFetched + milliseconds);
        }
        const moment = new Date(milliseconds);
        for (const written of [moment, moment.toISOString(), () => moment, { epochMilliseconds: milliseconds }]) {
          expect(policyOf(written).deadlineOf(cached)).toBe(milliseconds);
        }
      }),
    );
  });
});
