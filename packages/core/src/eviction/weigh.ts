import type { CacheEntry } from '../entry/cache-entry.js';
import { InvalidOptionError } from '../errors.js';

/** Says what an entry weighs: a whole number from 0 on. Asked whenever one is written, except for remembered failures. */
export type Weigh<V = unknown> = (entry: CacheEntry<V>) => number;

/**
 * What an entry weighs if nobody says so: bytes, as far as they are known at once. Binary values weigh their bytes, text
 * its length; what is no object weighs 1, like whatever is empty.
 *
 * @throws InvalidOptionError for any other object: only its owner knows.
 */
export function weighInBytes({ value }: CacheEntry): number {
  if (typeof value === 'string') return Math.max(1, value.length);
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return 1;
  const { byteLength } = value as { readonly byteLength?: unknown };
  if (typeof byteLength === 'number') return Math.max(1, byteLength);
  throw new InvalidOptionError({
    call: 'maxWeight',
    option: 'weigh',
    expected: 'given for values that are neither binary nor text',
    received: undefined,
    advice: `Nobody else knows what ${Array.isArray(value) ? 'an array' : 'an object'} weighs.`,
  });
}

/**
 * What an entry weighs. A remembered failure weighs 1: it is no value.
 *
 * @throws InvalidOptionError if the answer is no weight.
 */
export function weightFrom(weigh: Weigh, entry: CacheEntry): number {
  const weight = entry.failed === true ? 1 : weigh(entry);
  if (Number.isSafeInteger(weight) && weight >= 0) return weight + 0;
  throw new InvalidOptionError({
    call: 'maxWeight',
    option: 'weigh',
    expected: 'a function whose result is a whole number from 0 on',
    received: weight,
  });
}
