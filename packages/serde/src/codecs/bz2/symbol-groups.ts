import type { BitReader } from './bit-reader.js';
import type { BitWriter } from './bit-writer.js';
import { format } from './bzip2-format.js';
import type { CodingTables } from './coding-tables.js';
import { codesOf, HuffmanDecoder } from './huffman-code.js';
import type { Steps } from './steps.js';
import { unreadable } from './unreadable.js';

/** How many groups one step goes through. */
const groupsAtOnce = 2_048;

/** Writes the symbols, each group in the codes of its table. */
export function* writeSymbols(
  writer: BitWriter,
  symbols: Uint16Array,
  { lengths, selectors }: CodingTables,
): Steps<void> {
  const codes = lengths.map(codesOf);
  for (let group = 0; group < selectors.length; group++) {
    const table = selectors[group]!;
    const start = group * format.groupLength;
    writeGroup(writer, symbols.subarray(start, start + format.groupLength), codes[table]!, lengths[table]!);
    if (group % groupsAtOnce === groupsAtOnce - 1) yield;
  }
}

function writeGroup(writer: BitWriter, symbols: Uint16Array, codes: Int32Array, lengths: Uint8Array): void {
  const { length } = symbols;
  for (let at = 0; at < length; at++) writer.write(codes[symbols[at]!]!, lengths[symbols[at]!]!);
}

/**
 * Reads symbols up to the one that ends the block, and gives those before it. The list of them grows with what is read,
 * whatever the block promises.
 *
 * @throws UnreadableBytesError - also if there are more than `most`.
 */
export function* readSymbols(
  reader: BitReader,
  { lengths, selectors }: CodingTables,
  end: number,
  most: number,
): Steps<Uint16Array> {
  // Only the tables that are selected are looked into: bzip2 does not mind what the others are.
  const decoders: (HuffmanDecoder | undefined)[] = [];
  let symbols: Uint16Array = new Uint16Array(1_024);
  let length = 0;
  for (let group = 0; group < selectors.length && length <= most; group++) {
    const table = selectors[group]!;
    const decoder = (decoders[table] ??= new HuffmanDecoder(lengths[table]!));
    if (length + format.groupLength > symbols.length) symbols = enlarged(symbols);
    const read = readGroup(reader, decoder, end, symbols, length);
    length += read;
    if (read < format.groupLength) return symbols.subarray(0, length);
    if (group % groupsAtOnce === groupsAtOnce - 1) yield;
  }
  throw unreadable('damaged', 'a block does not end where it should');
}

function enlarged(symbols: Uint16Array): Uint16Array {
  const larger = new Uint16Array(symbols.length * 2);
  larger.set(symbols);
  return larger;
}

/** Reads one group to `start`. Gives the number of its symbols, less than 50 if it ends the block. */
function readGroup(
  reader: BitReader,
  decoder: HuffmanDecoder,
  end: number,
  symbols: Uint16Array,
  start: number,
): number {
  for (let index = 0; index < format.groupLength; index++) {
    const symbol = decoder.read(reader);
    if (symbol === end) return index;
    symbols[start + index] = symbol;
  }
  return format.groupLength;
}
