import { isEntry } from '../entry/is-entry.js';
import type { CacheEntry } from '../entry/cache-entry.js';
import { describe, InvalidCallError, quoted, UnreadableEntryError, UnstorableValueError } from '../errors.js';
import type { SerDeAccess } from '../remote/serde-access.js';
import type { SerDe } from '../serde.js';
import { bytesOf, payloadOf } from './payload.js';
import type { RecordForm } from './record-form.js';
import { entryOf, recordOf, type Payload, type StoredRecord } from './stored-record.js';

/** Records as one text each, which every store can keep: JSON around what a SerDe wrote. */
export class SerDeRecordForm implements RecordForm {
  readonly #serde: SerDe;
  readonly #access: SerDeAccess;

  constructor(serde: SerDe, access: SerDeAccess) {
    this.#serde = serde;
    this.#access = access;
  }

  async pack(key: string, entry: CacheEntry): Promise<StoredRecord> {
    const bytes: unknown = await this.#access.pack(key, () => this.#serde.serialize(entry));
    if (bytes instanceof Uint8Array) return recordOf(key, entry, { payload: payloadOf(bytes, this.#format) });
    throw new UnstorableValueError(key, new InvalidCallError('SerDe.serialize', 'a Uint8Array', bytes));
  }

  async unpack(key: string, record: StoredRecord): Promise<CacheEntry> {
    const payload = this.#payloadIn(key, record);
    const entry: unknown = await this.#access.unpack(key, () => this.#serde.deserialize(bytesOf(payload)));
    if (isEntry(entry)) return entryOf(record, entry.value);
    throw new UnreadableEntryError(key, `the SerDe made ${describe(entry)} of it, no entry.`);
  }

  write(record: StoredRecord): string {
    return JSON.stringify(record);
  }

  read(stored: unknown): unknown {
    if (typeof stored !== 'string') return stored;
    try {
      return JSON.parse(stored);
    } catch {
      return stored;
    }
  }

  get #format(): string {
    return this.#serde.format ?? '';
  }

  #payloadIn(key: string, { payload }: StoredRecord): Payload {
    if (payload === undefined) throw new UnreadableEntryError(key, 'it was written without a SerDe.');
    if (payload.format === this.#format) return payload;
    const why = `it was written as ${quoted(payload.format)}, and the SerDe of this storage reads ${quoted(this.#format)}.`;
    throw new UnreadableEntryError(key, why);
  }
}
