import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/envelope/crc-32.js';

/** Bit by bit, as the definition has it. */
function slowly(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

describe('crc32', () => {
  it('has the check value of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array())).toBe(0);
  });

  it.each([100, 2_000])('is what its definition says, whole or in pieces, of up to %i bytes', (maxLength) => {
    const cut = fc
      .uint8Array({ maxLength, size: 'max' })
      .chain((data) => fc.tuple(fc.constant(data), fc.nat(data.length)));
    fc.assert(
      fc.property(cut, ([data, at]) => {
        expect(crc32(data)).toBe(slowly(data));
        expect(crc32(data, at, data.length, crc32(data, 0, at))).toBe(slowly(data));
      }),
    );
  });
});
