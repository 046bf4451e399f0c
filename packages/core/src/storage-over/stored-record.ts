import type { CacheEntry } from '../entry/cache-entry.js';
import { keepUntilOf } from '../entry/keep-until.js';
import { describe, UnreadableEntryError } from '../errors.js';
import type { EntryMoments } from '../storage/cache-storage.js';

/** The version of the records that are written, and the only one that is read. */
const version = 1;

/** What a SerDe wrote, as text: in clear where it is text, else in base64. */
export type Payload = { readonly format: string } & ({ readonly text: string } | { readonly base64: string });

/**
 * An entry as a store keeps it: plain data that JSON brings back as it was. Moments are epoch milliseconds; one that is
 * not there never comes. What is absent or `undefined` is the same.
 */
export interface StoredRecord {
  readonly memo: typeof version;
  /** The full key, by which it is found out that a store has taken two keys for one. */
  readonly key: string;
  readonly created: number;
  readonly started?: number;
  readonly updateAfter?: number;
  readonly expiresAfter?: number;
  /** `null` for ever; as long as it is served where it is left out. */
  readonly keepUntil?: number | null;
  readonly etag?: string;
  readonly failed?: true;
  readonly value?: unknown;
  /** In the place of the value, where there is a SerDe. */
  readonly payload?: Payload;
}

/** The content of a record, beside what every record has. */
type Content = Pick<StoredRecord, 'value' | 'payload'>;

/** The record that an entry is kept as. */
export function recordOf(key: string, entry: CacheEntry, content: Content): StoredRecord {
  const { created, started, etag, failed } = entry;
  return {
    memo: version,
    key,
    created,
    ...(started !== undefined && { started }),
    ...writtenMoments(entry),
    ...(etag !== undefined && { etag }),
    ...(failed !== undefined && { failed }),
    ...content,
  };
}

/** The moments of a record. */
type WrittenMoments = Pick<StoredRecord, 'updateAfter' | 'expiresAfter' | 'keepUntil'>;

/** JSON has no `Infinity`: a moment that never comes is left out, or `null` where leaving it out says something else. */
function writtenMoments(moments: EntryMoments): WrittenMoments {
  const { updateAfter, expiresAfter } = moments;
  const keepUntil = keepUntilOf(moments);
  return {
    ...(updateAfter !== Infinity && { updateAfter }),
    ...(expiresAfter !== Infinity && { expiresAfter }),
    ...(keepUntil !== expiresAfter && { keepUntil: keepUntil === Infinity ? null : keepUntil }),
  };
}

/** The moments in a record that can be changed. */
export function momentsOf(record: StoredRecord): EntryMoments {
  const { updateAfter = Infinity, expiresAfter = Infinity, keepUntil = expiresAfter } = record;
  const kept = keepUntil ?? Infinity;
  return { updateAfter, expiresAfter, ...(kept > expiresAfter && { keepUntil: kept }) };
}

/** The same record with other moments. */
export function withMoments(record: StoredRecord, moments: EntryMoments): StoredRecord {
  const { updateAfter: _, expiresAfter: __, keepUntil: ___, ...others } = record;
  return { ...others, ...writtenMoments(moments) };
}

/** The entry in a record, around its value. */
export function entryOf(record: StoredRecord, value: unknown): CacheEntry {
  const { created, started, etag, failed } = record;
  return {
    value,
    created,
    ...(started !== undefined && { started }),
    ...momentsOf(record),
    ...(etag !== undefined && { etag }),
    ...(failed !== undefined && { failed }),
  };
}

/** The record for `key` that was found in a store. @throws UnreadableEntryError for all that is none. */
export function recordIn(key: string, found: unknown): StoredRecord {
  if (!isRecord(found)) throw new UnreadableEntryError(key, `it is ${describe(found)}, no record of memo.`);
  if (found['memo'] !== version) {
    const why = `it is a record of version ${describe(found['memo'])}, and this version of memo reads version ${version}.`;
    throw new UnreadableEntryError(key, why);
  }
  if (found['key'] !== key) throw new UnreadableEntryError(key, 'it is the record of another key.');
  for (const [name, isRight] of Object.entries(parts)) {
    if (isRight(found[name])) continue;
    throw new UnreadableEntryError(key, `in its record ${name} is ${describe(found[name])}.`);
  }
  return found as unknown as StoredRecord;
}

/** The key of a record, whatever the store lists it by; `undefined` for what is no record. */
export function keyIn(found: unknown): string | undefined {
  return isRecord(found) && typeof found['key'] === 'string' ? found['key'] : undefined;
}

function isRecord(found: unknown): found is Readonly<Record<string, unknown>> {
  return typeof found === 'object' && found !== null && 'memo' in found;
}

const parts: Readonly<Record<string, (part: unknown) => boolean>> = {
  created: isMoment,
  started: (part) => part === undefined || isMoment(part),
  updateAfter: (part) => part === undefined || isMoment(part),
  expiresAfter: (part) => part === undefined || isMoment(part),
  keepUntil: (part) => part === undefined || part === null || isMoment(part),
  etag: (part) => part === undefined || typeof part === 'string',
  failed: (part) => part === undefined || part === true,
  payload: (part) => part === undefined || isPayload(part),
};

function isMoment(part: unknown): boolean {
  return typeof part === 'number' && Number.isFinite(part);
}

function isPayload(part: unknown): boolean {
  const { format, text, base64 } = Object(part) as Readonly<Record<string, unknown>>;
  return typeof format === 'string' && [typeof text, typeof base64].sort().join() === 'string,undefined';
}
