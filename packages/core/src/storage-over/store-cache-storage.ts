import type { CacheEntry } from '../entry/cache-entry.js';
import { keepUntilOf } from '../entry/keep-until.js';
import { StorageFailedError, UnreadableEntryError } from '../errors.js';
import { isPromise, type Awaitable } from '../serde.js';
import type { CacheStorage, EntryMoments, OfferResult } from '../storage/cache-storage.js';
import type { Lock } from '../storage/lock.js';
import type { Clock } from '../time/clock.js';
import { pickedUpLock, pickedUpTtl } from './abilities.js';
import type { MapLike } from './map-like.js';
import type { RecordForm } from './record-form.js';
import { StoreAccess, type Ask } from './store-access.js';
import { keyListingOf, listed, listingOf, type StoreListing } from './store-listing.js';
import { keyIn, momentsOf, recordIn, withMoments, type StoredRecord } from './stored-record.js';

/** What a `StoreCacheStorage` is made of. */
export interface StoreSettings {
  readonly shared: boolean;
  /** Milliseconds. */
  readonly deadline: number;
  readonly clock: Clock;
  readonly form: RecordForm;
}

/** How many keys are taken away at the same time, where many are. */
const atOnce = 64;

/** A storage over any store with `get`, `set` and `delete`. */
export class StoreCacheStorage implements CacheStorage {
  readonly shared: boolean;
  readonly deadline: number;
  readonly lock?: (key: string) => Lock;
  readonly ttl?: (key: string) => Awaitable<number | undefined>;
  readonly clear?: (scope: string) => Promise<void>;
  readonly entries?: () => AsyncIterable<readonly [key: string, entry: CacheEntry]>;
  readonly #store: MapLike;
  readonly #clock: Clock;
  readonly #form: RecordForm;
  readonly #access: StoreAccess;

  constructor(store: MapLike, { shared, deadline, clock, form }: StoreSettings) {
    this.shared = shared;
    this.deadline = deadline;
    this.#store = store;
    this.#clock = clock;
    this.#form = form;
    this.#access = new StoreAccess({ deadline, clock });
    // An ability that the store lacks is left out, not stubbed.
    const lock = pickedUpLock(store);
    if (lock !== undefined) this.lock = lock;
    const ttl = pickedUpTtl(store, (key, send) => this.#access.asking('ttl', key)(send));
    if (ttl !== undefined) this.ttl = ttl;
    const [listing, keyListing] = [listingOf(store), keyListingOf(store)];
    if (listing !== undefined) this.entries = () => this.#entries(listing);
    if (keyListing !== undefined) this.clear = (scope) => this.#clear(scope, keyListing);
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    return this.#unpack(key, await this.#read(key, this.#access.asking('get', key)));
  }

  async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
    const packed = this.#form.pack(key, entry);
    // Without waiting where there is nothing to wait for: turns are had in the order in which they were asked for.
    const record = isPromise(packed) ? await packed : packed;
    await this.#access.inTurn('offer', key, (ask) => this.#write('offer', ask, record));
    return 'stored';
  }

  async release(key: string): Promise<void> {
    if (this.shared) return;
    await this.#access.inTurn('release', key, (ask) => ask(() => this.#store.delete(key)));
  }

  invalidate(key: string): Promise<number | undefined> {
    return this.#access.inTurn('invalidate', key, async (ask) => {
      // What cannot be read is taken away as well.
      const stored = await this.#read(key, ask).catch(() => undefined);
      await this.#delete(key, ask, stored);
      const record = this.#readableRecord(key, stored);
      return record && momentsOf(record).expiresAfter;
    });
  }

  changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    return this.#access.inTurn('changeMoments', key, async (ask) => {
      const record = this.#readableRecord(key, await this.#read(key, ask).catch(undefinedIfUnreadable));
      if (record?.created !== expected.created || now >= momentsOf(record).expiresAfter) return false;
      await this.#write('changeMoments', ask, withMoments(record, moments));
      return true;
    });
  }

  async *#entries(listing: StoreListing): AsyncGenerator<readonly [key: string, entry: CacheEntry], void, undefined> {
    for await (const [key, stored] of this.#listed('entries', listing)) {
      const found = stored === undefined ? this.get(key) : this.#unpack(key, stored);
      const entry = await found.catch(undefinedIfUnreadable);
      if (entry !== undefined) yield [key, entry];
    }
  }

  async #clear(scope: string, listing: StoreListing): Promise<void> {
    const keys = new Set<string>();
    // What is being written meanwhile may have been read before.
    const touched = await this.#access.turns.touchedWhile(async () => {
      if (scope === '' && typeof this.#store.clear === 'function') {
        await this.#access.asking('clear')(() => this.#store.clear?.());
      } else {
        for await (const [key] of this.#listed('clear', listing)) keys.add(key);
      }
    });
    const inScope = [...new Set([...keys, ...touched])].filter((key) => key.startsWith(scope));
    const taking = (key: string): Promise<unknown> =>
      this.#access.inTurn('clear', key, (ask) => ask(() => this.#store.delete(key)));
    while (inScope.length > 0) await Promise.all(inScope.splice(0, atOnce).map(taking));
  }

  /** What the store lists under texts, with the keys of the records, whatever the store calls them. */
  async *#listed(
    operation: string,
    listing: StoreListing,
  ): AsyncGenerator<readonly [key: string, stored: unknown], void, undefined> {
    for await (const [listedKey, found] of listed(listing, () => this.#access.asking(operation))) {
      const stored = found ?? undefined;
      const key = keyIn(this.#form.read(stored)) ?? listedKey;
      if (typeof key === 'string') yield [key, stored];
    }
  }

  /** What the store has under the key, `undefined` for nothing. @throws UnreadableEntryError, StorageFailedError */
  async #read(key: string, ask: Ask): Promise<unknown> {
    try {
      return (await ask(() => this.#store.get(key))) ?? undefined;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      throw new UnreadableEntryError(key, `the store says: ${error.cause.message}`, { cause: error.cause });
    }
  }

  async #write(operation: string, ask: Ask, record: StoredRecord): Promise<void> {
    const { key } = record;
    const stored = this.#form.write(record);
    const answer = await ask(() => this.#store.set(key, stored, this.#lifetimeOf(record)));
    if (answer === false) throw new StorageFailedError(operation, key, new Error(`the store's 'set' answered false.`));
  }

  /** @param stored - what was there: of a store that could not delete it `false` is a failure. */
  async #delete(key: string, ask: Ask, stored: unknown): Promise<void> {
    const answer = await ask(() => this.#store.delete(key));
    if (answer !== false || stored === undefined || (await this.#read(key, ask)) === undefined) return;
    const cause = new Error(`the store's 'delete' answered false, and what was there still is.`);
    throw new StorageFailedError('invalidate', key, cause);
  }

  async #unpack(key: string, stored: unknown): Promise<CacheEntry | undefined> {
    if (stored === undefined || stored === null) return undefined;
    return this.#form.unpack(key, recordIn(key, this.#form.read(stored)));
  }

  #readableRecord(key: string, stored: unknown): StoredRecord | undefined {
    try {
      return stored === undefined ? undefined : recordIn(key, this.#form.read(stored));
    } catch {
      return undefined;
    }
  }

  /** For how many whole milliseconds a record is worth keeping, rounded up; `undefined` for ever. */
  #lifetimeOf(record: StoredRecord): number | undefined {
    const keepUntil = keepUntilOf(momentsOf(record));
    return keepUntil === Infinity ? undefined : Math.max(1, Math.ceil(keepUntil - this.#clock.now()));
  }
}

/** Whether the store is there and could not make sense of its own data, as `JSON.parse` says it. */
function isUnreadable(error: unknown): error is StorageFailedError & { readonly cause: SyntaxError } {
  return StorageFailedError.isInstance(error) && error.cause instanceof SyntaxError;
}

function undefinedIfUnreadable(error: unknown): undefined {
  if (!UnreadableEntryError.isInstance(error)) throw error;
}
