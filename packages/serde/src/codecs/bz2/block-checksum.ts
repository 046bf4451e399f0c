import type { Steps } from './steps.js';

/** `table[byte]`: what `byte` does to the checksum when it leaves it at the upper end. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0);
  return sum;
});

/** How many bytes one step goes through. */
const stepLength = 1 << 20;

/**
 * The CRC-32 of the bytes from `start` up to `end` as bzip2 has it: gzip's polynomial, but each byte is taken from its
 * highest bit to its lowest. So `crc32`, which takes them the other way round, is of no use here.
 */
export function* blockChecksum(data: Uint8Array, start = 0, end = data.length): Steps<number> {
  let sum = -1;
  for (let at = start; at < end; at += stepLength) {
    sum = summed(sum, data, at, Math.min(end, at + stepLength));
    yield;
  }
  return ~sum >>> 0;
}

function summed(before: number, data: Uint8Array, start: number, end: number): number {
  let sum = before;
  for (let at = start; at < end; at++) sum = (sum << 8) ^ table[(sum >>> 24) ^ data[at]!]!;
  return sum;
}

/** The checksum of a stream after one more block: that of the blocks before, turned by one bit, and the block's. */
export function streamChecksum(before: number, block: number): number {
  return (((before << 1) | (before >>> 31)) ^ block) >>> 0;
}
