import { InvalidOptionError } from '../errors.js';
import { nearestWord } from '../nearest-word.js';
import { parseDurationText } from './duration-text.js';
import { adviceForDurationText } from './duration-text-advice.js';
import { millisecondsOf } from './units.js';

/** The part of `Temporal.Duration` that memo reads, so that any implementation of it is welcome. */
export interface TemporalDurationLike {
  readonly sign: number;
  total(unit: 'milliseconds'): number;
}

/** A length of time written as its parts; they add up. */
export interface DurationParts {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

/** A length of time: a number of **milliseconds**, text that says its unit, or an object that names its parts. */
export type Duration = number | string | DurationParts | TemporalDurationLike;

/** Where a duration was written, for the message when it is wrong. */
export interface DurationOrigin {
  readonly call: string;
  readonly option: string;
}

const tenYears = 3_652 * 86_400_000;

/** As far as a `Date` reaches from 1970, so that a moment plus a duration stays a number one can reckon with. */
const longest = 8.64e15;

const partNames = ['days', 'hours', 'minutes', 'seconds', 'milliseconds'] as const;

/**
 * Turns a duration into milliseconds; the one place where units are turned (I6). Only the number `Infinity` gives
 * `Infinity`; everything else is finite.
 *
 * @throws InvalidOptionError when it is no duration, negative, or a number beyond ten years.
 */
export function toMilliseconds(duration: Duration, origin: DurationOrigin): number {
  const outcome = read(duration);
  if (typeof outcome === 'number') return outcome;
  throw new InvalidOptionError({
    ...origin,
    expected: `a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds`,
    received: duration,
    ...outcome,
  });
}

/** What is wrong with a duration. */
interface Fault {
  readonly advice?: string;
}

function read(duration: unknown): number | Fault {
  if (typeof duration === 'number') return readNumber(duration);
  if (typeof duration === 'string') return readText(duration);
  if (typeof duration !== 'object' || duration === null) return {};
  return isTemporal(duration) ? readTemporal(duration) : readParts(duration);
}

function readNumber(milliseconds: number): number | Fault {
  if (milliseconds > tenYears && milliseconds !== Infinity) {
    return {
      advice:
        'A number is a length in milliseconds, and this one is over ten years: it is probably a moment. ' +
        `Text such as '4000 days' may be longer, Infinity means for ever.`,
    };
  }
  return withinRange(milliseconds, Infinity);
}

function readText(text: string): number | Fault {
  const milliseconds = parseDurationText(text);
  return milliseconds === undefined ? { advice: adviceForDurationText(text) } : withinRange(milliseconds);
}

function isTemporal(duration: object): duration is TemporalDurationLike {
  return 'total' in duration && typeof duration.total === 'function';
}

function readTemporal(duration: TemporalDurationLike): number | Fault {
  try {
    return withinRange(duration.total('milliseconds'));
  } catch {
    return { advice: 'Years, months and weeks have no length of their own: give days, hours, minutes or seconds.' };
  }
}

function readParts(parts: object): number | Fault {
  const unknownName = Object.keys(parts).find((name) => !(partNames as readonly string[]).includes(name));
  if (unknownName !== undefined) return { advice: adviceForPartName(unknownName) };
  const given = partNames.flatMap((name) => {
    const amount = (parts as DurationParts)[name];
    return amount === undefined ? [] : [{ name, amount }];
  });
  if (given.length === 0) return { advice: `It names no part: give at least one of ${partNames.join(', ')}.` };
  const broken = given.find(({ amount }) => !Number.isFinite(amount));
  if (broken !== undefined) return { advice: `Its part '${broken.name}' should be a finite number.` };
  return withinRange(given.reduce((sum, { name, amount }) => sum + amount * (millisecondsOf(name) ?? NaN), 0));
}

function adviceForPartName(name: string): string {
  const nearest = nearestWord(name, partNames);
  const proposal = nearest === undefined ? `The parts are ${partNames.join(', ')}.` : `Did you mean '${nearest}'?`;
  return `It has the unknown part '${name}'. ${proposal}`;
}

function withinRange(milliseconds: number, limit = longest): number | Fault {
  if (Number.isNaN(milliseconds)) return {};
  if (milliseconds < 0) return { advice: 'A length of time cannot be negative.' };
  if (milliseconds > limit) return { advice: 'No date lies that far away: Infinity means for ever.' };
  // 1.005 * 1000 is 1004.9999999999999; fifteen digits are those of which a double is sure. Also turns -0 into 0.
  return milliseconds === Infinity ? Infinity : Number(milliseconds.toPrecision(15)) + 0;
}
