import { BitReader } from './bit-reader.js';
import { blockChecksum, streamChecksum } from './block-checksum.js';
import type { BoundedOutput } from './bounded-output.js';
import { restore } from './burrows-wheeler.js';
import { format } from './bzip2-format.js';
import { readTables } from './coding-tables.js';
import { bytesAt } from './move-to-front.js';
import { shortestUnfolded, unfoldRuns } from './run-lengths.js';
import type { Steps } from './steps.js';
import { readSymbols } from './symbol-groups.js';
import { unreadable } from './unreadable.js';
import { endSymbol, unfoldedZeros, unfoldZeros } from './zero-runs.js';

/**
 * Decodes a stream, and those that directly follow it, into the output.
 *
 * @throws UnreadableBytesError
 * @throws OutputTooLargeError - before the block that would be too much is unfolded.
 */
export function* decodeBzip2(data: Uint8Array, output: BoundedOutput): Steps<Uint8Array> {
  requireSignature(data);
  const reader = new BitReader(data);
  while (reader.bytesLeft > 0) {
    const level = levelOfStream(data.subarray(data.length - reader.bytesLeft));
    if (level === undefined) throw unreadable('length', `${reader.bytesLeft} bytes follow after its end`);
    yield* decodeStream(reader, level, output);
  }
  return output.joined();
}

function requireSignature(data: Uint8Array): void {
  if (levelOfStream(data) !== undefined) return;
  const isCut = data.length <= format.signature.length && data.every((byte, at) => byte === format.signature[at]);
  if (isCut) throw unreadable('length', 'they end too early');
  throw unreadable('foreign', "they do not begin with 'BZh' and a level");
}

/** The level of the stream that data begin with, if they begin with one. */
function levelOfStream(data: Uint8Array): number | undefined {
  const level = (data[format.signature.length] ?? 0) - format.levelZero;
  const isStream = format.signature.every((byte, at) => byte === data[at]) && level >= 1 && level <= 9;
  return isStream ? level : undefined;
}

function* decodeStream(reader: BitReader, level: number, output: BoundedOutput): Steps<void> {
  let checksum = 0;
  reader.skipBytes(format.signature.length + 1);
  while (beginsBlock(reader)) {
    const expected = reader.readWord();
    const piece = yield* decodeBlock(reader, level * format.blockLength, output);
    const found = yield* blockChecksum(piece);
    if (found !== expected) throw unreadable('damaged', 'the checksum of a block does not match');
    checksum = streamChecksum(checksum, expected);
  }
  if (reader.readWord() !== checksum) throw unreadable('damaged', 'the checksum of the stream does not match');
  reader.alignToByte();
}

/** Reads a mark: that of a block, or that of the end. */
function beginsBlock(reader: BitReader): boolean {
  const mark = [reader.read(24), reader.read(24)];
  const is = (expected: readonly number[]): boolean => mark.every((bits, index) => bits === expected[index]);
  if (is(format.blockMark)) return true;
  if (is(format.endMark)) return false;
  throw unreadable('damaged', 'neither a block begins nor the stream ends where one of them should');
}

function* decodeBlock(reader: BitReader, most: number, output: BoundedOutput): Steps<Uint8Array> {
  const isRandomised = reader.read(1) === 1;
  if (isRandomised) throw unreadable('foreign', 'a block is randomised, as only bzip2 before 0.9.5 wrote it');
  const origin = reader.read(24);
  const inUse = readBytesInUse(reader);
  const end = endSymbol(inUse.length);
  const symbols = yield* readSymbols(reader, readTables(reader, end + 1), end, most);
  yield;
  const length = unfoldedZeros(symbols, most);
  if (origin >= length) throw unreadable('damaged', `the origin ${origin} is not in its block of ${length} bytes`);
  output.expect(shortestUnfolded(length));
  const places = unfoldZeros(symbols, length);
  yield;
  const column = yield* bytesAt(places, inUse);
  const block = yield* restore({ column, origin });
  return yield* unfoldRuns(block, output);
}

function readBytesInUse(reader: BitReader): Uint8Array {
  const inUse: number[] = [];
  const rows = reader.read(16);
  for (let row = 0; row < 16; row++) {
    const used = (rows & (0x8000 >> row)) === 0 ? 0 : reader.read(16);
    for (let column = 0; column < 16; column++) if ((used & (0x8000 >> column)) !== 0) inUse.push(row * 16 + column);
  }
  if (inUse.length === 0) throw unreadable('damaged', 'a block has no bytes in use');
  return Uint8Array.from(inUse);
}
