import { leastRotation } from './least-rotation.js';
import type { Steps } from './steps.js';
import { suffixArray } from './suffix-array.js';

/**
 * The Burrows-Wheeler transform (Michael Burrows, David Wheeler: "A block-sorting lossless data compression algorithm",
 * Digital Systems Research Center, report 124, 1994).
 *
 * Write down all rotations of a block, one below the other, and sort them. The last column holds, for every context in the
 * order of the contexts, the byte that comes before it: equal bytes come together. The column and the row in which the
 * block itself stands, the origin, are enough to find the block again.
 */
export interface Transformed {
  readonly column: Uint8Array;
  readonly origin: number;
}

/** How many places of the column one step restores. */
const stepLength = 1 << 17;

/**
 * Transforms a block. Suffixes are sorted instead of rotations: those of the least rotation. There the orders agree, since a
 * suffix that is the beginning of another goes on, as a rotation, with the least of all, so it comes first as well (Raffaele
 * Giancarlo, Antonio Restivo, Marinella Sciortino: "From first principles to the Burrows and Wheeler transform and beyond,
 * via combinatorial optimization", Theoretical Computer Science 387, 2007). Equal rotations may come in any order.
 */
export function* transform(block: Uint8Array): Steps<Transformed> {
  const { length } = block;
  const start = leastRotation(block);
  const rotation = new Uint8Array(length);
  rotation.set(block.subarray(start));
  rotation.set(block.subarray(0, start), length - start);
  yield;
  const sorted = yield* suffixArray(rotation);
  const itself = start === 0 ? 0 : length - start;
  const column = new Uint8Array(length);
  let origin = 0;
  for (let row = 0; row < length; row++) {
    const at = sorted[row]!;
    if (at === itself) origin = row;
    column[row] = rotation[at === 0 ? length - 1 : at - 1]!;
  }
  yield;
  return { column, origin };
}

/**
 * Restores the block. The sorted column is the first one: its nth `x` is the nth `x` of the last column, one row being the
 * other turned by one. A link leads from each row of the first column to that row of the last, with the byte that stands in
 * the last column there in its lowest eight bits, so that each byte costs one look into memory.
 */
export function* restore({ column, origin }: Transformed): Steps<Uint8Array> {
  const links = yield* linksOf(column);
  const block = new Uint8Array(column.length);
  let row = links[origin]! >> 8;
  for (let from = 0; from < block.length; from += stepLength) {
    row = walk(links, row, block, from, Math.min(block.length, from + stepLength));
    yield;
  }
  return block;
}

function* linksOf(column: Uint8Array): Steps<Int32Array> {
  const { length } = column;
  const next = new Int32Array(257);
  for (let row = 0; row < length; row++) next[column[row]! + 1]! += 1;
  for (let byte = 0; byte < 256; byte++) next[byte + 1]! += next[byte]!;
  // Rows of at most 900,000 and a byte have room in 31 bits.
  const links = new Int32Array(column);
  yield;
  for (let from = 0; from < length; from += stepLength) {
    linkSome(column, links, next, from, Math.min(length, from + stepLength));
    yield;
  }
  return links;
}

function linkSome(column: Uint8Array, links: Int32Array, next: Int32Array, from: number, to: number): void {
  for (let row = from; row < to; row++) links[next[column[row]!]!++]! |= row << 8;
}

/** Restores the bytes from `from` up to `to`, the first of which is found at `row`. Gives the row of the one after them. */
function walk(links: Int32Array, row: number, block: Uint8Array, from: number, to: number): number {
  let at = row;
  for (let index = from; index < to; index++) {
    const link = links[at]!;
    block[index] = link;
    at = link >> 8;
  }
  return at;
}
