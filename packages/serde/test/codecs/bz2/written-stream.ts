import { BitWriter } from '../../../src/codecs/bz2/bit-writer.js';
import { codesOf } from '../../../src/codecs/bz2/huffman-code.js';

/** What stands in a stream of one block, each part of which may be wrong. */
export interface StreamParts {
  readonly signature: string;
  readonly mark: string;
  readonly checksum: number;
  readonly randomised: 0 | 1;
  readonly origin: number;
  readonly inUse: readonly number[];
  readonly numberOfTables: number;
  readonly numberOfSelectors: number;
  /** Selectors as places among the tables. */
  readonly selectors: readonly number[];
  readonly lengths: readonly (readonly number[])[];
  /** Symbols in codes of the first table. */
  readonly symbols: readonly number[];
  readonly endMark: string;
  readonly streamChecksum: number;
}

/** The stream of `aaab`, whose sorted rotations end in `baaa`: the places are 1, 1, 0, 0, and two zeros are the symbol 1. */
export const rightParts: StreamParts = {
  signature: 'BZh9',
  mark: '314159265359',
  checksum: 0x8551_157f,
  randomised: 0,
  origin: 0,
  inUse: [0x61, 0x62],
  numberOfTables: 2,
  numberOfSelectors: 1,
  selectors: [0],
  lengths: [
    [2, 2, 2, 2],
    [2, 2, 2, 2],
  ],
  symbols: [2, 2, 1, 3],
  endMark: '177245385090',
  streamChecksum: 0x8551_157f,
};

/** The stream with some of its parts wrong. */
export function writtenStream(changes: Partial<StreamParts> = {}): Uint8Array {
  const parts = { ...rightParts, ...changes };
  const writer = new BitWriter();
  writeBytes(writer, new TextEncoder().encode(parts.signature));
  writeBytes(writer, Buffer.from(parts.mark, 'hex'));
  writer.writeWord(parts.checksum);
  writer.write(parts.randomised, 1);
  writer.write(parts.origin, 24);
  writeBytesInUse(writer, parts.inUse);
  writer.write(parts.numberOfTables, 3);
  writer.write(parts.numberOfSelectors, 15);
  for (const place of parts.selectors) writer.write((1 << (place + 1)) - 2, place + 1);
  for (const ofTable of parts.lengths) writeLengths(writer, ofTable);
  const [lengths] = parts.lengths;
  const codes = codesOf(Uint8Array.from(lengths!));
  for (const symbol of parts.symbols) writer.write(codes[symbol]!, lengths![symbol]!);
  writeBytes(writer, Buffer.from(parts.endMark, 'hex'));
  writer.writeWord(parts.streamChecksum);
  return writer.finish();
}

function writeBytes(writer: BitWriter, bytes: Uint8Array): void {
  for (const byte of bytes) writer.write(byte, 8);
}

function writeBytesInUse(writer: BitWriter, inUse: readonly number[]): void {
  const sixteens = Array.from({ length: 16 }, (_, index) => index);
  const used = sixteens.map((row) =>
    sixteens.map((column) => (inUse.includes(row * 16 + column) ? '1' : '0')).join(''),
  );
  writer.write(parseInt(used.map((row) => (row.includes('1') ? '1' : '0')).join(''), 2), 16);
  for (const row of used) if (row.includes('1')) writer.write(parseInt(row, 2), 16);
}

function writeLengths(writer: BitWriter, lengths: readonly number[]): void {
  let current = lengths[0]!;
  writer.write(current, 5);
  for (const length of lengths) {
    for (; current < length; current++) writer.write(0b10, 2);
    for (; current > length; current--) writer.write(0b11, 2);
    writer.write(0, 1);
  }
}
