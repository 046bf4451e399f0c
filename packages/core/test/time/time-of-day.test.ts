import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../src/time/time-fault.js';
import { nextTimeOfDay, type TimeOfDay } from '../../src/time/time-of-day.js';
import { readTimeOfDayText } from '../../src/time/time-of-day-text.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

function read(text: string): TimeOfDay {
  const outcome = readTimeOfDayText(text);
  if (outcome.kind === 'fault') throw new Error(adviceFor(outcome));
  return outcome;
}

describe('readTimeOfDayText', () => {
  it.each([
    ['11:05', 11 * hour + 5 * minute, 0],
    ['1:5', hour + 5 * minute, 0],
    ['00:00', 0, 0],
    ['23:59:59.999', day - 1, 0],
    ['23:59:59.999999', day - 1, 0],
    ['11:05:30,5', 39_930_500, 0],
    ['11:05Z', 11 * hour + 5 * minute, 0],
    ['11:05z', 11 * hour + 5 * minute, 0],
    ['11:05-00:00', 11 * hour + 5 * minute, 0],
    ['11:05+02', 11 * hour + 5 * minute, 2 * hour],
    ['11:05+0230', 11 * hour + 5 * minute, 2.5 * hour],
    ['11:05-05:30', 11 * hour + 5 * minute, -5.5 * hour],
    ['11:05+23:59', 11 * hour + 5 * minute, day - minute],
    [' 11:05 ', 11 * hour + 5 * minute, 0],
  ])('reads %j', (text, millisecondsOfDay, offset) => {
    expect(readTimeOfDayText(text)).toStrictEqual({ kind: 'time-of-day', millisecondsOfDay, offset });
  });

  const zones = 'A zone is Z or an offset such as +02:00.';

  it.each([
    ['', 'The text is empty.'],
    ['11', `Expected a colon at character 3. ${zones}`],
    ['11:', `Expected the minute at character 4. ${zones}`],
    [' noon', `Expected the hour at character 2. ${zones}`],
    ['11:05 Z', `Expected a zone or the end at character 6: did you mean '11:05Z'? ${zones}`],
    ['11.05', `Expected a colon at character 3: did you mean '11:05Z'? ${zones}`],
    ['9am', `Expected a colon at character 2: did you mean '09:00Z'? ${zones}`],
    ['11:05:30.', `Expected a zone or the end at character 9: did you mean '11:05:30'? ${zones}`],
    ['11:05+2', `Expected a zone or the end at character 6: did you mean '11:05+02'? ${zones}`],
    ['24:00', `There is no hour 24 at character 1: did you mean '00:00'?`],
    ['25:00', 'There is no hour 25 at character 1.'],
    ['11:60', 'There is no minute 60 at character 4.'],
    ['11:05:60', 'There is no second 60 at character 7.'],
    ['11:05+24:00', 'There is no offset +24:00 at character 6.'],
    ['11:05+02:60', 'There is no offset +02:60 at character 6.'],
    ['10 minutes', `Expected a colon at character 3. ${zones}`],
    ['2026-11-21T10:15', `Expected a colon at character 3. ${zones}`],
  ])('says of %j what is wrong', (text, advice) => {
    const outcome = readTimeOfDayText(text);
    expect(outcome.kind === 'fault' && adviceFor(outcome)).toBe(advice);
  });
});

describe('nextTimeOfDay', () => {
  it.each([
    ['11:05', '2026-11-21T11:04:59.999Z', '2026-11-21T11:05:00.000Z'],
    ['11:05', '2026-11-21T11:05:00.000Z', '2026-11-22T11:05:00.000Z'],
    ['11:05', '2026-11-21T11:05:00.001Z', '2026-11-22T11:05:00.000Z'],
    ['00:00', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'],
    ['00:00', '2027-01-01T00:00:00.000Z', '2027-01-02T00:00:00.000Z'],
    ['23:59:59.999', '2026-11-21T23:59:59.999Z', '2026-11-22T23:59:59.999Z'],
    ['01:00+02:00', '2026-11-21T22:59:59.999Z', '2026-11-21T23:00:00.000Z'],
    ['01:00+02:00', '2026-11-21T23:00:00.000Z', '2026-11-22T23:00:00.000Z'],
    ['23:00-02:00', '2026-11-21T00:59:00.000Z', '2026-11-21T01:00:00.000Z'],
    ['23:00-23:59', '2026-11-21T12:00:00.000Z', '2026-11-21T22:59:00.000Z'],
    ['12:00', '2024-02-28T12:00:00.000Z', '2024-02-29T12:00:00.000Z'],
    ['11:05', '1969-12-31T12:00:00.000Z', '1970-01-01T11:05:00.000Z'],
    ['11:05', '1969-12-31T11:00:00.000Z', '1969-12-31T11:05:00.000Z'],
  ])('is, for %s after %s, %s', (text, after, next) => {
    expect(new Date(nextTimeOfDay(read(text), Date.parse(after))).toISOString()).toBe(next);
  });

  const timeOfDay = fc.record({
    kind: fc.constant('time-of-day' as const),
    millisecondsOfDay: fc.nat({ max: day - 1 }),
    offset: fc.integer({ min: -1_439, max: 1_439 }).map((minutes) => minutes * minute),
  });
  const moment = fc.integer({ min: -8e15, max: 8e15 });

  it('comes within a day, when the clocks of that zone show it', () => {
    fc.assert(
      fc.property(timeOfDay, moment, (time, after) => {
        const next = nextTimeOfDay(time, after);
        expect(next).toBeGreaterThan(after);
        expect(next - after).toBeLessThanOrEqual(day);
        const shownThere = new Date(next + time.offset).toISOString().slice(-'00:00:00.000Z'.length);
        expect(shownThere).toBe(new Date(time.millisecondsOfDay).toISOString().slice(-'00:00:00.000Z'.length));
      }),
    );
  });

  it('comes again and again, a day apart', () => {
    fc.assert(
      fc.property(timeOfDay, moment, (time, after) => {
        const next = nextTimeOfDay(time, after);
        expect(nextTimeOfDay(time, next)).toBe(next + day);
        expect(nextTimeOfDay(time, next - 1)).toBe(next);
      }),
    );
  });
});
