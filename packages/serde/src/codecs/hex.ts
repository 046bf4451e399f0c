import { UnreadableBytesError } from '../errors.js';
import type { Codec } from './codec.js';

const digits = new TextEncoder().encode('0123456789abcdef');
const foreign = 0xff;
/** The four bits that a character stands for. */
const bitsOf = new Uint8Array(256).fill(foreign);
digits.forEach((digit, bits) => (bitsOf[digit] = bits));

/** A codec of hexadecimal digits, two lower-case ones for each byte. It makes bytes twice as long, and readable. */
export const hex: Codec = {
  name: 'hex',

  encode(data) {
    const encoded = new Uint8Array(data.length * 2);
    data.forEach((byte, index) => {
      encoded[index * 2] = digits[byte >> 4]!;
      encoded[index * 2 + 1] = digits[byte & 15]!;
    });
    return encoded;
  },

  decode(data) {
    if (data.length % 2 > 0) throw new UnreadableBytesError('hex', 'length', 'their number is odd');
    return Uint8Array.from(
      { length: data.length / 2 },
      (_, index) => (bitsAt(data, index * 2) << 4) | bitsAt(data, index * 2 + 1),
    );
  },
};

function bitsAt(data: Uint8Array, at: number): number {
  const bits = bitsOf[data[at]!]!;
  if (bits === foreign) throw new UnreadableBytesError('hex', 'damaged', `the byte at ${at} is no digit`);
  return bits;
}
