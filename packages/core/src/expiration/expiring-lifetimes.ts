import type { CacheEntryBuilder } from '../entry/cache-entry-builder.js';
import { JitteredCacheEntryBuilder } from '../entry/jittered-cache-entry-builder.js';
import { type LifetimeOptions, lifetimesInMilliseconds } from '../entry/lifetimes.js';
import { ProvidedLifeSpanCacheEntryBuilder } from '../entry/provided-life-span-cache-entry-builder.js';
import { toMilliseconds } from '../time/duration.js';
import type { Expiration, ExpirationPolicy } from './expiration.js';
import { ExpirationCacheEntryBuilder } from './expiration-cache-entry-builder.js';
import { type AnyExpiration, expirationAfter, expirationFrom } from './expiration-from.js';
import type { ReadableExpiration } from './expiration-literal.js';

/** How long entries are fresh and when they expire, as a user writes it. */
export interface ExpiringLifetimeOptions<V = unknown, Text extends string = string> extends Pick<
  LifetimeOptions,
  'updateAfter'
> {
  /**
   * When an entry is not served any more: after a length of time, at a moment or a time of day, or when its value or a
   * function says so. `null`: never. `0`: never served, but loads in flight still collapse.
   */
  readonly expireAfter?: Expiration<V, ReadableExpiration<Text>>;
}

/** The same, where the expiration may have been read already. */
type ReadableLifetimes = Pick<LifetimeOptions, 'updateAfter'> & {
  readonly expireAfter?: AnyExpiration | undefined;
};

/** The same, settled. */
export interface ExpiringLifetimes {
  /** In milliseconds; `Infinity` means that nothing is refreshed in the background. */
  readonly updateAfter: number;
  readonly expiration: ExpirationPolicy;
}

/**
 * Settles both: none given, 10 and 30 minutes; only `expireAfter`, no background refresh; only `updateAfter`, expired after
 * 30 minutes or three times it, whichever is longer. The latter counts, too, for a value of which a pointer may say nothing.
 *
 * @param call - what was called, for messages.
 * @throws InvalidOptionError for what cannot be read, and for entries that would expire before they are refreshed.
 */
export function expiringLifetimesOf({ updateAfter, expireAfter }: ReadableLifetimes, call: string): ExpiringLifetimes {
  const update = updateAfter === undefined ? undefined : toMilliseconds(updateAfter, { call, option: 'updateAfter' });
  const { expireAfter: otherwise } = lifetimesInMilliseconds({ updateAfter: update }, call);
  const expiration =
    expireAfter === undefined
      ? expirationAfter(otherwise)
      : expirationFrom(expireAfter, { call, option: 'expireAfter', otherwise });
  if (expiration.after === undefined) return { updateAfter: update ?? Infinity, expiration };
  const said = { updateAfter: update, expireAfter: expireAfter === undefined ? undefined : expiration.after };
  return { updateAfter: lifetimesInMilliseconds(said, call).updateAfter, expiration };
}

/** What makes entries with such lifetimes. Only lengths of time are shortened by the jitter, not what is said of a moment. */
export function expiringEntryBuilder(
  { updateAfter, expiration }: ExpiringLifetimes,
  jitter: number,
): CacheEntryBuilder {
  const { after } = expiration;
  const provided = ProvidedLifeSpanCacheEntryBuilder.of({ updateAfter, expireAfter: after ?? Infinity });
  const builder = jitter > 0 ? new JitteredCacheEntryBuilder(provided, jitter) : provided;
  return after === undefined ? new ExpirationCacheEntryBuilder(builder, expiration) : builder;
}
