import { milliseconds, type Moment, type Recorded } from './record.js';

/** How long the slowest of several operations took, in milliseconds; 0 if there are none. */
export function slowest(history: readonly Recorded[]): number {
  return history.reduce((longest, { start, end }) => Math.max(longest, milliseconds(start, end)), 0);
}

/** From the first moment of a history to its last, by the clock of its moments. */
export function spanOf(history: readonly Recorded[]): { readonly start: Moment; readonly end: Moment } {
  let [first, last] = [Infinity, -Infinity];
  for (const { start, end } of history) {
    first = Math.min(first, start);
    last = Math.max(last, end);
  }
  return { start: first, end: last };
}

/** The value that such a part of all values, from 0 to 1, does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const ordered = values.toSorted((one, other) => one - other);
  return ordered[Math.max(0, Math.ceil(part * ordered.length) - 1)] ?? NaN;
}
