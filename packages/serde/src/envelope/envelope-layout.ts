/**
 * Where the parts of an envelope stand, format version 1: offsets and lengths in bytes. Numbers are big-endian, moments
 * are IEEE doubles of epoch milliseconds. A script in a storage may rewrite two blocks in place: the lease, which no
 * checksum covers, and the moments, which carry their own.
 *
 * | at | bytes | part |
 * |---:|---:|---|
 * | 0 | 2 | `a7 6d` |
 * | 2 | 1 | format version |
 * | 3 | 1 | flags: 1 failed, 2 has a value, 4 has an etag |
 * | 4 | 10 | lease: holder, zeros for none |
 * | 14 | 4 | lease: for how many milliseconds it was granted or renewed |
 * | 18 | 1 | lease: how many loads have failed in a row |
 * | 19 | 1 | lease: 1 if somebody waits for it |
 * | 20 | 8 | lease: end, or that of a rest where there is no holder; 0 for none |
 * | 28 | 8, 8, 8 | moments: updateAfter, expiresAfter, keepUntil |
 * | 52 | 4 | moments: CRC-32 of bytes 28 to 51 |
 * | 56 | 8, 8 | started, created |
 * | 72 | 8 | version: the identity of the write |
 * | 80 | 4, 2, 1, 1 | length of the key, of the etag, of the format's name, of the generation |
 * | 88 | 4 | length of the payload |
 * | 92 | 4 | CRC-32 of bytes 0 to 3, 56 to 91, and all from 96 |
 * | 96 | | key, etag, format's name (each UTF-8), generation, payload |
 */
export const envelopeLayout = {
  magic: 0,
  formatVersion: 2,
  flags: 3,
  lease: 4,
  leaseHolder: 4,
  leaseHolderLength: 10,
  leaseTime: 14,
  leaseFailures: 18,
  leaseAwaited: 19,
  leaseEnd: 20,
  leaseLength: 24,
  moments: 28,
  updateAfter: 28,
  expiresAfter: 36,
  keepUntil: 44,
  momentsChecksum: 52,
  momentsLength: 28,
  started: 56,
  created: 64,
  version: 72,
  versionLength: 8,
  keyLength: 80,
  etagLength: 84,
  formatLength: 86,
  generationLength: 87,
  payloadLength: 88,
  checksum: 92,
  headerLength: 96,
} as const;

/** The two bytes with which every envelope begins. */
export const envelopeMagic = [0xa7, 0x6d] as const;

/** The version of the format that is written, and the newest that is read. */
export const envelopeFormatVersion = 1;

/** Bits of the byte at `envelopeLayout.flags`. */
export const envelopeFlags = { failed: 1, value: 2, etag: 4 } as const;
