import type { CacheEntry } from '../entry/cache-entry.js';
import { UnreadableEntryError, UnstorableValueError } from '../errors.js';
import { requireJson } from './json-inspection.js';
import type { RecordForm } from './record-form.js';
import { entryOf, recordOf, type StoredRecord } from './stored-record.js';

/** Records as plain data, with the value as it is: the store brings it back as it was. */
export class PlainRecordForm implements RecordForm {
  readonly #values: 'json' | 'any';

  /** @param values - which values the store is trusted with. */
  constructor(values: 'json' | 'any') {
    this.#values = values;
  }

  pack(key: string, entry: CacheEntry): StoredRecord {
    const { value } = entry;
    if (this.#values === 'json') this.#requireJson(key, value);
    return recordOf(key, entry, value === undefined ? {} : { value });
  }

  unpack(key: string, record: StoredRecord): CacheEntry {
    if (record.payload === undefined) return entryOf(record, record.value);
    throw new UnreadableEntryError(key, 'it was written with a SerDe, and this storage has none.');
  }

  write(record: StoredRecord): StoredRecord {
    return record;
  }

  read(stored: unknown): unknown {
    return stored;
  }

  #requireJson(key: string, value: unknown): void {
    try {
      requireJson(value);
    } catch (cause) {
      throw new UnstorableValueError(key, cause);
    }
  }
}
