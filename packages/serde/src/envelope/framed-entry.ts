import type { Awaitable, CacheEntry, SerDe } from '@memo/core';
import { isBytes } from '../bytes.js';
import { describe, UnfaithfulValueError, UnreadableBytesError } from '../errors.js';
import { isPromiseLike, whenThere } from '../when-there.js';
import { envelopeFlags, envelopeLayout as at } from './envelope-layout.js';
import { endsIn, generationWithin, momentAt, requireLease, seal, textWithin } from './envelope.js';
import type { Frame, FrameLease, FrameMoments } from './frame.js';

/** What a storage adds to an entry when it packs it. */
export interface PackingDetails {
  /** Until when the storage keeps the entry, epoch milliseconds. @defaultValue what the entry says of it */
  readonly keepUntil?: number;
  /** 8 bytes that tell this write from every other. @defaultValue random bytes */
  readonly version?: Uint8Array;
  /** Under which generation it is written, for a storage that clears by beginning a new one. */
  readonly generation?: Uint8Array;
  readonly lease?: FrameLease;
}

/**
 * The envelope of an entry: what the SerDe makes of it, framed for a storage. Returns at once when the SerDe does, and
 * throws, or rejects with, what the SerDe throws and what `seal` throws.
 */
export function packEntry(
  key: string,
  entry: CacheEntry,
  serde: SerDe,
  details: PackingDetails = {},
): Awaitable<Uint8Array> {
  const { keepUntil = keepUntilOf(entry), version = randomVersion() } = details;
  const { generation, lease } = details;
  return whenThere(serde.serialize(entry), (payload) =>
    seal({
      key,
      payload: bytesFrom(payload),
      format: serde.format ?? '',
      failed: entry.failed === true,
      ...(entry.etag !== undefined && { etag: entry.etag }),
      started: entry.started ?? entry.created,
      created: entry.created,
      updateAfter: entry.updateAfter,
      expiresAfter: entry.expiresAfter,
      keepUntil,
      version,
      ...(generation && { generation }),
      ...(lease && { lease }),
    }),
  );
}

/**
 * The entry in an envelope, as `entryOfFrame` reads it. Returns at once when the SerDe does; throws or rejects with
 * `UnreadableBytesError`, and with what the SerDe throws.
 */
export function unpackEntry(key: string, bytes: Uint8Array, serde: SerDe): Awaitable<CacheEntry> {
  const entry = readEntry(key, bytes, serde);
  if (entry !== undefined) return entry;
  throw noValue();
}

/**
 * The same; `undefined` for an envelope that holds a lease and no value. What a hit does not need is left as bytes.
 *
 * @param counts - whether an entry counts that was written under this generation; all do where it is left out.
 */
export function readEntry(
  key: string,
  bytes: Uint8Array,
  serde: SerDe,
  counts?: (generation: Uint8Array | undefined) => boolean,
): Awaitable<CacheEntry> | undefined {
  const ends = endsIn(bytes);
  requireLease(bytes);
  const flags = bytes[at.flags]!;
  const writtenFor = textWithin(bytes, at.headerLength, ends.key, key);
  const format = textWithin(bytes, ends.etag, ends.format, serde.format);
  const entry = entryWithout({
    started: momentAt(bytes, at.started),
    created: momentAt(bytes, at.created),
    updateAfter: momentAt(bytes, at.updateAfter),
    expiresAfter: momentAt(bytes, at.expiresAfter),
    keepUntil: momentAt(bytes, at.keepUntil),
    etag: (flags & envelopeFlags.etag) === 0 ? undefined : textWithin(bytes, ends.key, ends.etag),
    failed: (flags & envelopeFlags.failed) !== 0,
  });
  if (counts !== undefined && !counts(generationWithin(bytes, ends))) return undefined;
  verifyKey(key, writtenFor);
  if ((flags & envelopeFlags.value) === 0) return undefined;
  verifyFormat(serde, format);
  return withValue(entry, serde.deserialize(bytes.subarray(ends.generation)));
}

/**
 * The entry in a frame that was written for `key` by a SerDe of the same format. The frame's moments, etag and mark of a
 * failure count over those that the SerDe finds in the payload.
 */
export function entryOfFrame(key: string, frame: Frame, serde: SerDe): Awaitable<CacheEntry> {
  verifyKey(key, frame.key);
  if (frame.placeholder === true) throw noValue();
  verifyFormat(serde, frame.format);
  return withValue(entryWithout(frame), serde.deserialize(frame.payload));
}

/** An entry that is put together. */
type NewEntry = { -readonly [Part in keyof CacheEntry]: CacheEntry[Part] };

/** What an envelope says of an entry beside its value. */
type EntryHead = Pick<Frame, 'started' | 'created' | 'failed' | keyof FrameMoments> & {
  readonly etag?: string | undefined;
};

/** An entry that is still without its value. */
function entryWithout(head: EntryHead): NewEntry {
  const { started, created, updateAfter, expiresAfter, keepUntil, etag, failed } = head;
  const entry: NewEntry = { value: undefined, created, updateAfter, expiresAfter };
  if (started !== created) entry.started = started;
  if (etag !== undefined) entry.etag = etag;
  if (failed) entry.failed = failed;
  if (keepUntil > expiresAfter) entry.keepUntil = keepUntil;
  return entry;
}

function withValue(entry: NewEntry, read: Awaitable<CacheEntry>): Awaitable<CacheEntry> {
  if (isPromiseLike(read)) return Promise.resolve(read).then((later) => withValue(entry, later));
  entry.value = valueOf(read);
  return entry;
}

/** Where the entry says nothing of it, or too little, it is kept for as long as it is served. */
function keepUntilOf({ expiresAfter, keepUntil = expiresAfter }: CacheEntry): number {
  return keepUntil > expiresAfter ? keepUntil : expiresAfter;
}

/** A SerDe of someone else's may hand over anything. */
function bytesFrom(payload: unknown): Uint8Array {
  if (isBytes(payload)) return payload;
  throw new UnfaithfulValueError(
    'The SerDe',
    'value',
    `it was serialized to ${describe(payload)}`,
    'A SerDe gives a Uint8Array.',
  );
}

function valueOf(entry: unknown): unknown {
  if (typeof entry === 'object' && entry !== null && 'created' in entry) return (entry as CacheEntry).value;
  throw new UnreadableBytesError('an entry', 'mismatch', `the SerDe made ${describe(entry)} of them, no entry`);
}

function verifyKey(key: string, written: string): void {
  if (written === key) return;
  throw new UnreadableBytesError('the entry of this key', 'mismatch', 'they belong to another key');
}

function noValue(): UnreadableBytesError {
  return new UnreadableBytesError('an entry', 'mismatch', 'they hold a lease and no value');
}

function verifyFormat({ format = '' }: SerDe, written: string): void {
  if (written === format) return;
  const why = `they were written as '${written}', the SerDe of this storage reads '${format}'`;
  throw new UnreadableBytesError('an entry', 'mismatch', why);
}

function randomVersion(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(at.versionLength));
}
