import { UnreadableBytesError } from '../errors.js';
import type { Codec } from './codec.js';

const alphabet = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const padding = 0x3d;
const lineBreaks = [0x0a, 0x0d];
const foreign = 0xff;
/** The six bits that a character stands for. */
const bitsOf = new Uint8Array(256).fill(foreign);
alphabet.forEach((character, bits) => (bitsOf[character] = bits));

/**
 * A codec of base64 (RFC 4648, section 4), as ASCII in one line. Line breaks are read, since Python's codecs write them;
 * otherwise only what it writes is read: complete and padded. It makes bytes a third longer, for storages that keep
 * nothing but text.
 */
export const base64: Codec = {
  name: 'base64',

  encode(data) {
    const encoded = new Uint8Array(Math.ceil(data.length / 3) * 4);
    for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
      const bits = (data[from]! << 16) | ((data[from + 1] ?? 0) << 8) | (data[from + 2] ?? 0);
      encoded[to] = alphabet[bits >> 18]!;
      encoded[to + 1] = alphabet[(bits >> 12) & 63]!;
      encoded[to + 2] = alphabet[(bits >> 6) & 63]!;
      encoded[to + 3] = alphabet[bits & 63]!;
    }
    if (data.length % 3 > 0) encoded.fill(padding, encoded.length - 3 + (data.length % 3));
    return encoded;
  },

  decode(encoded) {
    const data = lineBreaks.some((lineBreak) => encoded.includes(lineBreak))
      ? encoded.filter((byte) => !lineBreaks.includes(byte))
      : encoded;
    if (data.length % 4 > 0) throw unreadable('length', 'their number is not a multiple of four');
    const missing = data.at(-1) !== padding ? 0 : data.at(-2) !== padding ? 1 : 2;
    const decoded = new Uint8Array((data.length / 4) * 3 - missing);
    for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
      const given = from + 4 < data.length ? 4 : 4 - missing;
      const bits = bitsAt(data, from, given);
      // Bits beyond the last byte would make several texts of the same bytes.
      if (given < 4 && (bits & (0xff_ffff >> (8 * (given - 1)))) !== 0) throw unreadable('damaged', 'it has odd bits');
      decoded[to] = bits >> 16;
      if (given > 2) decoded[to + 1] = bits >> 8;
      if (given > 3) decoded[to + 2] = bits;
    }
    return decoded;
  },
};

/** 24 bits of four characters, of which `given` are not padding. */
function bitsAt(data: Uint8Array, at: number, given: number): number {
  let bits = 0;
  for (let index = 0; index < 4; index++) {
    const sextet = index < given ? bitsOf[data[at + index]!]! : 0;
    if (sextet === foreign) throw unreadable('damaged', `the byte at ${at + index} does not belong to its alphabet`);
    bits = (bits << 6) | sextet;
  }
  return bits;
}

function unreadable(reason: 'length' | 'damaged', why: string): UnreadableBytesError {
  return new UnreadableBytesError('base64', reason, why);
}
