import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExpirationMeaning, readExpirationText } from '../../src/expiration/expiration-text.js';
import { parseDurationText } from '../../src/time/duration-text.js';
import { parseMomentText } from '../../src/time/moment-text.js';
import { adviceFor, type TimeFault } from '../../src/time/time-fault.js';
import { parseZonedTimeOfDayText, readTimeOfDayText } from '../../src/time/time-of-day-text.js';
import { expirationExamples } from './expiration-table.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** As far as a `Date` reaches. */
const farthest = 8.64e15;

function faultIn(text: string): TimeFault {
  const outcome = readExpirationText(text);
  if (outcome.kind === 'fault') return outcome;
  throw new Error(`${text} can be read`);
}

describe('readExpirationText', () => {
  it.each<[string, ExpirationMeaning]>([
    ['10 minutes', { kind: 'duration', milliseconds: 10 * minute }],
    ['PT5M', { kind: 'duration', milliseconds: 5 * minute }],
    ['11:05', { kind: 'duration', milliseconds: 11 * minute + 5 * second }],
    ['23:59:60', { kind: 'duration', milliseconds: day }],
    ['2026-11-21', { kind: 'moment', epochMilliseconds: Date.UTC(2026, 10, 21) }],
    ['2026-11-21T10:15', { kind: 'moment', epochMilliseconds: Date.UTC(2026, 10, 21, 10, 15) }],
    ['2026-11-21 10:15+02', { kind: 'moment', epochMilliseconds: Date.UTC(2026, 10, 21, 8, 15) }],
    ['11:05Z', { kind: 'time-of-day', millisecondsOfDay: 11 * hour + 5 * minute, offset: 0 }],
    ['11:05-0530', { kind: 'time-of-day', millisecondsOfDay: 11 * hour + 5 * minute, offset: -5.5 * hour }],
    [' 11:05:30.5+02:00\n', { kind: 'time-of-day', millisecondsOfDay: 39_930_500, offset: 2 * hour }],
    ['$.token.expiresAt', { kind: 'pointer' }],
    [' $', { kind: 'pointer' }],
  ])('reads %j', (text, meaning) => {
    expect(readExpirationText(text)).toStrictEqual(meaning);
  });

  it.each<[string, string]>([
    ['', 'The text is empty.'],
    ['30', `A number in text says no unit: write '30 seconds' or '30 ms'.`],
    [
      '1763712000',
      `A number in text says no unit: write '2025-11-21T08:00:00.000Z', '1763712000 seconds' or '1763712000 ms'.`,
    ],
    ['inf', 'Expected a number with a unit at character 1. Never is Infinity, without quotes.'],
    ['always', 'Expected a number with a unit at character 1. At once is 0, without quotes.'],
    ['nan', 'Expected a number with a unit at character 1.'],
    ['  10 minuets', `Unknown unit 'minuets' at character 6: did you mean '10 minutes'?`],
    ['-5 minutes', `A length of time cannot be negative: did you mean '5 minutes'?`],
    [
      'P4W',
      `Unknown unit 'W' at character 3: did you mean 'P28D'? The longest unit is a day, because years and months differ in length.`,
    ],
    [
      '2012-04-56',
      `There is no April 56 at character 9: did you mean '2012-04-30'? April of the year 2012 has 30 days.`,
    ],
    [
      '11:05 Z',
      `Expected a zone or the end at character 6: did you mean '11:05Z'? A zone is Z or an offset such as +02:00.`,
    ],
    ['11:05 CET', `Expected a zone or the end at character 6. A zone is Z or an offset such as +02:00.`],
    ['25:00Z', 'There is no hour 25 at character 1.'],
    [
      '2026-11-21T10',
      `Expected a colon at character 14: did you mean '2026-11-21T10:00'? A moment is written as '2026-11-21' or '2026-11-21T10:15:30.5+02:00'.`,
    ],
    [
      '11/21/2026',
      `Expected a year of four digits at character 1. A moment is written as '2026-11-21' or '2026-11-21T10:15:30.5+02:00'.`,
    ],
    [`5 minutes ${'9'.repeat(61)}`, `The number ${'9'.repeat(37)}... has no unit at character 11.`],
    ['11:05+24:00', 'There is no offset +24:00 at character 6.'],
    ['200000000 days', 'No date lies that far away: Infinity means for ever.'],
    ['+300000-01-01', 'No date lies that far away: Infinity means never.'],
    [
      `1${'0'.repeat(60)} parsecs`,
      `Unknown unit 'parsecs' at character 63. The units are days, hours, minutes, seconds, milliseconds and d, h, m, s, ms.`,
    ],
    ['9'.repeat(61), 'A number in text says no unit.'],
    [
      `5 ${'m'.repeat(61)}`,
      `Unknown unit 'mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm...' at character 3. The units are days, hours, minutes, seconds, milliseconds and d, h, m, s, ms.`,
    ],
  ])('says of %j what is wrong', (text, advice) => {
    expect(adviceFor(faultIn(text))).toBe(advice);
  });

  it.each<[string, readonly string[]]>([
    ['-172800', ['172800 seconds', '172800 ms']],
    ['- 4 15:30', ['4 15:30']],
    ['P-1D', ['P1D']],
    ['+5 minutes', ['5 minutes']],
    ['-1763712000', ['1914-02-10T16:00:00.000Z']],
    ['1763712000000', ['2025-11-21T08:00:00.000Z', '1763712000000 seconds', '1763712000000 ms']],
    ['20261121', ['2026-11-21', '20261121 seconds', '20261121 ms']],
    ['.5h', ['0.5h']],
    ['1,5h', ['1.5h']],
    ['1_000 ms', ['1000 ms']],
    ['5 minutes 30', ['5 minutes 30 seconds']],
    ['5 minutes.', ['5 minutes']],
    ['10 Minuets', ['10 minutes']],
    ['10 min', ['10 minutes']],
    ['1 hr', ['1 hour']],
    ['1 sec', ['1 second']],
    ['5 msec', ['5 milliseconds']],
    ['5 µs', ['0.005 milliseconds']],
    ['2 weeks', ['14 days']],
    ['1 month', ['30 days']],
    ['1y', ['365 days']],
    ['1 fortnight', []],
    ['1h 30 min', ['1h 30 minutes']],
    ['5m, 3s', ['5m 3s']],
    ['1 hour and 5 minutes', ['1 hour 5 minutes']],
    ['1 hour and 5 min', ['1 hour 5 minutes']],
    ['P4M', ['P120D', 'PT4M']],
    ['P1Y2M3W4DT5H', ['P450DT5H']],
    ['P5H', ['PT5H']],
    ['P1D5H', ['P1DT5H']],
    ['PT1D', ['P1D']],
    ['PT1DT5H', ['P1DT5H']],
    ['P1DT', ['P1D']],
    ['T5M', ['PT5M', '5M']],
    ['P', []],
    ['10 : 15', ['10:15']],
    ['15:30 minutes', ['15:30']],
    ['1:10:15:30', ['1 10:15:30']],
    ['11:05 utc', ['11:05Z']],
    ['11:05 UTC+2', ['11:05+02']],
    ['11:05+2:00', ['11:05+02:00']],
    ['11.05Z', ['11:05Z']],
    ['11.05', ['11.05 seconds', '11.05 ms', '11:05Z']],
    ['T11:05Z', ['11:05Z']],
    ['1105Z', ['11:05:00Z']],
    ['9Z', ['9:00Z']],
    ['12:30 am', ['00:30Z']],
    ['11:05 PM', ['23:05Z']],
    ['9 a.m.', ['09:00Z']],
    ['12pm', ['12:00Z']],
    ['24:00+02:00', ['00:00+02:00']],
    ['11:60Z', []],
    ['20261121T101500Z', ['2026-11-21T10:15:00Z']],
    ['20261121T1015', ['2026-11-21T10:15:00']],
    ['2026-11-21T101500Z', ['2026-11-21T10:15:00Z']],
    ['2026-11-21T10', ['2026-11-21T10:00']],
    ['2026/11/21', ['2026-11-21']],
    ['2026.11.21 10:15', ['2026-11-21 10:15']],
    ['2026-11', ['2026-11-01']],
    ['2026-11-21, 10:15', ['2026-11-21 10:15']],
    ['2026-11-21 at 10:15', ['2026-11-21 10:15']],
    ['2026-11-21 10:15 +0200', ['2026-11-21 10:15+0200']],
    ['2026-11-21T10:15+01:00[Europe/Paris]', ['2026-11-21T10:15+01:00']],
    ['2026-11-21Z', ['2026-11-21']],
    [' 2026-02-30T10:15 ', ['2026-02-28T10:15']],
    ['2026-02-00', ['2026-02-01']],
    ['2026-02-30T25:00', []],
    ['token.expiresAt', ['$.token.expiresAt']],
    ['tomorrow', []],
    [`${'1s '.repeat(20)}5 min`, []],
  ])('takes %j for a slip', (text, proposals) => {
    expect(faultIn(text).proposals).toEqual(proposals);
  });
});

const characters = Array.from('0123456789.,:;+-_ \t\nPTDHMSYWZztdhmsinuteayoclrk$[]()\'"µ٣');
const anyText = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...characters), maxLength: 80 }));

const examples = [
  ...expirationExamples.flatMap(({ memo }) => (typeof memo === 'string' ? [memo] : [])),
  '10 minuets',
  '11:05:30.5+02:00',
  '2026-11-21T10:15:30.5+02:00',
  '4 days, 10:15:30.5',
  'P1DT2H3M4.5S',
];

/** An example after some slips: pieces dropped, put in, doubled or taken from another one. */
const nearlyRight = fc
  .tuple(
    fc.constantFrom(...examples),
    fc.array(
      fc.record({
        at: fc.nat({ max: 30 }),
        dropped: fc.nat({ max: 3 }),
        put: anyText,
        other: fc.constantFrom(...examples),
      }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  )
  .map(([example, slips]) =>
    slips.reduce(
      (text, { at, dropped, put, other }) =>
        text.slice(0, at) + (dropped === 3 ? other.slice(at) : put.slice(0, 3)) + text.slice(at + dropped),
      example,
    ),
  );

function isSane(meaning: ExpirationMeaning): boolean {
  switch (meaning.kind) {
    case 'duration':
      return meaning.milliseconds >= 0 && meaning.milliseconds <= farthest;
    case 'moment':
      return Math.abs(meaning.epochMilliseconds) <= farthest;
    case 'time-of-day':
      return meaning.millisecondsOfDay >= 0 && meaning.millisecondsOfDay < day && Math.abs(meaning.offset) < day;
    case 'pointer':
      return true;
  }
}

describe('whatever the text, readExpirationText', () => {
  it('finds a meaning that is sane, or a fault with advice', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nearlyRight), (text) => {
        const outcome = readExpirationText(text);
        if (outcome.kind !== 'fault') {
          expect(isSane(outcome)).toBe(true);
          return;
        }
        const { wrong, character = 1, proposals = [] } = outcome;
        expect(wrong).not.toBe('It cannot be read');
        expect(character).toBeGreaterThanOrEqual(1);
        expect(character).toBeLessThanOrEqual(text.length + 1);
        expect(proposals.map((proposal) => readExpirationText(proposal).kind)).not.toContain('fault');
        expect(adviceFor(outcome).length).toBeLessThan(500);
      }),
      { numRuns: 5_000 },
    );
  });

  it('finds one meaning at most', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nearlyRight), (text) => {
        const outcomes = [parseDurationText(text), parseMomentText(text), parseZonedTimeOfDayText(text)];
        expect(outcomes.filter((outcome) => outcome !== undefined).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 5_000 },
    );
  });

  it('does not mind the space around it', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nearlyRight), (text) => {
        const outcome = readExpirationText(text.trim());
        const { character } = outcome as TimeFault;
        const moved = character === undefined ? {} : { character: character + 2 };
        expect(readExpirationText(` \t${text.trim()}\n`)).toEqual({ ...outcome, ...moved });
      }),
      { numRuns: 2_000 },
    );
  });

  // What takes a step for each pair of characters takes minutes here.
  it('takes a time that grows with its length alone', () => {
    const piece = fc.oneof(
      fc.constantFrom(' ', '4', '4 ', '1s ', '1:', '.4', '4,', '4 days, ', '4D', '2012-', '11:05 ', '- ', '[', 'a.'),
      fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength: 4 }),
    );
    const begin = fc.oneof(fc.constantFrom('', 'P', '4.', '2012-04-23T10:20:30.', '11:05:30.', '4 days'), nearlyRight);
    fc.assert(
      fc.property(begin, piece, anyText, (before, repeated, after) => {
        const text = before + repeated.repeat(100_000 / repeated.length) + after;
        const started = performance.now();
        readExpirationText(text);
        readTimeOfDayText(text);
        expect(performance.now() - started).toBeLessThan(2_000);
      }),
    );
  });
});

describe('readExpirationText reads back', () => {
  it('moments as a Date writes them', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        const moment = { kind: 'moment', epochMilliseconds: date.getTime() };
        expect(readExpirationText(date.toISOString())).toEqual(moment);
      }),
    );
  });

  it('times of day in every zone', () => {
    const clock = fc.record({ time: fc.nat({ max: day - 1 }), zone: fc.integer({ min: -1_439, max: 1_439 }) });
    fc.assert(
      fc.property(clock, ({ time, zone }) => {
        const written = new Date(time).toISOString().slice('1970-01-01T'.length, -1);
        const [zoneHour, zoneMinute] = [Math.trunc(Math.abs(zone) / 60), Math.abs(zone) % 60].map((part) =>
          String(part).padStart(2, '0'),
        );
        const timeOfDay = { kind: 'time-of-day', millisecondsOfDay: time, offset: zone * minute };
        expect(readExpirationText(`${written}${zone < 0 ? '-' : '+'}${zoneHour}:${zoneMinute}`)).toEqual(timeOfDay);
        expect(readExpirationText(`${written}${zone < 0 ? '-' : '+'}${zoneHour}${zoneMinute}`)).toEqual(timeOfDay);
      }),
    );
  });

  it('durations in every notation', () => {
    const parts = fc.tuple(fc.nat(999), fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999));
    fc.assert(
      fc.property(parts, ([days, hours, minutes, seconds, thousandths]) => {
        const fraction = String(thousandths).padStart(3, '0');
        const milliseconds = days * day + hours * hour + minutes * minute + seconds * second + thousandths;
        for (const text of [
          `${thousandths}ms ${seconds} s${minutes}MINUTES ${hours} hour ${days}d`,
          `${days} ${hours}:${minutes}:${seconds}.${fraction}`,
          `P${days}DT${hours}H${minutes}M${seconds}.${fraction}S`,
        ]) {
          expect(readExpirationText(text)).toEqual({ kind: 'duration', milliseconds });
        }
      }),
    );
  });
});
