import { parseDurationText } from './duration-text.js';
import { groupsOf, placeOf, withPart } from './matched-parts.js';
import { momentWithinReach } from './reach.js';
import { missingPart, type NotationPart, type TimeFault } from './time-fault.js';
import { timeOfDayIn, timeParts, timePattern } from './time-of-day-text.js';

/**
 * Reads a moment written as in ISO 8601 and gives epoch milliseconds: a date, or a date and a time with `T` or a space
 * between them: `2026-11-21`, `2026-11-21T10:15Z`, `2026-11-21 10:15:00.5+02:00`. Without a zone it is UTC, without a time
 * the midnight that begins the day. Letters are in any case; the first zero of a number may be missing; what a fraction has
 * beyond milliseconds is cut off. `undefined` when it is not written so, a fault when there is no such moment.
 */
export function parseMomentText(text: string): number | TimeFault | undefined {
  const match = moment.exec(text);
  if (match === null) return undefined;
  const impossible = impossiblePartOf(match);
  if (impossible !== undefined) return impossible;
  const timeOfDay = timeOfDayIn(match);
  if (timeOfDay.kind === 'fault') return timeOfDay;
  return momentWithinReach(midnightOf(dateIn(match)) + timeOfDay.millisecondsOfDay - timeOfDay.offset);
}

// A year of more than four digits has six and a sign, as in `Date.prototype.toISOString`. Matching is linear.
const yearPattern = String.raw`[+]\d{6}|-(?!000000)\d{6}|\d{4}`;
const datePattern = String.raw`(?<year>${yearPattern})-(?<month>\d{1,2})-(?<day>\d{1,2})`;
const moment = new RegExp(String.raw`^\s*${datePattern}(?:[T ]${timePattern})?\s*$`, 'di');

interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function dateIn(match: RegExpExecArray): CalendarDate {
  const { year, month, day } = groupsOf(match);
  return { year: Number(year), month: Number(month), day: Number(day) };
}

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

function impossiblePartOf(match: RegExpExecArray): TimeFault | undefined {
  const { year, month, day } = dateIn(match);
  const monthName = monthNames[month - 1];
  if (monthName === undefined) {
    return { kind: 'fault', wrong: `There is no month ${month}`, character: placeOf('month', match) };
  }
  const days = daysIn(year, month);
  if (day >= 1 && day <= days) return undefined;
  return {
    kind: 'fault',
    wrong: `There is no ${monthName} ${day}`,
    character: placeOf('day', match),
    proposals: [withPart('day', day < 1 ? '01' : String(days), match)],
    rule: `${monthName} of the year ${year} has ${days} days.`,
  };
}

/** The calendar repeats itself after so many years. */
const cycle = { years: 400, milliseconds: 146_097 * 86_400_000 };

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2_000 + (year % cycle.years), month, 0)).getUTCDate();
}

function midnightOf({ year, month, day }: CalendarDate): number {
  // Date.UTC takes the years 0 to 99 for those of the last century, and does not reach all that can be written.
  const cycles = Math.floor((year - 2_000) / cycle.years);
  return Date.UTC(year - cycles * cycle.years, month - 1, day) + cycles * cycle.milliseconds;
}

/** What comes where a moment is written, for the message where it does not. */
const momentParts: readonly NotationPart[] = [
  { pattern: new RegExp(yearPattern, 'y'), name: 'a year of four digits' },
  { pattern: /-/y, name: 'a hyphen' },
  { pattern: /\d{1,2}/y, name: 'the month' },
  { pattern: /-/y, name: 'a hyphen' },
  { pattern: /\d{1,2}/y, name: 'the day' },
  { pattern: /[T ]/iy, name: 'T, a space or the end' },
  ...timeParts,
];

/** What is wrong with text that is no moment. */
export function faultInMomentText(text: string): TimeFault {
  const written = text.trim();
  if (written === '') return { kind: 'fault', wrong: 'The text is empty' };
  if (/^[+-]?\d+(?:\.\d+)?$/.test(written)) {
    return {
      kind: 'fault',
      wrong: 'A number in text says no unit',
      rule: 'A number without quotes is milliseconds since 1970.',
    };
  }
  if (/^T?\d{1,2}:\d/i.test(written))
    return { kind: 'fault', wrong: `A time of day needs its date before it: '2026-11-21T10:15Z'` };
  if (parseDurationText(text) !== undefined) return { kind: 'fault', wrong: 'It is a length of time, and no moment' };
  return {
    ...missingPart(text, momentParts),
    rule: `A moment is written as '2026-11-21' or '2026-11-21T10:15:30.5+02:00'.`,
  };
}
