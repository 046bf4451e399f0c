import type { CacheEntry } from '../entry/cache-entry.js';
import type { Awaitable } from '../serde.js';
import type { StoredRecord } from './stored-record.js';

/** How entries become records, and records what a store is given. */
export interface RecordForm {
  /** The record of an entry. @throws, or rejects with, UnstorableValueError */
  pack(key: string, entry: CacheEntry): Awaitable<StoredRecord>;
  /** The entry of a record. @throws, or rejects with, UnreadableEntryError */
  unpack(key: string, record: StoredRecord): Awaitable<CacheEntry>;
  /** What the store is given. */
  write(record: StoredRecord): unknown;
  /** What should be a record, of what the store has given back. */
  read(stored: unknown): unknown;
}
