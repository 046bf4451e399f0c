import type { CacheEntry } from '../../entry/cache-entry.js';
import type { Awaitable } from '../../serde.js';
import { UnstorableValueError } from '../../errors.js';
import type { CacheStorage, OfferResult } from '../../storage/cache-storage.js';
import type { Duration } from '../../time/duration.js';
import type { Clause, Expect } from '../contract.js';
import type { ValueKind } from '../value-samples.js';

/** What is true of a storage beyond its interface; every trait that is named adds clauses or makes them stricter. */
export interface CacheStorageTraits<S extends CacheStorage = CacheStorage> {
  /**
   * The storage lets go of expired entries by itself, at the latest this long after `expiresAfter`.
   * Left out: it may keep them.
   */
  readonly resolution?: Duration;
  /**
   * How much longer than asked for a lease or a rest may last, for storages that cannot tell to the millisecond.
   * Left out: not at all. None may end early.
   */
  readonly leaseResolution?: Duration;
  /** Which values come back as they were. @defaultValue `'structured'` */
  readonly values?: ValueKind;
  /** The SerDe in use was told to change what it cannot represent, so nobody expects it to refuse that. */
  readonly lossy?: true;
  /** `get` answers with the very object that was offered, where others make a copy. */
  readonly sameEntry?: true;
  /** Opens the same data once more, as another process would. */
  readonly openAnother?: (storage: S) => Awaitable<CacheStorage>;
  /** Opens a storage for other data that lives in the same place, such as another namespace on the same server. */
  readonly openNeighbour?: (storage: S) => Awaitable<CacheStorage>;
  /** Overwrites what is stored under `key` with bytes that the storage did not write. */
  readonly corrupt?: (storage: S, key: string) => Awaitable<void>;
  /** Makes the backend unreachable (frozen or gone) until the function that it returns is called. */
  readonly interrupt?: (storage: S) => Awaitable<() => Awaitable<void>>;
}

/** A method that a storage may have or not. */
type StorageAbility =
  'peek' | 'invalidate' | 'changeMoments' | 'clear' | 'entries' | 'lease' | 'set' | 'lock' | 'getMany' | 'ttl';

/** What a clause about storages may need. */
export type StorageNeed =
  | StorageAbility
  | 'resolution'
  | 'sameEntry'
  | 'openAnother'
  | 'openNeighbour'
  | 'corrupt'
  | 'interrupt'
  | 'dispose'
  /** The storage says `keepsResources`. */
  | 'resources'
  /** The storage is not shared with other processes. */
  | 'in process'
  /** Entries come back as copies. */
  | 'copies'
  /** What would be changed is refused. */
  | 'lossless';

/** A storage with the abilities that a clause needs. */
export type StorageWith<Need extends StorageNeed = never> = CacheStorage &
  Required<Pick<CacheStorage, Extract<Need, StorageAbility>>>;

/** The storage that a clause looks at. */
export interface StorageSubject<Need extends StorageNeed = never> {
  readonly storage: StorageWith<Need>;
  readonly values: ValueKind;
  /** Milliseconds; 0 where the trait is missing. */
  readonly resolution: number;
  /** Milliseconds. */
  readonly leaseResolution: number;
  /** The same data as another process sees it where the storage can be opened once more, else the storage itself. */
  another(): Promise<StorageWith<Need>>;
  openAnother(): Promise<CacheStorage>;
  openNeighbour(): Promise<CacheStorage>;
  corrupt(key: string): Promise<void>;
  interrupt(): Promise<() => Awaitable<void>>;
}

/** A clause about storages; it sees the abilities that it needs as methods which are there. */
export interface StorageClause<Need extends StorageNeed = never> extends Clause<StorageSubject> {
  readonly needs?: readonly Need[];
  run(subject: StorageSubject<Need>, expect: Expect): Promise<void>;
}

/** Lets the compiler find out which abilities a clause sees. */
export function storageClause<const Need extends StorageNeed = never>(clause: StorageClause<Need>): StorageClause {
  return clause as StorageClause;
}

/** An entry that lives for an hour, unless it is said otherwise. */
export function entryOf(value: unknown, parts: Partial<CacheEntry> = {}): CacheEntry {
  const created = Date.now();
  return { value, created, updateAfter: created + 1_800_000, expiresAfter: created + 3_600_000, ...parts };
}

/** The parts of an entry that the contract speaks of; a storage may add others. */
export function partsOf(entry: CacheEntry | undefined): Partial<CacheEntry> | undefined {
  if (entry === undefined) return undefined;
  const { value, created, started, updateAfter, expiresAfter, etag, failed, keepUntil } = entry;
  return {
    value,
    created,
    // That a load took no time is the same as that nobody said so.
    ...(started === undefined || started === created ? {} : { started }),
    updateAfter,
    expiresAfter,
    ...(etag === undefined ? {} : { etag }),
    ...(failed === undefined ? {} : { failed }),
    // That it is kept as long as it is served is the same as that nobody said so.
    ...(keepUntil === undefined || keepUntil === expiresAfter ? {} : { keepUntil }),
  };
}

/** Offers `entry` and makes sure that it is kept. */
export async function keep(storage: CacheStorage, key: string, entry: CacheEntry, expect: Expect): Promise<CacheEntry> {
  expect(await storage.offer(key, entry)).toBe('stored');
  return entry;
}

/** Expects that `storage` answers `key` with what was offered as `entry`; `undefined` for nothing. */
export async function expectKept(
  storage: CacheStorage,
  key: string,
  entry: CacheEntry | undefined,
  expect: Expect,
): Promise<void> {
  expect(partsOf(await storage.get(key))).toStrictEqual(partsOf(entry));
}

/** Whether an offered entry was kept; `false` where it was declined, or its value refused. */
export async function isKept(offered: Promise<OfferResult>): Promise<boolean> {
  try {
    return (await offered) === 'stored';
  } catch (error) {
    if (UnstorableValueError.isInstance(error)) return false;
    throw error;
  }
}
