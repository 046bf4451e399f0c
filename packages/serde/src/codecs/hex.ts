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
    for (let at = 0; at < data.length; at++) {
      encoded[at * 2] = digits[data[at]! >> 4]!;
      encoded[at * 2 + 1] = digits[data[at]! & 15]!;
    }
    return encoded;
  },

  decode(data) {
    if (data.length % 2 > 0) throw new UnreadableBytesError('hex', 'length', 'their number is odd');
    const decoded = new Uint8Array(data.length / 2);
    for (let at = 0; at < data.length; at += 2) decoded[at / 2] = (bitsAt(data, at) << 4) | bitsAt(data, at + 1);
    return decoded;
  },
};

function bitsAt(data: Uint8Array, at: number): number {
  const bits = bitsOf[data[at]!]!;
  if (bits === foreign) throw new UnreadableBytesError('hex', 'damaged', `the byte at ${at} is no digit`);
  return bits;
}
