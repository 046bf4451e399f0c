import type { CacheEntry } from '../entry/cache-entry.js';
import { deadlineFor, hasEtag } from '../entry/demand.js';
import type { Call } from './call.js';

/**
 * Whether an entry would do for a call whose load has failed: it has a value, the right one, and has not expired for longer
 * than that is allowed.
 *
 * @param now - epoch milliseconds.
 * @param staleIfError - for how many milliseconds beyond its expiry it may be served.
 */
export function isKeptFor(
  entry: CacheEntry,
  { demand }: Pick<Call, 'demand'>,
  now: number,
  staleIfError: number,
): boolean {
  return entry.failed !== true && hasEtag(entry, demand) && now < deadlineFor(entry, demand) + staleIfError;
}
