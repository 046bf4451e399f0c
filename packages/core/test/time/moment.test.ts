import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidCallError } from '../../src/errors.js';
import { toEpochMilliseconds, type Moment } from '../../src/time/moment.js';

const read = (moment: unknown): number => toEpochMilliseconds(moment as Moment, { call: 'expireAt' });

const wrong = `expireAt: expected a Date, epoch milliseconds or ISO 8601 text such as '2026-11-21T10:15:00Z', got`;
const tooFar = 'No date lies that far away: Infinity means never.';
const tooFarBack = 'No date lies that far back: any moment that is over will do.';
const noTemporal = `Its 'epochMilliseconds' should be a number, as Temporal.Instant and Temporal.ZonedDateTime have it.`;
const noUnit = 'A number in text says no unit';
const bareNumber = 'A number without quotes is milliseconds since 1970.';
const form = `A moment is written as '2026-11-21' or '2026-11-21T10:15:30.5+02:00'.`;
const timeOfDay = `A time of day needs its date before it: '2026-11-21T10:15Z'.`;
const lengthOfTime = 'It is a length of time, and no moment.';

/** As far as a `Date` reaches. */
const farthest = 8.64e15;

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}

describe('toEpochMilliseconds', () => {
  it.each([
    [0, 0],
    [-0, 0],
    [-1, -1],
    [0.5, 0.5],
    [1_795_256_100_000, 1_795_256_100_000],
    [farthest, farthest],
    [-farthest, -farthest],
    [Infinity, Infinity],
  ])('takes the number %d as epoch milliseconds', (written, expected) => {
    expect(read(written)).toBe(expected);
  });

  it.each([
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
    ['2026-12-31', '2026-12-31T00:00:00.000Z'],
    ['2026-11-21T10:15Z', '2026-11-21T10:15:00.000Z'],
    ['2026-11-21T10:15:30Z', '2026-11-21T10:15:30.000Z'],
    ['2026-11-21T10:15:30.5Z', '2026-11-21T10:15:30.500Z'],
    ['2026-11-21T10:15:30.123Z', '2026-11-21T10:15:30.123Z'],
    ['2026-11-21T10:15:30,25Z', '2026-11-21T10:15:30.250Z'],
    ['2026-11-21T23:59:59.999999999Z', '2026-11-21T23:59:59.999Z'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z'],
    ['2026-11-21T10:15:30+02:00', '2026-11-21T08:15:30.000Z'],
    ['2026-11-21T10:15:30+0200', '2026-11-21T08:15:30.000Z'],
    ['2026-11-21T10:15:30+02', '2026-11-21T08:15:30.000Z'],
    ['2026-11-21T10:15-09:30', '2026-11-21T19:45:00.000Z'],
    ['2026-11-21T10:15-00:00', '2026-11-21T10:15:00.000Z'],
    ['2026-01-01T00:15+05:45', '2025-12-31T18:30:00.000Z'],
    ['2026-12-31T23:15-01', '2027-01-01T00:15:00.000Z'],
    ['2026-11-21T10:15:30', '2026-11-21T10:15:30.000Z'],
    ['2026-11-21T10:15', '2026-11-21T10:15:00.000Z'],
    ['2026-11-21 10:15:30.5+02:00', '2026-11-21T08:15:30.500Z'],
    ['2026-11-21t10:15:30z', '2026-11-21T10:15:30.000Z'],
    [' 2026-11-21\n', '2026-11-21T00:00:00.000Z'],
    ['0000-01-01', '0000-01-01T00:00:00.000Z'],
    ['0000-02-29T12:00Z', '0000-02-29T12:00:00.000Z'],
    ['0099-12-31T23:59:59.999Z', '0099-12-31T23:59:59.999Z'],
    ['+012026-11-21T10:15Z', '+012026-11-21T10:15:00.000Z'],
    ['-000001-02-28', '-000001-02-28T00:00:00.000Z'],
    ['-000004-02-29', '-000004-02-29T00:00:00.000Z'],
    ['+275760-09-13', '+275760-09-13T00:00:00.000Z'],
    ['+275760-09-13T02:00+02:00', '+275760-09-13T00:00:00.000Z'],
    ['-271821-04-19T23:00-01:00', '-271821-04-20T00:00:00.000Z'],
  ])('reads %j as ISO 8601', (written, expected) => {
    expect(new Date(read(written)).toISOString()).toBe(expected);
  });

  it.each([
    ['2012-04-23', '2012-04-23T00:00:00.000Z'],
    ['2012-4-9', '2012-04-09T00:00:00.000Z'],
    ['2012-04-23T09:15:00', '2012-04-23T09:15:00.000Z'],
    ['2012-4-9 4:8:16', '2012-04-09T04:08:16.000Z'],
    ['2012-04-23T09:15:00Z', '2012-04-23T09:15:00.000Z'],
    ['2012-4-9 4:8:16-0320', '2012-04-09T07:28:16.000Z'],
    ['2012-04-23T10:20:30.400+02:30', '2012-04-23T07:50:30.400Z'],
    ['2012-04-23T10:20:30.400+02', '2012-04-23T08:20:30.400Z'],
    ['2012-04-23T10:20:30.400-02', '2012-04-23T12:20:30.400Z'],
  ])('reads %j as aquiche does (A3.4)', (written, expected) => {
    expect(new Date(read(written)).toISOString()).toBe(expected);
  });

  it.each<[string, object, number]>([
    ['a Date', new Date(1_795_256_100_000), 1_795_256_100_000],
    ['a Date before 1970', new Date(-1), -1],
    ['a Date of another realm', runInNewContext('new Date(5)') as Date, 5],
    ['anything like Temporal.Instant', { epochMilliseconds: 1_795_256_100_000 }, 1_795_256_100_000],
  ])('asks %s for its time', (_, moment, expected) => {
    expect(read(moment)).toBe(expected);
  });

  it.each<[unknown, string]>([
    [undefined, `${wrong} undefined.`],
    [null, `${wrong} null.`],
    [true, `${wrong} true.`],
    [5n, `${wrong} 5n.`],
    [NaN, `${wrong} NaN.`],
    [-Infinity, `${wrong} -Infinity. ${tooFarBack}`],
    [farthest + 1, `${wrong} 8640000000000001. ${tooFar}`],
    [-farthest - 1, `${wrong} -8640000000000001. ${tooFarBack}`],
    [new Date(NaN), `${wrong} an object of class Date. The Date is invalid.`],
    [{}, `${wrong} an object of class Object. ${noTemporal}`],
    [{ epochMilliseconds: '5' }, `${wrong} an object of class Object. ${noTemporal}`],
    [{ epochMilliseconds: NaN }, `${wrong} an object of class Object. ${noTemporal}`],
    [{ epochMilliseconds: Infinity }, `${wrong} an object of class Object. ${noTemporal}`],
    [{ epochMilliseconds: 1e16 }, `${wrong} an object of class Object. ${tooFar}`],
    ['', `${wrong} "". The text is empty.`],
    [' \t', `${wrong} " \\t". The text is empty.`],
    ['1795256100000', `${wrong} "1795256100000". ${noUnit}: did you mean '2026-11-21T10:15:00.000Z'? ${bareNumber}`],
    ['-1.5', `${wrong} "-1.5". ${noUnit}. ${bareNumber}`],
    ['2026', `${wrong} "2026". ${noUnit}. ${bareNumber}`],
    ['20261121', `${wrong} "20261121". ${noUnit}: did you mean '2026-11-21'? ${bareNumber}`],
    ['11:05', `${wrong} "11:05". ${timeOfDay}`],
    ['T11:05:00Z', `${wrong} "T11:05:00Z". ${timeOfDay}`],
    ['10 minutes', `${wrong} "10 minutes". ${lengthOfTime}`],
    ['PT5M', `${wrong} "PT5M". ${lengthOfTime}`],
    [
      '2026-11-21T10:15:00+01:00[Europe/Paris]',
      `${wrong} "2026-11-21T10:15:00+01:00[Europe/Paris]". Expected a zone or the end at character 20: did you mean '2026-11-21T10:15:00+01:00'? ${form}`,
    ],
    [
      '2026-11-21T10',
      `${wrong} "2026-11-21T10". Expected a colon at character 14: did you mean '2026-11-21T10:00'? ${form}`,
    ],
    ['2026-11-21T', `${wrong} "2026-11-21T". Expected the hour at character 12. ${form}`],
    [
      '2026-11-21T101500Z',
      `${wrong} "2026-11-21T101500Z". Expected a colon at character 14: did you mean '2026-11-21T10:15:00Z'? ${form}`,
    ],
    [
      '2026-11-21  10:15',
      `${wrong} "2026-11-21  10:15". Expected the hour at character 12: did you mean '2026-11-21 10:15'? ${form}`,
    ],
    [
      '2026-11-21T10:15+2',
      `${wrong} "2026-11-21T10:15+2". Expected a zone or the end at character 17: did you mean '2026-11-21T10:15+02'? ${form}`,
    ],
    ['2026-11-21T10:15:00.Z', `${wrong} "2026-11-21T10:15:00.Z". Expected a zone or the end at character 20. ${form}`],
    ['2026-11-21 10:15 am', `${wrong} "2026-11-21 10:15 am". Expected a zone or the end at character 17. ${form}`],
    [
      '2026-11-21Z',
      `${wrong} "2026-11-21Z". Expected T, a space or the end at character 11: did you mean '2026-11-21'? ${form}`,
    ],
    ['2026-11', `${wrong} "2026-11". Expected a hyphen at character 8: did you mean '2026-11-01'? ${form}`],
    ['26-11-21', `${wrong} "26-11-21". Expected a year of four digits at character 1. ${form}`],
    ['12026-11-21', `${wrong} "12026-11-21". Expected a hyphen at character 5. ${form}`],
    ['-000000-01-01', `${wrong} "-000000-01-01". Expected a year of four digits at character 1. ${form}`],
    [
      '20261121T101500Z',
      `${wrong} "20261121T101500Z". Expected a hyphen at character 5: did you mean '2026-11-21T10:15:00Z'? ${form}`,
    ],
    ['11/21/2026', `${wrong} "11/21/2026". Expected a year of four digits at character 1. ${form}`],
    [
      'Sat, 21 Nov 2026 10:15:00 GMT',
      `${wrong} "Sat, 21 Nov 2026 10:15:00 GMT". Expected a year of four digits at character 1. ${form}`,
    ],
    ['tomorrow', `${wrong} "tomorrow". Expected a year of four digits at character 1. ${form}`],
    ['Infinity', `${wrong} "Infinity". Expected a year of four digits at character 1. ${form}`],
    ['٢٠٢٦-١١-٢١', `${wrong} "٢٠٢٦-١١-٢١". Expected a year of four digits at character 1. ${form}`],
    [
      '2026-02-30',
      `${wrong} "2026-02-30". There is no February 30 at character 9: did you mean '2026-02-28'? February of the year 2026 has 28 days.`,
    ],
    [
      '2026-02-29',
      `${wrong} "2026-02-29". There is no February 29 at character 9: did you mean '2026-02-28'? February of the year 2026 has 28 days.`,
    ],
    [
      '1900-02-29',
      `${wrong} "1900-02-29". There is no February 29 at character 9: did you mean '1900-02-28'? February of the year 1900 has 28 days.`,
    ],
    [
      '2026-04-31T10:15Z',
      `${wrong} "2026-04-31T10:15Z". There is no April 31 at character 9: did you mean '2026-04-30T10:15Z'? April of the year 2026 has 30 days.`,
    ],
    [
      '2026-11-00',
      `${wrong} "2026-11-00". There is no November 0 at character 9: did you mean '2026-11-01'? November of the year 2026 has 30 days.`,
    ],
    [
      '-000001-02-29',
      `${wrong} "-000001-02-29". There is no February 29 at character 12: did you mean '-000001-02-28'? February of the year -1 has 28 days.`,
    ],
    ['2026-13-01', `${wrong} "2026-13-01". There is no month 13 at character 6.`],
    ['2026-00-01', `${wrong} "2026-00-01". There is no month 0 at character 6.`],
    ['2026-11-21T24:00Z', `${wrong} "2026-11-21T24:00Z". There is no hour 24 at character 12.`],
    ['2026-11-21T25:00Z', `${wrong} "2026-11-21T25:00Z". There is no hour 25 at character 12.`],
    ['2026-11-21T10:60Z', `${wrong} "2026-11-21T10:60Z". There is no minute 60 at character 15.`],
    ['2016-12-31T23:59:60Z', `${wrong} "2016-12-31T23:59:60Z". There is no second 60 at character 18.`],
    ['2012-04-23T09:15:90', `${wrong} "2012-04-23T09:15:90". There is no second 90 at character 18.`],
    ['2012-04-23T11:05:00-25:00', `${wrong} "2012-04-23T11:05:00-25:00". There is no offset -25:00 at character 20.`],
    ['2026-11-21T10:15+0260', `${wrong} "2026-11-21T10:15+0260". There is no offset +0260 at character 17.`],
    ['+275760-09-13T00:00:00.001Z', `${wrong} "+275760-09-13T00:00:00.001Z". ${tooFar}`],
    ['+999999-01-01', `${wrong} "+999999-01-01". ${tooFar}`],
    ['-271821-04-19', `${wrong} "-271821-04-19". ${tooFarBack}`],
  ])('refuses %o', (written, message) => {
    const error = thrownBy(() => read(written));
    expect(InvalidCallError.isInstance(error) && error.message).toBe(message);
  });

  it('refuses what cannot even be looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const error = thrownBy(() => read(proxy));
    expect(InvalidCallError.isInstance(error) && error.message).toBe(
      `${wrong} something that cannot be shown. ${noTemporal}`,
    );
  });

  it('refuses what throws when it is read', () => {
    const moment = {
      get epochMilliseconds(): never {
        throw new Error('not now');
      },
    };
    const error = thrownBy(() => read(moment));
    expect(InvalidCallError.isInstance(error) && error.message).toBe(
      `${wrong} an object of class Object. ${noTemporal}`,
    );
  });

  it('names the call that was given it', () => {
    const error = thrownBy(() => toEpochMilliseconds('soon', { call: 'Memoizer.expireAt' }));
    expect(InvalidCallError.isInstance(error) && error.message).toMatch(/^Memoizer\.expireAt: expected a Date/);
  });

  const momentText = fc.string({ unit: fc.constantFrom(...Array.from('0123456789-+.,: TZtz[]\n٣')) });
  const nearlyMomentText = fc
    .tuple(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.nat({ max: 30 }),
      fc.nat({ max: 2 }),
      momentText,
    )
    .map(([text, at, dropped, inserted]) => text.slice(0, at) + inserted.slice(0, 3) + text.slice(at + dropped));

  it('gives a moment or says what is wrong, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), momentText, nearlyMomentText), (text) => {
        try {
          expect(Math.abs(read(text))).toBeLessThanOrEqual(farthest);
        } catch (error) {
          expect(InvalidCallError.isInstance(error)).toBe(true);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads back what Date.toISOString writes', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        const text = date.toISOString();
        expect(read(text)).toBe(date.getTime());
        expect(read(text.replace('T', ' ').toLowerCase())).toBe(date.getTime());
        expect(read(text.replace('Z', ''))).toBe(date.getTime());
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads the same moment whatever the zone it is written in', () => {
    const aDayToTheEdge = { min: new Date(-farthest + 86_400_000), max: new Date(farthest - 86_400_000) };
    fc.assert(
      fc.property(
        fc.date({ ...aDayToTheEdge, noInvalidDate: true }),
        fc.integer({ min: -1_439, max: 1_439 }),
        (date, offset) => {
          const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
          const hours = `${offset < 0 ? '-' : '+'}${String(Math.trunc(Math.abs(offset) / 60)).padStart(2, '0')}`;
          const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
          expect(read(`${local}${hours}:${minutes}`)).toBe(date.getTime());
          expect(read(`${local}${hours}${minutes}`)).toBe(date.getTime());
        },
      ),
    );
  });

  it('agrees with Date about which days there are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9_999 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 28, max: 31 }),
        (year, month, day) => {
          const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${day}`;
          const date = new Date(`${text}T00:00:00Z`);
          const isOne = !Number.isNaN(date.getTime()) && date.getUTCDate() === day;
          if (isOne) expect(read(text)).toBe(date.getTime());
          else
            expect(() => read(text)).toThrow(
              /There is no \w+ \d+ at character 9: did you mean '\d{4}-\d\d-\d\d'\? \w+ of the year \d+ has \d\d days\.$/,
            );
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['spaces', `2026-11-21${' '.repeat(100_000)}x`],
    ['spaces in front', `${' '.repeat(100_000)}x`],
    ['digits', '4'.repeat(100_000)],
    ['digits of a year', `${'4'.repeat(100_000)}-11-21`],
    ['digits of a fraction', `2026-11-21T10:15:00.${'4'.repeat(100_000)}x`],
    ['dashes', '2026-'.repeat(25_000)],
    ['colons', `2026-11-21T${'10:'.repeat(30_000)}`],
  ])('reads a hundred thousand %s in no time', (_, text) => {
    const started = performance.now();
    expect(() => read(text)).toThrow(InvalidCallError);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('cuts a fraction of a hundred thousand digits', () => {
    expect(read(`1970-01-01T00:00:00.${'9'.repeat(100_000)}Z`)).toBe(999);
  });
});
