import { InvalidSerDeOptionError, UnfaithfulValueError, UnreadableBytesError } from '../errors.js';
import { crc32 } from './crc-32.js';
import { envelopeFlags, envelopeFormatVersion, envelopeLayout as at, envelopeMagic } from './envelope-layout.js';
import type { Frame, FrameLease, FrameMoments } from './frame.js';
import { doubleAt, uint16At, uint32At } from '../big-endian.js';
import { isAsciiAt, textOf, utf8Of } from '../utf-8.js';

const subject = 'an envelope';

/**
 * The bytes of a frame: a fixed header, then key, etag, format, generation and payload. Where they stand: `envelopeLayout`.
 *
 * @throws InvalidSerDeOptionError - for a moment that is no number, a version, holder or generation of the wrong length.
 * @throws UnfaithfulValueError - for texts that have no UTF-8 or are too long.
 */
export function seal(frame: Frame): Uint8Array {
  const key = utf8WithinOf(frame.key, 'the key', 0xffff_ffff);
  const etag = utf8WithinOf(frame.etag ?? '', 'the etag', 0xffff);
  const format = utf8WithinOf(frame.format, 'the name of the format', 0xff);
  const generation = generationOf(frame);
  const { payload } = frame;
  if (payload.length > 0xffff_ffff) throw tooLong('the value', payload.length, 0xffff_ffff);
  const parts = [key, etag, format, generation, payload];
  const data = new Uint8Array(parts.reduce<number>((length, part) => length + part.length, at.headerLength));
  const view = new DataView(data.buffer);
  data.set(envelopeMagic, at.magic);
  data[at.formatVersion] = envelopeFormatVersion;
  data[at.flags] = flagsOf(frame);
  data.set(leaseBlock(frame.lease), at.lease);
  data.set(momentsBlock(frame), at.moments);
  view.setFloat64(at.started, moment(frame.started, 'started'));
  view.setFloat64(at.created, moment(frame.created, 'created'));
  data.set(bytesOfLength(frame.version, at.versionLength, 'version'), at.version);
  view.setUint32(at.keyLength, key.length);
  view.setUint16(at.etagLength, etag.length);
  data[at.formatLength] = format.length;
  data[at.generationLength] = generation.length;
  view.setUint32(at.payloadLength, payload.length);
  let end = at.headerLength;
  for (const part of parts) {
    data.set(part, end);
    end += part.length;
  }
  view.setUint32(at.checksum, checksumOf(data));
  return data;
}

/** A frame while it is put together. */
type OpenedFrame = { -readonly [Part in keyof Frame]: Frame[Part] };

/**
 * The frame in an envelope; its `payload` and other bytes are views of `bytes`.
 *
 * @param likelyKey - the key that is probably meant, and `likelyFormat` its format: to compare texts is quicker than to make
 *   them.
 * @throws UnreadableBytesError - when any bit outside of the lease is not as it was written.
 */
export function open(bytes: Uint8Array, likelyKey = '', likelyFormat = ''): Frame {
  const ends = endsIn(bytes);
  const flags = bytes[at.flags]!;
  const frame: OpenedFrame = {
    key: textWithin(bytes, at.headerLength, ends.key, likelyKey),
    payload: bytes.subarray(ends.generation),
    format: textWithin(bytes, ends.etag, ends.format, likelyFormat),
    failed: (flags & envelopeFlags.failed) !== 0,
    started: momentAt(bytes, at.started),
    created: momentAt(bytes, at.created),
    updateAfter: momentAt(bytes, at.updateAfter),
    expiresAfter: momentAt(bytes, at.expiresAfter),
    keepUntil: momentAt(bytes, at.keepUntil),
    version: bytes.subarray(at.version, at.version + at.versionLength),
  };
  if ((flags & envelopeFlags.value) === 0) frame.placeholder = true;
  if ((flags & envelopeFlags.etag) !== 0) frame.etag = textWithin(bytes, ends.key, ends.etag);
  const generation = generationWithin(bytes, ends);
  if (generation !== undefined) frame.generation = generation;
  const lease = leaseIn(bytes);
  if (lease !== undefined) frame.lease = lease;
  return frame;
}

/** Where the parts of an envelope end whose lengths differ. The payload follows them. */
export interface EnvelopeEnds {
  readonly key: number;
  readonly etag: number;
  readonly format: number;
  readonly generation: number;
}

/** Where they are in these bytes. @throws UnreadableBytesError - when any bit outside of the lease is not as it was written. */
export function endsIn(bytes: Uint8Array): EnvelopeEnds {
  requireHeader(bytes);
  const key = at.headerLength + uint32At(bytes, at.keyLength);
  const etag = key + uint16At(bytes, at.etagLength);
  const format = etag + bytes[at.formatLength]!;
  const generation = format + bytes[at.generationLength]!;
  const end = generation + uint32At(bytes, at.payloadLength);
  if (bytes.length !== end) {
    throw new UnreadableBytesError(subject, 'length', `there are ${bytes.length} bytes, its header says ${end}`);
  }
  if (uint32At(bytes, at.checksum) !== checksumOf(bytes)) {
    throw new UnreadableBytesError(subject, 'damaged', 'their checksum is not the one that was written');
  }
  requireMoments(bytes);
  if (bytes[at.flags]! > (envelopeFlags.failed | envelopeFlags.value | envelopeFlags.etag)) {
    throw new UnreadableBytesError(subject, 'newer', `they have marks that format version 1 does not know`);
  }
  return { key, etag, format, generation };
}

/** Verifies what can be verified of the lease, which no checksum covers. @throws UnreadableBytesError */
export function requireLease(bytes: Uint8Array): void {
  momentAt(bytes, at.leaseEnd);
}

/** The generation that stands there; `undefined` where there is none. */
export function generationWithin(bytes: Uint8Array, { format, generation }: EnvelopeEnds): Uint8Array | undefined {
  return generation > format ? bytes.subarray(format, generation) : undefined;
}

/** The text that stands there; `likely` itself if that is what it is. */
export function textWithin(bytes: Uint8Array, start: number, end: number, likely = ''): string {
  return isAsciiAt(bytes, start, end, likely) ? likely : textOf(bytes.subarray(start, end), subject);
}

/**
 * The moments of an envelope of which at least the first 96 bytes are there.
 *
 * @throws UnreadableBytesError
 */
export function readMoments(bytes: Uint8Array): FrameMoments {
  requireHeader(bytes);
  requireMoments(bytes);
  return {
    updateAfter: momentAt(bytes, at.updateAfter),
    expiresAfter: momentAt(bytes, at.expiresAfter),
    keepUntil: momentAt(bytes, at.keepUntil),
  };
}

/**
 * The lease of an envelope of which at least the first 96 bytes are there. No checksum covers it.
 *
 * @throws UnreadableBytesError
 */
export function readLease(bytes: Uint8Array): FrameLease | undefined {
  requireHeader(bytes);
  return leaseIn(bytes);
}

function leaseIn(bytes: Uint8Array): FrameLease | undefined {
  if (isZero(bytes, at.lease, at.lease + at.leaseLength)) return undefined;
  return {
    holder: bytes.subarray(at.leaseHolder, at.leaseHolder + at.leaseHolderLength),
    time: uint32At(bytes, at.leaseTime),
    failures: bytes[at.leaseFailures]!,
    awaited: bytes[at.leaseAwaited] !== 0,
    end: momentAt(bytes, at.leaseEnd),
  };
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (bytes[index] !== 0) return false;
  return true;
}

function requireMoments(bytes: Uint8Array): void {
  if (uint32At(bytes, at.momentsChecksum) === crc32(bytes, at.moments, at.momentsChecksum)) return;
  throw new UnreadableBytesError(subject, 'damaged', 'the checksum of the moments is not the one that was written');
}

/** The 28 bytes to be written at `envelopeLayout.moments`. @throws InvalidSerDeOptionError */
export function momentsBlock({ updateAfter, expiresAfter, keepUntil }: FrameMoments): Uint8Array {
  const block = new Uint8Array(at.momentsLength);
  const view = new DataView(block.buffer);
  view.setFloat64(at.updateAfter - at.moments, moment(updateAfter, 'updateAfter'));
  view.setFloat64(at.expiresAfter - at.moments, moment(expiresAfter, 'expiresAfter'));
  view.setFloat64(at.keepUntil - at.moments, moment(keepUntil, 'keepUntil'));
  const checksum = at.momentsChecksum - at.moments;
  view.setUint32(checksum, crc32(block, 0, checksum));
  return block;
}

/** The 24 bytes to be written at `envelopeLayout.lease`: zeros where there is none. @throws InvalidSerDeOptionError */
export function leaseBlock(lease: FrameLease | undefined): Uint8Array {
  const block = new Uint8Array(at.leaseLength);
  if (lease === undefined) return block;
  const view = new DataView(block.buffer);
  block.set(bytesOfLength(lease.holder, at.leaseHolderLength, 'lease.holder'));
  view.setUint32(at.leaseTime - at.lease, lease.time);
  block[at.leaseFailures - at.lease] = Math.min(lease.failures, 0xff);
  block[at.leaseAwaited - at.lease] = lease.awaited ? 1 : 0;
  view.setFloat64(at.leaseEnd - at.lease, moment(lease.end, 'lease.end'));
  return block;
}

function flagsOf({ failed, placeholder, etag }: Frame): number {
  return (
    (failed ? envelopeFlags.failed : 0) |
    (placeholder === true ? 0 : envelopeFlags.value) |
    (etag === undefined ? 0 : envelopeFlags.etag)
  );
}

function generationOf({ generation = new Uint8Array(0) }: Frame): Uint8Array {
  if (generation.length <= 0xff) return generation;
  throw new InvalidSerDeOptionError('seal', 'generation', 'at most 255 bytes', generation.length);
}

/** The checksum of all but the lease, the moments and itself. */
function checksumOf(data: Uint8Array): number {
  const magicAndFlags = crc32(data, 0, at.lease);
  return crc32(data, at.headerLength, data.length, crc32(data, at.started, at.checksum, magicAndFlags));
}

/** Refuses bytes that do not begin like an envelope, or have less than its whole header. */
function requireHeader(bytes: Uint8Array): void {
  if (bytes.length < at.headerLength) {
    const why = `there are ${bytes.length} bytes, its header alone has ${at.headerLength}`;
    throw new UnreadableBytesError(subject, 'length', why);
  }
  if (bytes[0] !== envelopeMagic[0] || bytes[1] !== envelopeMagic[1]) {
    throw new UnreadableBytesError(subject, 'foreign', 'they do not begin like one');
  }
  const version = bytes[at.formatVersion]!;
  if (version !== envelopeFormatVersion) {
    const why = `they are of format version ${version}, this version of memo reads ${envelopeFormatVersion}`;
    throw new UnreadableBytesError(subject, 'newer', why);
  }
}

/** The moment that stands there. NaN would be neither before nor after any other: such an entry would never expire. */
export function momentAt(bytes: Uint8Array, offset: number): number {
  const milliseconds = doubleAt(bytes, offset);
  if (!Number.isNaN(milliseconds)) return milliseconds;
  throw new UnreadableBytesError(subject, 'damaged', `there is no moment at byte ${offset}`);
}

function moment(milliseconds: number, name: string): number {
  if (typeof milliseconds === 'number' && !Number.isNaN(milliseconds)) return milliseconds;
  throw new InvalidSerDeOptionError('seal', name, 'a moment in epoch milliseconds', milliseconds);
}

function bytesOfLength(bytes: Uint8Array, length: number, name: string): Uint8Array {
  if (bytes.length === length) return bytes;
  throw new InvalidSerDeOptionError('seal', name, `${length} bytes`, bytes.length);
}

function utf8WithinOf(text: string, path: string, limit: number): Uint8Array {
  const data = utf8Of(text, 'The envelope', path);
  if (data.length > limit) throw tooLong(path, data.length, limit);
  return data;
}

function tooLong(path: string, length: number, limit: number): UnfaithfulValueError {
  return new UnfaithfulValueError('The envelope', path, `it has ${length} bytes`, `At most ${limit} are allowed.`);
}
