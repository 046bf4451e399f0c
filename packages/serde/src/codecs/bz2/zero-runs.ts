import { unreadable } from './unreadable.js';

/**
 * Run-length encoding of zeros (David Wheeler's, described by Peter Fenwick: "Block sorting text compression", University of
 * Auckland, technical report 130, 1996). How many zeros there are is written in the digits 1 and 2, of which the first counts
 * once, the next twice, the next four times …: every number from 1 on can be written in exactly one way. The digits are the
 * symbols 0 and 1; the other places become symbols larger by one, and one more symbol ends the block.
 */

/** The symbol that ends a block: the one after that of the last place. */
export function endSymbol(bytesInUse: number): number {
  return bytesInUse + 1;
}

/** The symbols of places, with the one that ends the block. */
export function foldZeros(places: Uint8Array, end: number): Uint16Array {
  // A digit stands for one zero at least.
  const symbols = new Uint16Array(places.length + 1);
  let length = 0;
  let zeros = 0;
  for (let at = 0; at <= places.length; at++) {
    if (places[at] === 0) {
      zeros += 1;
      continue;
    }
    for (; zeros > 0; zeros = (zeros - 1) >> 1) symbols[length++] = (zeros - 1) & 1;
    symbols[length++] = at < places.length ? places[at]! + 1 : end;
  }
  return symbols.subarray(0, length);
}

/** How many places symbols without their end stand for. @throws UnreadableBytesError - for more than `most`. */
export function unfoldedZeros(symbols: Uint16Array, most: number): number {
  const { length } = symbols;
  let places = 0;
  let weight = 1;
  for (let at = 0; at < length; at++) {
    const symbol = symbols[at]!;
    places += symbol > 1 ? 1 : weight * (symbol + 1);
    weight = symbol > 1 ? 1 : weight * 2;
    if (places > most) throw unreadable('damaged', `a block is longer than the ${most} bytes that its stream allows`);
  }
  return places;
}

/** The places of symbols without their end, of which there are `count`. */
export function unfoldZeros(symbols: Uint16Array, count: number): Uint8Array {
  const { length } = symbols;
  const places = new Uint8Array(count);
  let end = 0;
  let weight = 1;
  for (let at = 0; at < length; at++) {
    const symbol = symbols[at]!;
    // Zeros are there already.
    if (symbol > 1) places[end++] = symbol - 1;
    else end += weight * (symbol + 1);
    weight = symbol > 1 ? 1 : weight * 2;
  }
  return places;
}
