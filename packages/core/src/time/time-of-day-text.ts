import { withProposals } from './likely-meant.js';
import { groupsOf, placeOf } from './matched-parts.js';
import { missingPart, type NotationPart, type TimeFault } from './time-fault.js';
import type { TimeOfDay } from './time-of-day.js';

/**
 * Reads a time of day: hours and minutes, maybe seconds, maybe a zone: `11:05`, `11:05:30.5Z`, `11:05+02:00`. Without a
 * zone it is UTC. What a fraction has beyond milliseconds is cut off.
 */
export function readTimeOfDayText(text: string): TimeOfDay | TimeFault {
  const outcome = parse(text) ?? faultInTimeOfDayText(text);
  return outcome.kind === 'fault' ? withProposals(outcome, text, isTimeOfDay) : outcome;
}

function isTimeOfDay(text: string): boolean {
  return parse(text)?.kind === 'time-of-day';
}

function parse(text: string): TimeOfDay | TimeFault | undefined {
  const match = timeOfDay.exec(text);
  return match === null ? undefined : timeOfDayIn(match);
}

/** Reads a time of day that names its zone; `undefined` when it names none, or is no time of day. */
export function parseZonedTimeOfDayText(text: string): TimeOfDay | TimeFault | undefined {
  const match = timeOfDay.exec(text);
  return match?.groups?.['zone'] === undefined ? undefined : timeOfDayIn(match);
}

/**
 * Hours and minutes, maybe seconds, maybe a zone, which is `Z`, `+02:00`, `+0200` or `+02`. The first zero of a number may
 * be missing. Matching is linear.
 */
export const timePattern = String.raw`(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})(?:[.,](?<fraction>\d+))?)?(?<zone>Z|(?<sign>[+-])(?<zoneHour>\d{2})(?::?(?<zoneMinute>\d{2}))?)?`;

const timeOfDay = new RegExp(String.raw`^\s*${timePattern}\s*$`, 'di');

/** What `timePattern` has found in a text; midnight in UTC where it has found nothing. Matched with the flag `d`. */
export function timeOfDayIn(match: RegExpExecArray): TimeOfDay | TimeFault {
  const { hour = 0, minute = 0, second = 0, fraction = '', sign, zoneHour = 0, zoneMinute = 0 } = groupsOf(match);
  const impossible = impossiblePartOf(match);
  if (impossible !== undefined) return impossible;
  const ahead = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  return {
    kind: 'time-of-day',
    millisecondsOfDay:
      ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000 +
      Number(fraction.slice(0, 3).padEnd(3, '0')),
    offset: sign === '-' ? 0 - ahead : ahead,
  };
}

const limits: ReadonlyMap<string, number> = new Map([
  ['hour', 23],
  ['minute', 59],
  ['second', 59],
  ['zoneHour', 23],
  ['zoneMinute', 59],
]);

function impossiblePartOf(match: RegExpExecArray): TimeFault | undefined {
  const groups = groupsOf(match);
  const [part] = [...limits].find(([name, last]) => Number(groups[name] ?? 0) > last) ?? [];
  if (part === undefined) return undefined;
  const [name, shown] = part.startsWith('zone')
    ? ['zone', `offset ${groups['zone']}`]
    : [part, `${part} ${Number(groups[part])}`];
  return { kind: 'fault', wrong: `There is no ${shown}`, character: placeOf(name, match) };
}

/** What comes where `timePattern` matches, for the message where it does not. */
export const timeParts: readonly NotationPart[] = [
  { pattern: /\d{1,2}/y, name: 'the hour' },
  { pattern: /:/y, name: 'a colon' },
  { pattern: /\d{1,2}/y, name: 'the minute' },
  { pattern: /(?::\d{1,2}(?:[.,]\d+)?)?/y, name: 'the second' },
  { pattern: /(?:Z|[+-]\d{2}(?::?\d{2})?)?\s*$/iy, name: 'a zone or the end' },
];

/** What is wrong with text that is meant as a time of day, and is none. */
export function faultInTimeOfDayText(text: string): TimeFault {
  if (text.trim() === '') return { kind: 'fault', wrong: 'The text is empty' };
  return { ...missingPart(text, timeParts), rule: 'A zone is Z or an offset such as +02:00.' };
}
