import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../src/errors.js';
import { toMilliseconds, type Duration } from '../../src/time/duration.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const origin = { call: 'memoize', option: 'expireAfter' };
const read = (duration: unknown): number => toMilliseconds(duration as Duration, origin);

const wrong = `memoize: option 'expireAfter' should be a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds, got`;

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}

describe('toMilliseconds', () => {
  it.each([
    [0, 0],
    [-0, 0],
    [250, 250],
    [0.5, 0.5],
    [3_652 * day, 3_652 * day],
    [Infinity, Infinity],
  ])('takes the number %d as milliseconds', (written, expected) => {
    expect(read(written)).toBe(expected);
  });

  it.each([
    ['10 minutes', 10 * minute],
    ['  10   minutes ', 10 * minute],
    ['1d42m6s', day + 42 * minute + 6 * second],
    ['1m 10h 10s', minute + 10 * hour + 10 * second],
    ['1 minutes 2 days 10 hours', minute + 2 * day + 10 * hour],
    ['1 minutes 2 days 10 hours 10 seconds', minute + 2 * day + 10 * hour + 10 * second],
    ['1 DAY 1 Hour', day + hour],
    ['1s1second2seconds', 4 * second],
    ['1m1minute2minutes', 4 * minute],
    ['1h1hour2hours', 4 * hour],
    ['1d1day2days', 4 * day],
    ['1ms1millisecond2milliseconds', 4],
    ['1.5h', 90 * minute],
    ['0.25 seconds', 250],
    ['1.005s', 1005],
    ['0 s', 0],
    ['4000 days', 4000 * day],
  ])('adds up the amounts and units of %j', (written, expected) => {
    expect(read(written)).toBe(expected);
  });

  it.each([
    ['15:30', 15 * minute + 30 * second],
    ['5:30', 5 * minute + 30 * second],
    ['1:15:30', hour + 15 * minute + 30 * second],
    ['10:15:30', 10 * hour + 15 * minute + 30 * second],
    ['100:200:300', 100 * hour + 200 * minute + 300 * second],
    ['4 15:30', 4 * day + 15 * minute + 30 * second],
    ['4 10:15:30', 4 * day + 10 * hour + 15 * minute + 30 * second],
    ['1 day, 0:00:10', day + 10 * second],
    ['2 days,  0:00:10', 2 * day + 10 * second],
    ['15:30.1', 15 * minute + 30 * second + 100],
    ['15:30.001', 15 * minute + 30 * second + 1],
    ['0:00.0005', 0.5],
    ['20:15', 20 * minute + 15 * second],
  ])('reads %j as a stopwatch shows it', (written, expected) => {
    expect(read(written)).toBe(expected);
  });

  it.each([
    ['P4D', 4 * day],
    ['P0.5D', 12 * hour],
    ['P0,5D', 12 * hour],
    ['PT5H', 5 * hour],
    ['PT5M', 5 * minute],
    ['PT5S', 5 * second],
    ['PT0.000005S', 0.005],
    ['P1DT2H', day + 2 * hour],
    ['P1DT2H3M4.5S', day + 2 * hour + 3 * minute + 4.5 * second],
    ['+PT5M', 5 * minute],
    ['pt5m', 5 * minute],
  ])('reads %j as ISO 8601', (written, expected) => {
    expect(read(written)).toBe(expected);
  });

  it.each([
    [{ minutes: 5 }, 5 * minute],
    [{ days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 }, day + 2 * hour + 3 * minute + 4 * second + 5],
    [{ hours: 1, minutes: -5 }, 55 * minute],
    [{ seconds: 0 }, 0],
    [{ minutes: 1, seconds: undefined }, minute],
  ])('adds up the parts %j', (parts, expected) => {
    expect(read(parts)).toBe(expected);
  });

  it('asks anything like Temporal.Duration for its total', () => {
    const temporal = { sign: 1, total: (unit: string) => (unit === 'milliseconds' ? 5 * minute : NaN) };
    expect(read(temporal)).toBe(5 * minute);
  });

  it.each<[unknown, string]>([
    [undefined, `${wrong} undefined.`],
    [null, `${wrong} null.`],
    [NaN, `${wrong} NaN.`],
    [5n, `${wrong} 5n.`],
    [true, `${wrong} true.`],
    [-1, `${wrong} -1. A length of time cannot be negative.`],
    [-Infinity, `${wrong} -Infinity. A length of time cannot be negative.`],
    [
      1_763_712_000_000,
      `${wrong} 1763712000000. A number is a length in milliseconds, and this one is over ten years: it is probably a moment. Text such as '4000 days' may be longer, Infinity means for ever.`,
    ],
    ['', `${wrong} "". The text is empty.`],
    [' \t', `${wrong} " \\t". The text is empty.`],
    ['30', `${wrong} "30". A number in text says no unit: write '30 seconds' or '30 ms'.`],
    ['0.5', `${wrong} "0.5". A number in text says no unit: write '0.5 seconds' or '0.5 ms'.`],
    ['10 minuets', `${wrong} "10 minuets". Unknown unit 'minuets' at character 4: did you mean '10 minutes'?`],
    ['1h 30 min', `${wrong} "1h 30 min". Unknown unit 'min' at character 7: did you mean '1h 30 minutes'?`],
    ['5secnds', `${wrong} "5secnds". Unknown unit 'secnds' at character 2: did you mean '5 seconds'?`],
    [
      '2 fortnights',
      `${wrong} "2 fortnights". Unknown unit 'fortnights' at character 3. The units are days, hours, minutes, seconds, milliseconds and d, h, m, s, ms.`,
    ],
    [
      '5 minutes 30',
      `${wrong} "5 minutes 30". The number 30 has no unit at character 11: did you mean '5 minutes 30 seconds'?`,
    ],
    ['minutes', `${wrong} "minutes". Expected a number with a unit at character 1.`],
    ['5m, 3s', `${wrong} "5m, 3s". Expected a number with a unit at character 3: did you mean '5m 3s'?`],
    ['٣ days', `${wrong} "٣ days". Expected a number with a unit at character 1.`],
    ['-5 minutes', `${wrong} "-5 minutes". A length of time cannot be negative: did you mean '5 minutes'?`],
    ['-P1D', `${wrong} "-P1D". A length of time cannot be negative: did you mean 'P1D'?`],
    ['-15:30', `${wrong} "-15:30". A length of time cannot be negative: did you mean '15:30'?`],
    ['11:05Z', `${wrong} "11:05Z". It is a time of day, and no length of time.`],
    ['P', `${wrong} "P". It names no part: write 'PT5M' for five minutes.`],
    ['PT', `${wrong} "PT". It names no part: write 'PT5M' for five minutes.`],
    [
      'P4Y',
      `${wrong} "P4Y". Unknown unit 'Y' at character 3: did you mean 'P1460D'? The longest unit is a day, because years and months differ in length.`,
    ],
    [
      'P4M',
      `${wrong} "P4M". Unknown unit 'M' at character 3: write 'P120D' or 'PT4M'. The longest unit is a day, because years and months differ in length.`,
    ],
    [
      'P4W',
      `${wrong} "P4W". Unknown unit 'W' at character 3: did you mean 'P28D'? The longest unit is a day, because years and months differ in length.`,
    ],
    [
      'P1DT',
      `${wrong} "P1DT". Expected T, and hours, minutes or seconds at character 4: did you mean 'P1D'? In ISO 8601 a duration is days, then T and hours, minutes, seconds: 'P1DT2H30M' or 'PT0.5S'.`,
    ],
    [
      'PT5M3H',
      `${wrong} "PT5M3H". Expected the end at character 5. In ISO 8601 a duration is days, then T and hours, minutes, seconds: 'P1DT2H30M' or 'PT0.5S'.`,
    ],
    ['100000001 days', `${wrong} "100000001 days". No date lies that far away: Infinity means for ever.`],
    [
      {},
      `${wrong} an object of class Object. It names no part: give at least one of days, hours, minutes, seconds, milliseconds.`,
    ],
    [{ minuts: 5 }, `${wrong} an object of class Object. It has the unknown part 'minuts'. Did you mean 'minutes'?`],
    [
      { weeks: 1 },
      `${wrong} an object of class Object. It has the unknown part 'weeks'. The parts are days, hours, minutes, seconds, milliseconds.`,
    ],
    [{ minutes: '5' }, `${wrong} an object of class Object. Its part 'minutes' should be a finite number.`],
    [{ hours: Infinity }, `${wrong} an object of class Object. Its part 'hours' should be a finite number.`],
    [{ minutes: 1, seconds: -61 }, `${wrong} an object of class Object. A length of time cannot be negative.`],
    [{ sign: -1, total: () => -5 }, `${wrong} an object of class Object. A length of time cannot be negative.`],
    [{ sign: 1, total: () => NaN }, `${wrong} an object of class Object.`],
    [
      {
        sign: 1,
        total: () => {
          throw new RangeError('a starting point is required for years');
        },
      },
      `${wrong} an object of class Object. Years, months and weeks have no length of their own: give days, hours, minutes or seconds.`,
    ],
  ])('refuses %o', (written, message) => {
    const error = thrownBy(() => read(written));
    expect(InvalidOptionError.isInstance(error) && error.message).toBe(message);
  });

  const durationText = fc.string({ unit: fc.constantFrom(...Array.from('0123456789.,:+- PTDHMSYWdhmsinuteayco\n٣')) });

  it('gives a length or says what is wrong, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), durationText), (text) => {
        try {
          const milliseconds = read(text);
          expect(Number.isFinite(milliseconds) && milliseconds >= 0).toBe(true);
        } catch (error) {
          expect(InvalidOptionError.isInstance(error)).toBe(true);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads the amounts back that were written, in every notation', () => {
    const amount = fc.nat({ max: 9_999 });
    fc.assert(
      fc.property(amount, amount, amount, amount, (days, hours, minutes, seconds) => {
        const expected = days * day + hours * hour + minutes * minute + seconds * second;
        expect(read({ days, hours, minutes, seconds })).toBe(expected);
        expect(read(`${seconds}s ${minutes} minutes ${hours}h${days} day`)).toBe(expected);
        expect(read(`${days} days, ${hours}:${minutes}:${seconds}`)).toBe(expected);
        expect(read(`P${days}DT${hours}H${minutes}M${seconds}S`)).toBe(expected);
      }),
    );
  });

  it.each([
    ['spaces', `4${' '.repeat(100_000)}x`],
    ['digits', '4'.repeat(100_000)],
    ['digits with a unit', `${'4'.repeat(100_000)} days`],
    ['letters', `4 ${'m'.repeat(100_000)}`],
    ['colons', '1:'.repeat(50_000)],
    ['ISO digits', `P${'4'.repeat(100_000)}`],
    ['pairs', `${'1s '.repeat(30_000)}!`],
  ])('reads a hundred thousand %s in no time', (_, text) => {
    const started = performance.now();
    expect(() => read(text)).toThrow(InvalidOptionError);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
