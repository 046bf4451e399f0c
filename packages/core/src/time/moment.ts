import { InvalidCallError } from '../errors.js';
import { withProposals } from './likely-meant.js';
import { faultInMomentText, parseMomentText } from './moment-text.js';
import { momentWithinReach } from './reach.js';
import { adviceFor, type TimeFault } from './time-fault.js';

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

/**
 * Turns a moment into epoch milliseconds; the one place where moments are read (I6). Only the number `Infinity` gives
 * `Infinity`; everything else is finite.
 *
 * @throws InvalidCallError when it is no moment, or out of the reach of a `Date`.
 */
export function toEpochMilliseconds(moment: Moment, { call }: MomentOrigin): number {
  const outcome = readMoment(moment);
  if (typeof outcome === 'number') return outcome;
  const expected = `a Date, epoch milliseconds or ISO 8601 text such as '2026-11-21T10:15:00Z'`;
  throw new InvalidCallError(call, expected, moment, outcome && adviceFor(outcome));
}

/** What is wrong with a moment; `undefined` where there is no more to say than that it is none. */
type Fault = TimeFault | undefined;

/** What a moment comes to in epoch milliseconds, or what is wrong with it. */
export function readMoment(moment: unknown): number | Fault {
  if (typeof moment === 'number') return readNumber(moment);
  if (typeof moment === 'string') return readText(moment);
  return typeof moment === 'object' && moment !== null ? readObject(moment) : undefined;
}

function readNumber(epochMilliseconds: number): number | Fault {
  if (Number.isNaN(epochMilliseconds)) return undefined;
  return epochMilliseconds === Infinity ? Infinity : momentWithinReach(epochMilliseconds);
}

function readText(text: string): number | Fault {
  const outcome = parseMomentText(text) ?? faultInMomentText(text);
  if (typeof outcome === 'number') return outcome;
  return withProposals(outcome, text, (proposal) => typeof parseMomentText(proposal) === 'number');
}

function readObject(moment: object): number | Fault {
  const time = timeOf(moment);
  // A Date says NaN for what it cannot reach.
  if (time !== undefined) return Number.isNaN(time) ? faultOf('The Date is invalid') : time;
  const epochMilliseconds = epochMillisecondsIn(moment);
  if (typeof epochMilliseconds === 'number' && Number.isFinite(epochMilliseconds)) {
    return momentWithinReach(epochMilliseconds);
  }
  return faultOf(`Its 'epochMilliseconds' should be a number, as Temporal.Instant and Temporal.ZonedDateTime have it`);
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

function faultOf(wrong: string): Fault {
  return { kind: 'fault', wrong };
}
