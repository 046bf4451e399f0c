/**
 * The numbers of bzip2's format. The format is what the program does (Julian Seward: bzip2 1.0.8, sourceware.org/bzip2); Joe
 * Tsai wrote it down ("bzip2: Format Specification", 2016).
 *
 * A stream: `BZh`, the level as a digit, blocks, the end mark, the checksum of the stream, zeros up to a whole byte. A block:
 * its mark, the checksum of its data, a bit that only very old versions set, the origin, the bytes in use, the coding tables,
 * the symbols. Bits are written from the highest to the lowest. Streams may follow one another.
 */
export const format = {
  /** `BZh`; the level follows as a digit. */
  signature: [0x42, 0x5a, 0x68],
  /** The digit 0, of a level that does not exist. */
  levelZero: 0x30,
  /** The digits of π stand before each block … */
  blockMark: [0x314159, 0x265359],
  /** … and those of its square root at the end. */
  endMark: [0x177245, 0x385090],
  /** Most bytes in a block, for each level. */
  blockLength: 100_000,
  /** Bytes by which the blocks that bzip2 writes stay below that. */
  freePlaces: 19,
  /** So many symbols share a coding table; the next ones may have another. */
  groupLength: 50,
  leastTables: 2,
  mostTables: 6,
  /** Most bits of a symbol that a reader has to know. */
  longestCode: 20,
  /** Most bits that a writer uses, as bzip2 since 1.0.3. */
  longestWrittenCode: 17,
} as const;
