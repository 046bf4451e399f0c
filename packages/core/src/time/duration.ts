import { InvalidOptionError } from '../errors.js';

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

/**
 * Turns a duration into milliseconds; the one place where units are turned (I6).
 *
 * @throws InvalidOptionError when it is no duration, negative, or a number beyond ten years.
 */
export function toMilliseconds(duration: Duration, origin: DurationOrigin): number {
  if (typeof duration === 'number' && duration >= 0) return duration;
  throw new InvalidOptionError({ ...origin, expected: 'a duration', received: duration });
}
