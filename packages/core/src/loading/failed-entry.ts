import type { CacheEntry } from '../entry/cache-entry.js';
import { failureFrom, failureRecord, isFailureRecord } from '../entry/failure-record.js';
import { countAsOfSingleKey, isOfSingleKey } from './batched-loads.js';

/** What a failure becomes where it leaves the process. */
interface RememberedFailure {
  readonly failure: unknown;
  /** Present where a load of many has said it of just this key. */
  readonly ofSingleKey?: true;
}

/**
 * An entry that remembers a failure; its deadline is still to be judged.
 *
 * @param thrown - what the function threw.
 * @param now - epoch milliseconds.
 * @param shared - whether other processes may be served it: then it is made plain data.
 */
export function failedEntry(thrown: unknown, now: number, shared: boolean): CacheEntry {
  const value = shared ? remembered(thrown) : thrown;
  return { value, created: now, updateAfter: Infinity, expiresAfter: Infinity, failed: true };
}

/** What was thrown, as far as the entry remembers it. */
export function failureIn({ value }: CacheEntry, key: string): unknown {
  const { failure, ofSingleKey } = Object(value) as Partial<RememberedFailure>;
  if (!isFailureRecord(failure)) return value;
  const thrown = failureFrom(failure, key);
  if (ofSingleKey === true) countAsOfSingleKey(thrown);
  return thrown;
}

function remembered(thrown: unknown): RememberedFailure {
  const failure = failureRecord(thrown);
  return isOfSingleKey(thrown) ? { failure, ofSingleKey: true } : { failure };
}
