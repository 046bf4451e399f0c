import { BitWriter } from './bit-writer.js';
import { blockChecksum, streamChecksum } from './block-checksum.js';
import { transform } from './burrows-wheeler.js';
import { format } from './bzip2-format.js';
import { findTables, writeTables } from './coding-tables.js';
import { bytesInUse, placesOf } from './move-to-front.js';
import { foldRuns } from './run-lengths.js';
import type { Steps } from './steps.js';
import { writeSymbols } from './symbol-groups.js';
import { endSymbol, foldZeros } from './zero-runs.js';

/** Encodes data as one stream. @param level - 1 to 9: blocks of so many hundred thousand bytes. */
export function* encodeBzip2(data: Uint8Array, level: number): Steps<Uint8Array> {
  const writer = new BitWriter();
  for (const byte of format.signature) writer.write(byte, 8);
  writer.write(format.levelZero + level, 8);
  const blockLength = level * format.blockLength - format.freePlaces;
  let checksum = 0;
  for (let start = 0; start < data.length;) {
    const { block, end } = yield* foldRuns(data, start, blockLength);
    const ofBlock = yield* blockChecksum(data, start, end);
    for (const bits of format.blockMark) writer.write(bits, 24);
    writer.writeWord(ofBlock);
    yield* writeBlock(writer, block);
    checksum = streamChecksum(checksum, ofBlock);
    start = end;
  }
  for (const bits of format.endMark) writer.write(bits, 24);
  writer.writeWord(checksum);
  return writer.finish();
}

function* writeBlock(writer: BitWriter, block: Uint8Array): Steps<void> {
  const { column, origin } = yield* transform(block);
  const inUse = bytesInUse(column);
  const places = yield* placesOf(column, inUse);
  const symbols = foldZeros(places, endSymbol(inUse.length));
  yield;
  const tables = yield* findTables(symbols, endSymbol(inUse.length) + 1);
  const randomised = 0;
  writer.write(randomised, 1);
  writer.write(origin, 24);
  writeBytesInUse(writer, inUse);
  writeTables(writer, tables);
  yield;
  yield* writeSymbols(writer, symbols, tables);
}

/** Sixteen bits for the sixteens of bytes of which any is in use, then sixteen bits for each of those. */
function writeBytesInUse(writer: BitWriter, inUse: Uint8Array): void {
  const rows = new Uint16Array(16);
  for (const byte of inUse) rows[byte >> 4]! |= 0x8000 >> (byte & 15);
  writer.write(
    rows.reduce((used, row, index) => (row === 0 ? used : used | (0x8000 >> index)), 0),
    16,
  );
  for (const row of rows) if (row !== 0) writer.write(row, 16);
}
