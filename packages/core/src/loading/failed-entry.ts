import type { CacheEntry } from '../entry/cache-entry.js';
import { failureFrom, failureRecord, isFailureRecord } from '../entry/failure-record.js';
import type { CacheStorage } from '../storage/cache-storage.js';
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
 * @param storage - where it is to be kept: for a shared one it is made plain data.
 */
export function failedEntry(thrown: unknown, now: number, { shared }: CacheStorage): CacheEntry {
  const value = shared === false ? thrown : remembered(thrown);
  return { value, created: now, updateAfter: Infinity, expiresAfter: Infinity, failed: true };
}

/** What was thrown, as far as the entry of a storage remembers it. */
export function failureIn({ value }: CacheEntry, key: string, { shared }: CacheStorage): unknown {
  // What was thrown in this process may look like anything, and must not even be looked at.
  if (shared === false) return value;
  const original = originals.get(Object(value) as object);
  if (original !== undefined) return original.thrown;
  const { failure, ofSingleKey } = Object(value) as Partial<RememberedFailure>;
  if (!isFailureRecord(failure)) return value;
  const thrown = failureFrom(failure, key);
  if (ofSingleKey === true) countAsOfSingleKey(thrown);
  return thrown;
}

/** What this process has thrown itself, so that who shares the load gets the very thing. */
const originals = new WeakMap<object, { readonly thrown: unknown }>();

function remembered(thrown: unknown): RememberedFailure {
  const failure = failureRecord(thrown);
  const value: RememberedFailure = isOfSingleKey(thrown) ? { failure, ofSingleKey: true } : { failure };
  originals.set(value, { thrown });
  return value;
}
