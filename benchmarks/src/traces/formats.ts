import { Numbering, type Trace } from './trace.js';

/** Reads a trace from what its file holds. */
export type TraceFormat = (name: string, data: Buffer) => Trace;

/** Keys one after the other, four bytes each, the highest first. */
export const bigEndianKeys: TraceFormat = (name, data) => {
  const numbering = new Numbering(data.length / 4);
  for (let offset = 0; offset < data.length; offset += 4) numbering.add(data.readInt32BE(offset));
  return numbering.trace(name);
};

/** Lines `start count ignored number`: so many keys in a row from the first on. */
export const linesOfRanges: TraceFormat = (name, data) => {
  const ranges = data
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ').map(Number));
  const numbering = new Numbering(ranges.reduce((sum, [, count = 0]) => sum + count, 0));
  for (const [start = 0, count = 0] of ranges) {
    for (let key = start; key < start + count; key++) numbering.add(key);
  }
  return numbering.trace(name);
};

const recordLength = 24;

/** Records of 24 bytes, the lowest first: `u32 time; u64 id; u32 size; i64 next`. */
export const oracleGeneral: TraceFormat = (name, data) => {
  const count = data.length / recordLength;
  const sizes = new Uint32Array(count);
  const numbering = new Numbering(count);
  for (let index = 0; index < count; index++) {
    numbering.add(data.readBigUInt64LE(index * recordLength + 4));
    sizes[index] = data.readUInt32LE(index * recordLength + 12);
  }
  return numbering.trace(name, sizes);
};
