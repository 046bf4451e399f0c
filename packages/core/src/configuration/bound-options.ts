import { InvalidOptionError } from '../errors.js';
import type { EvictionStrategy } from '../eviction/eviction-strategy.js';
import { NoEvictionStrategy } from '../eviction/no-eviction-strategy.js';
import { Room, type RoomOptions } from '../eviction/room.js';
import { S3FifoEvictionStrategy } from '../eviction/s3-fifo-eviction-strategy.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { PolicyOptions } from './memoize-options.js';

/** What bounds the entries of a storage: their number, what they weigh, or a strategy, which has a bound of its own. */
export const boundNames = ['capacity', 'maxWeight', 'weigh', 'evictionStrategy'] as const;

type BoundName = (typeof boundNames)[number];

/** The options that bound the entries of a storage. */
export type BoundOptions<V = unknown> = Pick<PolicyOptions<readonly unknown[], V>, BoundName>;

/** The same as they were said: of each may be said nothing. */
export type SaidBounds<V = unknown> = { readonly [Name in BoundName]?: BoundOptions<V>[Name] | undefined };

/** Whether anything is said of a bound. */
export function saysBound(options: SaidBounds<never>): boolean {
  return boundNames.some((name) => options[name] !== undefined);
}

/**
 * What bounds the entries of `storage` in this process.
 *
 * @throws InvalidOptionError
 */
export function evictionStrategyFrom(
  call: string,
  storage: Pick<CacheStorage, 'shared'>,
  options: SaidBounds,
): EvictionStrategy {
  checkBounds(call, options);
  const { capacity, maxWeight, weigh, evictionStrategy } = options;
  if (evictionStrategy !== undefined) return evictionStrategy;
  const isUnbounded = capacity === null || (storage.shared !== false && !saysBound(options));
  return isUnbounded ? new NoEvictionStrategy() : new S3FifoEvictionStrategy({ capacity, maxWeight, weigh });
}

/**
 * Checks that bounds are right, and that there is one of them only.
 *
 * @param call - what was called, for messages.
 * @throws InvalidOptionError
 */
export function checkBounds(call: string, options: SaidBounds<never>): void {
  if (options.evictionStrategy !== undefined) refuseBesideStrategy(call, options);
  else Room.from(call, options as RoomOptions);
}

function refuseBesideStrategy(call: string, options: SaidBounds<never>): void {
  for (const option of ['capacity', 'maxWeight', 'weigh'] as const) {
    const received = options[option];
    if (received === undefined) continue;
    const expected = `left out where 'evictionStrategy' is given`;
    const advice = option === 'capacity' ? `Give the capacity to the strategy.` : `Give it to the strategy.`;
    throw new InvalidOptionError({ call, option, expected, received, advice });
  }
}
