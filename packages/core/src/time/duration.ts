import { InvalidOptionError } from '../errors.js';
import { nearestWord } from '../nearest-word.js';
import { parseDurationText } from './duration-text.js';
import { faultInDurationText } from './duration-text-advice.js';
import { withProposals } from './likely-meant.js';
import { lengthWithinReach } from './reach.js';
import { adviceFor, type TimeFault } from './time-fault.js';
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

const partNames = ['days', 'hours', 'minutes', 'seconds', 'milliseconds'] as const;

/**
 * Turns a duration into milliseconds; the one place where units are turned (I6). Only the number `Infinity` gives
 * `Infinity`; everything else is finite.
 *
 * @throws InvalidOptionError when it is no duration, negative, or a number beyond ten years.
 */
export function toMilliseconds(duration: Duration, origin: DurationOrigin): number {
  const outcome = readDuration(duration);
  if (typeof outcome === 'number') return outcome;
  throw new InvalidOptionError({
    ...origin,
    expected: `a duration such as '10 minutes', '1h30m', 'PT5M', { minutes: 5 } or a number of milliseconds`,
    received: duration,
    ...(outcome === undefined ? {} : { advice: adviceFor(outcome) }),
  });
}

/** What is wrong with a duration; `undefined` where there is no more to say than that it is none. */
type Fault = TimeFault | undefined;

/** What a duration comes to in milliseconds, or what is wrong with it. */
export function readDuration(duration: unknown): number | Fault {
  if (typeof duration === 'number') return readNumber(duration);
  if (typeof duration === 'string') return readText(duration);
  if (typeof duration !== 'object' || duration === null) return undefined;
  return isTemporal(duration) ? readTemporal(duration) : readParts(duration);
}

function readNumber(milliseconds: number): number | Fault {
  if (milliseconds === Infinity) return Infinity;
  if (milliseconds <= tenYears) return lengthWithinReach(milliseconds);
  return Number.isNaN(milliseconds)
    ? undefined
    : faultOf(
        'A number is a length in milliseconds, and this one is over ten years: it is probably a moment',
        `Text such as '4000 days' may be longer, Infinity means for ever.`,
      );
}

function readText(text: string): number | Fault {
  const outcome = parseDurationText(text) ?? faultInDurationText(text);
  if (typeof outcome === 'number') return outcome;
  return withProposals(outcome, text, (proposal) => typeof parseDurationText(proposal) === 'number');
}

function isTemporal(duration: object): duration is TemporalDurationLike {
  return 'total' in duration && typeof duration.total === 'function';
}

function readTemporal(duration: TemporalDurationLike): number | Fault {
  try {
    return lengthOf(duration.total('milliseconds'));
  } catch {
    return faultOf('Years, months and weeks have no length of their own: give days, hours, minutes or seconds');
  }
}

function readParts(parts: object): number | Fault {
  const unknownName = Object.keys(parts).find((name) => !(partNames as readonly string[]).includes(name));
  if (unknownName !== undefined) return faultOfPartName(unknownName);
  const given = partNames.flatMap((name) => {
    const amount = (parts as DurationParts)[name];
    return amount === undefined ? [] : [{ name, amount }];
  });
  if (given.length === 0) return faultOf(`It names no part: give at least one of ${partNames.join(', ')}`);
  const broken = given.find(({ amount }) => !Number.isFinite(amount));
  if (broken !== undefined) return faultOf(`Its part '${broken.name}' should be a finite number`);
  return lengthOf(given.reduce((sum, { name, amount }) => sum + amount * (millisecondsOf(name) ?? NaN), 0));
}

function faultOfPartName(name: string): Fault {
  const nearest = nearestWord(name, partNames);
  const proposal = nearest === undefined ? `The parts are ${partNames.join(', ')}.` : `Did you mean '${nearest}'?`;
  return faultOf(`It has the unknown part '${name}'`, proposal);
}

function lengthOf(milliseconds: number): number | Fault {
  return Number.isNaN(milliseconds) ? undefined : lengthWithinReach(milliseconds);
}

function faultOf(wrong: string, rule?: string): Fault {
  return { kind: 'fault', wrong, rule };
}
