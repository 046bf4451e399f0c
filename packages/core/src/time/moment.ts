import { InvalidCallError } from '../errors.js';
import { parseMomentText } from './moment-text.js';

/** The part of `Temporal.Instant` and `Temporal.ZonedDateTime` that memo reads, so that any implementation is welcome. */
export interface TemporalInstantLike {
  readonly epochMilliseconds: number;
}

/**
 * A point in time: a `Date`, a number of **milliseconds** since 1970, or ISO 8601 text, which is UTC unless it names a
 * zone. The number `Infinity` is never.
 */
export type Moment = Date | number | string | TemporalInstantLike;

/** Where a moment was given, for the message when it is wrong. */
export interface MomentOrigin {
  readonly call: string;
}

/** As far as a `Date` reaches, before 1970 and after it. */
const farthest = 8.64e15;

/**
 * Turns a moment into epoch milliseconds; the one place where moments are read (I6). Only the number `Infinity` gives
 * `Infinity`; everything else is finite.
 *
 * @throws InvalidCallError when it is no moment, or out of the reach of a `Date`.
 */
export function toEpochMilliseconds(moment: Moment, { call }: MomentOrigin): number {
  const outcome = read(moment);
  if (typeof outcome === 'number') return outcome;
  const expected = `a Date, epoch milliseconds or ISO 8601 text such as '2026-11-21T10:15:00Z'`;
  throw new InvalidCallError(call, expected, moment, outcome.advice);
}

/** What is wrong with a moment. */
interface Fault {
  readonly advice?: string | undefined;
}

function read(moment: unknown): number | Fault {
  if (typeof moment === 'number') return moment === Infinity ? Infinity : withinReach(moment);
  if (typeof moment === 'string') return readText(moment);
  return typeof moment === 'object' && moment !== null ? readObject(moment) : {};
}

function readText(text: string): number | Fault {
  const outcome = parseMomentText(text);
  return typeof outcome === 'number' ? withinReach(outcome) : outcome;
}

function readObject(moment: object): number | Fault {
  const time = timeOf(moment);
  if (time !== undefined) return Number.isNaN(time) ? { advice: 'The Date is invalid.' } : withinReach(time);
  const epochMilliseconds = epochMillisecondsIn(moment);
  if (typeof epochMilliseconds === 'number' && Number.isFinite(epochMilliseconds))
    return withinReach(epochMilliseconds);
  return {
    advice: `Its 'epochMilliseconds' should be a number, as Temporal.Instant and Temporal.ZonedDateTime have it.`,
  };
}

/** The time of a `Date`, also of one from another realm; `undefined` if it is none. */
function timeOf(moment: object): number | undefined {
  try {
    return Date.prototype.getTime.call(moment);
  } catch {
    return undefined;
  }
}

/** Whatever stands there; reading it may throw. */
function epochMillisecondsIn(moment: object): unknown {
  try {
    return (moment as Partial<TemporalInstantLike>).epochMilliseconds;
  } catch {
    return undefined;
  }
}

function withinReach(milliseconds: number): number | Fault {
  // A Date says NaN for what it cannot reach; NaN itself is no moment at all.
  if (Number.isNaN(milliseconds)) return {};
  if (milliseconds > farthest) return { advice: 'No date lies that far away: Infinity means never.' };
  if (milliseconds < -farthest) return { advice: 'No date lies that far back: any moment that is over will do.' };
  return milliseconds + 0;
}
