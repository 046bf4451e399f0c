/** How much less is known with every millisecond: clocks run apart, at the worst by so much. */
const drift = 0.001;
/** The moments that dates can tell, in either direction from 1970. */
const latestDate = 8.64e15;

/**
 * What a server says of its clock: between which two moments it stood at some time while it was asked. Both are epoch
 * milliseconds. A clock that tells fractions gives the same moment twice, one of whole seconds `[t, t + 1000]`. A server
 * that looks at its clock once a second only, as Memcached does, gives `[t, t + 2000]`.
 */
export interface MomentRange {
  readonly earliest: number;
  readonly latest: number;
}

/** How far the server's clock is ahead of this process's steady clock, as far as it is known; milliseconds. */
export interface ClockOffset {
  readonly atLeast: number;
  readonly atMost: number;
  /** When it was so, by the steady clock: since then the clocks may have run further apart. */
  readonly since: number;
}

/**
 * What one answer tells. It was given between the sending of the question and its receipt, both by the steady clock
 * (F. Cristian, Probabilistic clock synchronization, 1989).
 *
 * @returns `undefined` for what is no range of moments.
 */
export function offsetTold({ earliest, latest }: MomentRange, sent: number, received: number): ClockOffset | undefined {
  if (!isDate(earliest) || !isDate(latest) || earliest > latest) return undefined;
  return widened({ atLeast: earliest - received, atMost: latest - sent, since: sent }, received);
}

/**
 * What is known after an answer: what it and all answers before agree upon (K. Marzullo, Maintaining the time in a
 * distributed system, 1984). It is never less than before, and whole seconds become exact together. An answer that
 * contradicts what was known shows that a clock was set, and counts alone.
 */
export function offsetAfter(known: ClockOffset | undefined, told: ClockOffset): ClockOffset {
  if (known === undefined) return told;
  const before = widened(known, told.since);
  const atLeast = Math.max(before.atLeast, told.atLeast);
  const atMost = Math.min(before.atMost, told.atMost);
  return atLeast <= atMost ? { atLeast, atMost, since: told.since } : told;
}

/** What is left of it at `now`. */
export function widened({ atLeast, atMost, since }: ClockOffset, now: number): ClockOffset {
  const apart = (now - since) * drift;
  return { atLeast: atLeast - apart, atMost: atMost + apart, since: now };
}

/** Whether a moment lies where dates do, so that it can be told at all. */
function isDate(moment: number): boolean {
  return Math.abs(moment) <= latestDate;
}
