import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockChecksum, streamChecksum } from '../../../src/codecs/bz2/block-checksum.js';
import { crc32 } from '../../../src/envelope/crc-32.js';
import { anyBytes } from './bytes.js';
import { resultOf } from './result-of.js';

/** Every byte with its bits turned round. */
const inMirror = new Uint8Array(256).map((_, byte) => mirrored(byte, 8));

/** The bits of a number of so many bits, turned round. */
function mirrored(number: number, bits: number): number {
  return parseInt([...number.toString(2).padStart(bits, '0')].reverse().join(''), 2);
}

describe('blockChecksum', () => {
  it('is known for the digits', () => {
    const digits = new TextEncoder().encode('123456789');
    expect(resultOf(blockChecksum(digits)).toString(16)).toBe('fc891918');
    expect(resultOf(blockChecksum(new Uint8Array()))).toBe(0);
  });

  it('is the one of gzip in a mirror', () => {
    fc.assert(
      fc.property(anyBytes, (data) => {
        expect(resultOf(blockChecksum(data))).toBe(mirrored(crc32(data.map((byte) => inMirror[byte]!)), 32));
      }),
    );
  });

  it('is that of a part, in however many steps', () => {
    const data = new Uint8Array(2_500_000).map((_, at) => at * 31);
    const part = data.subarray(3, 2_400_000);
    expect(resultOf(blockChecksum(data, 3, 2_400_000))).toBe(resultOf(blockChecksum(part)));
    expect([...blockChecksum(part)].length).toBe(3);
    expect(resultOf(blockChecksum(part))).toBe(mirrored(crc32(part.map((byte) => inMirror[byte]!)), 32));
  });
});

describe('streamChecksum', () => {
  it('turns what it has by a bit, and adds the next', () => {
    expect(streamChecksum(0, 0xfc89_1918)).toBe(0xfc89_1918);
    expect(streamChecksum(0x8000_0001, 0)).toBe(3);
    expect(streamChecksum(0x4000_0000, 0xffff_ffff)).toBe(0x7fff_ffff);
  });
});
