import type { TimeFault } from './time-fault.js';

/** As far as a `Date` reaches from 1970, before and after it, so that moments stay numbers one can reckon with. */
const farthest = 8.64e15;

/** A moment, if a `Date` reaches it. */
export function momentWithinReach(epochMilliseconds: number): number | TimeFault {
  if (epochMilliseconds > farthest) return fault('No date lies that far away: Infinity means never');
  if (epochMilliseconds < -farthest) return fault('No date lies that far back: any moment that is over will do');
  return epochMilliseconds + 0;
}

/** A length of time, if it is one and a `Date` reaches so far from 1970. */
export function lengthWithinReach(milliseconds: number): number | TimeFault {
  if (milliseconds < 0) return fault('A length of time cannot be negative');
  if (milliseconds > farthest) return fault('No date lies that far away: Infinity means for ever');
  if (Number.isInteger(milliseconds)) return milliseconds + 0;
  // 1.005 * 1000 is 1004.9999999999999; fifteen digits are those of which a double is sure. Also turns -0 into 0.
  return Number(milliseconds.toPrecision(15)) + 0;
}

function fault(wrong: string): TimeFault {
  return { kind: 'fault', wrong };
}
