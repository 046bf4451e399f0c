import {
  type CacheEvent,
  type CacheInfo,
  type Expiration,
  LeastRecentlyUsedEvictionStrategy,
  memoize,
  memoizeSync,
  type MemoizeSyncOptions,
} from '@memo/core';
import { ManualClock } from '@memo/core/testing';

/** aquiche wraps synchronous and asynchronous functions by one decorator; here each kind has a door. */
export type Door = 'memoize' | 'memoizeSync';

type SyncOptions = MemoizeSyncOptions<readonly unknown[], unknown, string, 'throw' | 'value'>;

/** The options that both doors have, in memo's spelling. */
export interface Options extends Omit<SyncOptions, 'expireAfter' | 'onEvent'> {
  /** As in aquiche, entries live for ever if nothing is said. */
  readonly expireAfter?: Expiration<never>;
  /** aquiche lets those go that were asked for longest ago. */
  readonly maxsize?: number;
}

/** What `memoize` and `memoizeSync` give, where it does not matter which. */
interface Cached {
  (...args: unknown[]): unknown;
  ttl(args: readonly unknown[]): number | undefined | Promise<number | undefined>;
  cacheParameters(): object;
}

/** A wrapped function of the original's tests, with the operations on it. */
export interface Subject {
  /** As it was wrapped. */
  readonly cached: Cached;
  readonly call: (...args: unknown[]) => Promise<unknown>;
  /** Loads anew, whatever there is. */
  readonly refresh: (...args: unknown[]) => Promise<unknown>;
  readonly exists: (...args: unknown[]) => Promise<boolean>;
  /** How often the function itself was called. */
  readonly calls: () => number;
  readonly info: () => CacheInfo;
  readonly clear: () => Promise<void>;
  readonly removeExpired: () => Promise<number>;
  readonly events: readonly CacheEvent[];
  readonly clock: ManualClock;
}

/** How a function is wrapped for either door. */
export function subjectAt(
  door: Door,
  fn: (...args: never[]) => unknown,
  { maxsize, ...options }: Options = {},
  clock = new ManualClock(Date.UTC(2022, 0, 1)),
): Subject {
  let calls = 0;
  const events: CacheEvent[] = [];
  const counted = (...args: readonly unknown[]): unknown => {
    calls++;
    return fn(...(args as never[]));
  };
  const said = {
    expireAfter: null,
    clock,
    onEvent: (event: CacheEvent) => void events.push(event),
    ...(maxsize === undefined
      ? { capacity: null }
      : { evictionStrategy: new LeastRecentlyUsedEvictionStrategy(maxsize) }),
    ...options,
  };
  if (door === 'memoize') {
    const cached = memoize(async (...args: readonly unknown[]) => counted(...args), said as object);
    return {
      cached,
      call: async (...args) => {
        const value = await cached(...args);
        // What is done behind the caller's back is over as well.
        await clock.advance(0);
        return value;
      },
      refresh: (...args) => cached.refresh(...args),
      exists: (...args) => cached.exists(args),
      calls: () => calls,
      events,
      info: () => cached.cacheInfo(),
      clear: () => cached.clear(),
      removeExpired: () => cached.removeExpired(),
      clock,
    };
  }
  const cached = memoizeSync(counted, said as object);
  return {
    cached,
    call: async (...args) => cached(...args),
    refresh: async (...args) => cached.refresh(...args),
    exists: async (...args) => cached.exists(args),
    calls: () => calls,
    events,
    info: () => cached.cacheInfo(),
    clear: async () => cached.clear(),
    removeExpired: async () => cached.removeExpired(),
    clock,
  };
}

/** Asks for all of these, one after another. */
export async function askFor({ call }: Subject, values: readonly unknown[]): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (const value of values) answers.push(await call(value));
  return answers;
}
