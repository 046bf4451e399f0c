import { InvalidSerDeOptionError, UnfaithfulValueError, UnreadableBytesError } from '../errors.js';
import { crc32 } from './crc-32.js';
import { envelopeFlags, envelopeFormatVersion, envelopeLayout as at, envelopeMagic } from './envelope-layout.js';
import type { Frame, FrameLease, FrameMoments } from './frame.js';
import { textOf, utf8Of } from '../utf-8.js';

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

/**
 * The frame in an envelope; its `payload` and other bytes are views of `bytes`.
 *
 * @throws UnreadableBytesError - when any bit outside of the lease is not as it was written.
 */
export function open(bytes: Uint8Array): Frame {
  const view = viewOf(bytes);
  const keyEnd = at.headerLength + view.getUint32(at.keyLength);
  const etagEnd = keyEnd + view.getUint16(at.etagLength);
  const formatEnd = etagEnd + bytes[at.formatLength]!;
  const generationEnd = formatEnd + bytes[at.generationLength]!;
  const end = generationEnd + view.getUint32(at.payloadLength);
  if (bytes.length !== end) {
    throw new UnreadableBytesError(subject, 'length', `there are ${bytes.length} bytes, its header says ${end}`);
  }
  if (view.getUint32(at.checksum) !== checksumOf(bytes)) {
    throw new UnreadableBytesError(subject, 'damaged', 'their checksum is not the one that was written');
  }
  const moments = readMoments(bytes);
  const flags = bytes[at.flags]!;
  if (flags > (envelopeFlags.failed | envelopeFlags.value | envelopeFlags.etag)) {
    throw new UnreadableBytesError(subject, 'newer', `they have marks that format version 1 does not know`);
  }
  const lease = readLease(bytes);
  return {
    key: textOf(bytes.subarray(at.headerLength, keyEnd), subject),
    payload: bytes.subarray(generationEnd),
    format: textOf(bytes.subarray(etagEnd, formatEnd), subject),
    failed: (flags & envelopeFlags.failed) !== 0,
    ...((flags & envelopeFlags.value) === 0 ? { placeholder: true } : undefined),
    ...((flags & envelopeFlags.etag) === 0 ? undefined : { etag: textOf(bytes.subarray(keyEnd, etagEnd), subject) }),
    started: momentAt(view, at.started),
    created: momentAt(view, at.created),
    ...moments,
    version: bytes.subarray(at.version, at.version + at.versionLength),
    ...(generationEnd > formatEnd && { generation: bytes.subarray(formatEnd, generationEnd) }),
    ...(lease && { lease }),
  };
}

/**
 * The moments of an envelope of which at least the first 96 bytes are there.
 *
 * @throws UnreadableBytesError
 */
export function readMoments(bytes: Uint8Array): FrameMoments {
  const view = viewOf(bytes);
  if (view.getUint32(at.momentsChecksum) !== crc32(bytes, at.moments, at.momentsChecksum)) {
    throw new UnreadableBytesError(subject, 'damaged', 'the checksum of the moments is not the one that was written');
  }
  return {
    updateAfter: momentAt(view, at.updateAfter),
    expiresAfter: momentAt(view, at.expiresAfter),
    keepUntil: momentAt(view, at.keepUntil),
  };
}

/**
 * The lease of an envelope of which at least the first 96 bytes are there. No checksum covers it.
 *
 * @throws UnreadableBytesError
 */
export function readLease(bytes: Uint8Array): FrameLease | undefined {
  const view = viewOf(bytes);
  if (bytes.subarray(at.lease, at.lease + at.leaseLength).every((byte) => byte === 0)) return undefined;
  return {
    holder: bytes.subarray(at.leaseHolder, at.leaseHolder + at.leaseHolderLength),
    time: view.getUint32(at.leaseTime),
    failures: bytes[at.leaseFailures]!,
    awaited: bytes[at.leaseAwaited] !== 0,
    end: momentAt(view, at.leaseEnd),
  };
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

/** A view of bytes that begin like an envelope and have at least its whole header. */
function viewOf(bytes: Uint8Array): DataView {
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
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** NaN would be neither before nor after any other moment: such an entry would never expire. */
function momentAt(view: DataView, offset: number): number {
  const milliseconds = view.getFloat64(offset);
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
