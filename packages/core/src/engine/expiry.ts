import { InvalidCallError } from '../errors.js';
import { type Duration, toMilliseconds } from '../time/duration.js';
import { type Moment, toEpochMilliseconds } from '../time/moment.js';

/** When an entry is to expire, at the moment `now`; both are epoch milliseconds. */
export type Expiry = (now: number) => number;

/** What `expire` was told; `null` for never. @throws InvalidOptionError */
export function expiryAfter(after: Duration | null): Expiry {
  const lifetime = after === null ? Infinity : toMilliseconds(after, { call: 'expire', option: 'after' });
  return (now) => now + lifetime;
}

/** What `expireAt` was told; `null` for never. @throws InvalidCallError */
export function expiryAt(moment: Moment | null, now: number): Expiry {
  const expiresAfter = moment === null ? Infinity : toEpochMilliseconds(moment, { call: 'expireAt' });
  if (typeof moment === 'number') refuseSeconds(moment, now);
  return () => expiresAfter;
}

const tenYears = 3_652 * 86_400_000;

/** Nobody lets an entry expire ten years ago: such a number counts seconds, as other libraries do. */
function refuseSeconds(moment: number, now: number): void {
  if (now - moment < tenYears) return;
  const advice = `A number is epoch milliseconds. If it counts seconds, write new Date(seconds * 1000).`;
  throw new InvalidCallError('expireAt', 'a moment within the last ten years, or a later one', moment, advice);
}
