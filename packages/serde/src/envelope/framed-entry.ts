import type { Awaitable, CacheEntry, SerDe } from '@memo/core';
import { isBytes } from '../bytes.js';
import { describe, UnfaithfulValueError, UnreadableBytesError } from '../errors.js';
import { isPromiseLike, whenThere } from '../when-there.js';
import { envelopeLayout } from './envelope-layout.js';
import { open, seal } from './envelope.js';
import type { Frame, FrameLease } from './frame.js';

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
  return entryOfFrame(key, open(bytes, key, serde.format), serde);
}

/**
 * The entry in a frame that was written for `key` by a SerDe of the same format. The frame's moments, etag and mark of a
 * failure count over those that the SerDe finds in the payload.
 */
export function entryOfFrame(key: string, frame: Frame, serde: SerDe): Awaitable<CacheEntry> {
  verify(key, frame, serde);
  const entry = serde.deserialize(frame.payload);
  return isPromiseLike(entry)
    ? Promise.resolve(entry).then((later) => entryWith(valueOf(later), frame))
    : entryWith(valueOf(entry), frame);
}

function entryWith(value: unknown, frame: Frame): CacheEntry {
  const { started, created, updateAfter, expiresAfter, keepUntil, etag, failed } = frame;
  const entry: { -readonly [Part in keyof CacheEntry]: CacheEntry[Part] } = {
    value,
    created,
    updateAfter,
    expiresAfter,
  };
  if (started !== created) entry.started = started;
  if (etag !== undefined) entry.etag = etag;
  if (failed) entry.failed = failed;
  if (keepUntil > expiresAfter) entry.keepUntil = keepUntil;
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

function verify(key: string, frame: Frame, serde: SerDe): void {
  if (frame.key !== key) {
    throw new UnreadableBytesError('the entry of this key', 'mismatch', 'they belong to another key');
  }
  if (frame.placeholder === true) {
    throw new UnreadableBytesError('an entry', 'mismatch', 'they hold a lease and no value');
  }
  const format = serde.format ?? '';
  if (frame.format !== format) {
    const why = `they were written as '${frame.format}', the SerDe of this storage reads '${format}'`;
    throw new UnreadableBytesError('an entry', 'mismatch', why);
  }
}

function randomVersion(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(envelopeLayout.versionLength));
}
