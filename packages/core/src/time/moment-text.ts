import { parseDurationText } from './duration-text.js';

/** What is wrong with text that is no moment. */
export interface MomentTextFault {
  readonly advice?: string | undefined;
}

/**
 * Reads a moment written as in ISO 8601 and gives epoch milliseconds, infinite beyond the reach of a `Date`: a date, or a date
 * and a time with `T` or a space between them: `2026-11-21`, `2026-11-21T10:15Z`, `2026-11-21 10:15:00.5+02:00`. Without
 * a zone it is UTC, without a time the midnight that begins the day. A zone is `Z`, `+02:00`, `+0200` or `+02`. Letters
 * are in any case; the first zero of a number may be missing; what a fraction has beyond milliseconds is cut off.
 */
export function parseMomentText(text: string): number | MomentTextFault {
  const match = moment.exec(text.trim());
  if (match === null) return { advice: adviceForMomentText(text.trim()) };
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const parts: MomentParts = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    millisecond: Number((fraction ?? '').slice(0, 3).padEnd(3, '0')),
  };
  const impossible = impossiblePartOf(parts);
  if (impossible !== undefined) return { advice: `There is no ${impossible}.` };
  const offset = offsetOf(zone);
  return offset === undefined ? { advice: `There is no offset ${zone}.` } : epochMillisecondsOf(parts, offset);
}

// A year of more than four digits has six and a sign, as in `Date.prototype.toISOString`. Matching is linear.
const date = String.raw`([+]\d{6}|-(?!000000)\d{6}|\d{4})-(\d{1,2})-(\d{1,2})`;
const time = String.raw`(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d+))?)?(Z|[+-]\d{2}(?::?\d{2})?)?`;
const moment = new RegExp(`^${date}(?:[T ]${time})?$`, 'i');

interface MomentParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
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

function impossiblePartOf({ year, month, day, hour, minute, second }: MomentParts): string | undefined {
  const monthName = monthNames[month - 1];
  if (monthName === undefined) return `month ${month}`;
  if (day < 1 || day > daysIn(year, month)) return `${monthName} ${day} in the year ${year}`;
  if (hour > 23) return `hour ${hour}`;
  if (minute > 59) return `minute ${minute}`;
  return second > 59 ? `second ${second}` : undefined;
}

/** The calendar repeats itself after so many years. */
const cycle = { years: 400, milliseconds: 146_097 * 86_400_000 };

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2_000 + (year % cycle.years), month, 0)).getUTCDate();
}

/** Beyond the reach of a `Date` it is infinite. */
function epochMillisecondsOf(parts: MomentParts, offset: number): number {
  const { year, month, day, hour, minute, second, millisecond } = parts;
  // Date.UTC takes the years 0 to 99 for those of the last century.
  const cycles = year >= 0 && year <= 99 ? 1 : 0;
  const moved = Date.UTC(year + cycles * cycle.years, month - 1, day, hour, minute - offset, second, millisecond);
  return Number.isNaN(moved) ? Math.sign(year) * Infinity : moved - cycles * cycle.milliseconds;
}

/** Minutes by which clocks of that zone are ahead of UTC; `undefined` if no clocks are. */
function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function adviceForMomentText(text: string): string | undefined {
  if (text === '') return 'The text is empty.';
  if (/^[+-]?\d+(?:\.\d+)?$/.test(text)) {
    return 'A number in text says no unit: give a number, which is milliseconds since 1970, or a date.';
  }
  if (/^T?\d{1,2}:\d/i.test(text)) return `A time of day needs its date before it: '2026-11-21T10:15Z'.`;
  if (parseDurationText(text) !== undefined) return 'It is a length of time, and no moment.';
  if (text.endsWith(']')) return 'Leave out what stands in brackets: the offset alone counts.';
  if (/^\d{4}-\d{1,2}-\d{1,2}[T ]/i.test(text)) {
    return `After the date come T or a space, hours and minutes, maybe seconds, maybe a zone: '2026-11-21T10:15:30.5+02:00'.`;
  }
  return undefined;
}
