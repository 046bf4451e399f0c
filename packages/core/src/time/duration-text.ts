import { lengthWithinReach } from './reach.js';
import type { TimeFault } from './time-fault.js';
import { millisecondsOf } from './units.js';

/**
 * Reads a duration written as text and gives milliseconds. Three notations, in any case:
 *
 * - amounts with units, in any order, which add up: `10 minutes`, `1d42m6s`, `1.5h`, `1 minutes 2 days 10 hours`
 * - as a stopwatch shows it, minutes:seconds or hours:minutes:seconds: `15:30`, `1:15:30.5`, `4 15:30`, `1 day, 0:00:10`
 * - ISO 8601 of days, hours, minutes and seconds: `PT5M`, `P1DT2H`, `P0.5D`
 *
 * `undefined` when it is not written so, a fault when it is too long to reckon with.
 */
export function parseDurationText(text: string): number | TimeFault | undefined {
  const milliseconds = parseUnits(text) ?? parseStopwatch(text) ?? parseIso(text);
  return milliseconds === undefined ? undefined : lengthWithinReach(milliseconds);
}

// No pattern here can match one character in two of its repetitions: matching is linear, whatever the text.
const amountAndUnit = /\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*/iy;
const stopwatch = /^(?:(\d+)(?: ?days?,?)? )?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/i;
const iso = /^\+?P(?:(\d+(?:[.,]\d+)?)D)?(?:T(?:(\d+(?:[.,]\d+)?)H)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/i;

function parseUnits(text: string): number | undefined {
  let total: number | undefined;
  for (let position = 0; position < text.length; position = amountAndUnit.lastIndex) {
    amountAndUnit.lastIndex = position;
    const [, amount, unit = ''] = amountAndUnit.exec(text) ?? [];
    const milliseconds = millisecondsOf(unit);
    if (milliseconds === undefined) return undefined;
    total = (total ?? 0) + Number(amount) * milliseconds;
  }
  return total;
}

function parseStopwatch(text: string): number | undefined {
  const match = stopwatch.exec(text.trim().replace(/\s+/g, ' '));
  return match === null ? undefined : sum(match);
}

function parseIso(text: string): number | undefined {
  const written = text.trim();
  const match = iso.exec(written);
  // 'P', 'PT' and 'P1DT' match, yet a part is missing.
  return match === null || /[PT]$/i.test(written) ? undefined : sum(match);
}

/** Adds up what a pattern found as days, hours, minutes and seconds. */
function sum([, days, hours, minutes, seconds]: RegExpExecArray): number {
  return (
    amountOf(days) * 86_400_000 + amountOf(hours) * 3_600_000 + amountOf(minutes) * 60_000 + amountOf(seconds) * 1_000
  );
}

function amountOf(written: string | undefined): number {
  return written === undefined ? 0 : Number(written.replace(',', '.'));
}
