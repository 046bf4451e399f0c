import { aClock, anObjectWith, checkOptions, oneOf, type OptionRules } from '../check-options.js';
import { InvalidCallError, InvalidOptionError } from '../errors.js';
import { SerDeAccess } from '../remote/serde-access.js';
import type { SerDe } from '../serde.js';
import type { CacheStorage } from '../storage/cache-storage.js';
import type { Clock } from '../time/clock.js';
import { toMilliseconds, type Duration } from '../time/duration.js';
import { systemClock } from '../time/system-clock.js';
import { MapCacheStorage } from './map-cache-storage.js';
import type { MapLike } from './map-like.js';
import { PlainRecordForm } from './plain-record-form.js';
import { SerDeRecordForm } from './serde-record-form.js';
import { StoreCacheStorage } from './store-cache-storage.js';

/** What `storageOver` may be told beside the store. */
export interface StorageOverOptions {
  /**
   * Whether another process may find what is kept here, now or after a restart.
   * @defaultValue `false` for a `Map`, else `true`
   */
  readonly shared?: boolean;
  /**
   * Turns entries into bytes and back. The store gets one text for each entry, which everything can keep that keeps text:
   * JSON around what the SerDe wrote, in clear if that is text, else in base64.
   */
  readonly serde?: SerDe;
  /**
   * Which values the store brings back as they were. With `'json'` all others are refused, so that none comes back
   * changed. `'any'`: the store keeps the objects themselves, or refuses what it would change.
   * @defaultValue `'any'` for a `Map`, else `'json'`; what the `serde` keeps, if there is one
   */
  readonly values?: 'json' | 'any';
  /**
   * How long one operation may take, whatever the store does; an asynchronous SerDe may take as long.
   * @defaultValue `'500 milliseconds'`; none for a `Map`
   */
  readonly deadline?: Duration;
  /**
   * Measures deadlines, lifetimes and leases.
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock;
}

const call = 'storageOver';
const methods = ['get', 'set', 'delete'] as const;

const rules: OptionRules = {
  shared: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  serde: anObjectWith('a SerDe', 'serialize', 'deserialize'),
  values: oneOf('json', 'any'),
  deadline: { expected: 'longer than 0', accepts: (value) => durationOf(value as Duration) > 0 },
  clock: aClock,
};

/**
 * A storage over anything that keeps values by key: a `Map`, or a store with `get`, `set` and `delete`, asynchronous or
 * not. What else it has the storage makes use of: see `MapLike`. Make one storage for one store.
 *
 * ```ts
 * const getUser = memoize(fetchUser, { name: 'user', storage: storageOver(new Keyv(sqlite, { throwOnErrors: true })) });
 * ```
 * A `Map` keeps the entries themselves, for this process. Any other store gets plain data, or text where there is a
 * `serde`, and counts as shared with other processes. Such a store knows no leases: each process loads for itself, unless
 * it has locks, and what a process does in several steps another one may come between.
 *
 * @throws InvalidCallError when it is no such store.
 * @throws InvalidOptionError
 */
export function storageOver(store: MapLike, options: StorageOverOptions = {}): CacheStorage {
  requireMapLike(store);
  checkOptions(call, options, rules);
  refuseContradictions(options);
  const { serde, clock = systemClock } = options;
  const isMap = store instanceof Map;
  const { shared = !isMap, values = isMap && !shared ? 'any' : 'json' } = options;
  if (isMap && !shared && values === 'any' && serde === undefined) {
    return new MapCacheStorage(store, { deadline: durationOf(options.deadline ?? Infinity), clock });
  }
  const deadline = durationOf(options.deadline ?? '500 milliseconds');
  const form =
    serde === undefined
      ? new PlainRecordForm(values)
      : new SerDeRecordForm(serde, new SerDeAccess({ deadline, clock }));
  return new StoreCacheStorage(store, { shared, deadline, clock, form });
}

function requireMapLike(store: unknown): void {
  const able = Object(store) as Readonly<Record<string, unknown>>;
  const missing = methods.filter((method) => typeof able[method] !== 'function');
  if (missing.length === 0) return;
  const isStorage = typeof able['get'] === 'function' && typeof able['offer'] === 'function';
  const lack = missing.length < methods.length ? `It lacks ${missing.join(' and ')}.` : undefined;
  const advice = isStorage ? 'It is a storage already.' : lack;
  throw new InvalidCallError(call, 'a Map, or an object with get, set and delete', store, advice);
}

function refuseContradictions({ serde, values }: StorageOverOptions): void {
  if (serde === undefined || values === undefined) return;
  throw new InvalidOptionError({
    call,
    option: 'values',
    expected: `left out where there is a 'serde', which says itself what it keeps`,
    received: values,
  });
}

function durationOf(deadline: Duration): number {
  return toMilliseconds(deadline, { call, option: 'deadline' });
}
