import { bigEndianKeys, linesOfRanges, oracleGeneral, type TraceFormat } from './formats.js';

/** What others have found for one capacity of a trace: hit ratios in percent. */
export interface Reference {
  readonly capacity: number;
  readonly fifo: number;
  readonly leastRecentlyUsed: number;
  /** S3-FIFO that promotes what was read once. */
  readonly s3fifo: number;
  /** The best that any strategy could do: Belady's, which knows the future. */
  readonly best: number;
  /** The requests that least recently used misses, which leave no room for opinions. */
  readonly leastRecentlyUsedMisses: number;
  /** What memo's default is to reach at least. */
  readonly target: number;
}

/** A trace by the name of its file, and what is known of it. */
export interface KnownTrace {
  readonly name: string;
  readonly file: string;
  readonly format: TraceFormat;
  readonly references: readonly Reference[];
}

export const knownTraces: readonly KnownTrace[] = [
  {
    ...{ name: 'orm-night', file: 'orm-night.trace.xz', format: bigEndianKeys },
    references: [
      reference(500, [59.82, 60.95, 62.13, 69.97], 1_952_292, 62.0),
      reference(2_000, [69.46, 69.77, 74.42, 84.1], 1_511_713, 74.3),
      reference(8_000, [89.5, 93.12, 93.66, 95.82], 343_860, 93.5),
    ],
  },
  {
    ...{ name: 'OLTP', file: 'OLTP.lis.zst', format: linesOfRanges },
    references: [
      reference(1_000, [28.53, 32.83, 40.18, 53.61], 614_023, 40.1),
      reference(5_000, [49.68, 53.65, 55.25, 68.27], 423_702, 55.1),
      reference(10_000, [57.29, 60.7, 62.67, 73.02], 359_239, 62.5),
    ],
  },
  {
    ...{ name: 'cloudPhysicsIO', file: 'cloudPhysicsIO.oracleGeneral.bin.xz', format: oracleGeneral },
    references: [
      reference(500, [15.27, 16.22, 17.16, 20.81], 95_398, 17.0),
      reference(5_000, [19.58, 19.62, 25.58, 37.38], 91_527, 25.5),
      reference(10_000, [30.44, 30.24, 33.21, 45.69], 79_438, 33.1),
    ],
  },
];

/** How many requests libCacheSim misses in a cache of so many bytes. */
export interface WeighedReference {
  readonly mebibytes: number;
  readonly leastRecentlyUsed: number;
  readonly s3fifo: number;
}

/** Of the trace whose sizes are known. */
export const weighedTrace = 'cloudPhysicsIO';

/** S3-FIFO promotes what was read twice here, and takes as many steps as it likes. */
export const weighedReferences: readonly WeighedReference[] = [
  { mebibytes: 128, leastRecentlyUsed: 93_374, s3fifo: 89_307 },
  { mebibytes: 256, leastRecentlyUsed: 89_783, s3fifo: 82_387 },
  { mebibytes: 384, leastRecentlyUsed: 83_572, s3fifo: 77_041 },
  { mebibytes: 512, leastRecentlyUsed: 81_722, s3fifo: 76_791 },
  { mebibytes: 640, leastRecentlyUsed: 72_494, s3fifo: 71_300 },
  { mebibytes: 768, leastRecentlyUsed: 72_104, s3fifo: 70_343 },
  { mebibytes: 896, leastRecentlyUsed: 71_972, s3fifo: 70_455 },
  { mebibytes: 1_024, leastRecentlyUsed: 71_704, s3fifo: 70_355 },
];

function reference(
  capacity: number,
  [fifo, leastRecentlyUsed, s3fifo, best]: readonly [number, number, number, number],
  leastRecentlyUsedMisses: number,
  target: number,
): Reference {
  return { capacity, fifo, leastRecentlyUsed, s3fifo, best, leastRecentlyUsedMisses, target };
}
