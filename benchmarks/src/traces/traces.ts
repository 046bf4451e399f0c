import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EvictionStrategy,
  LeastRecentlyUpdatedEvictionStrategy,
  LeastRecentlyUsedEvictionStrategy,
  S3FifoEvictionStrategy,
} from '@memo/core';
import type { Benchmark } from '../cases/benchmark.js';
import type { Column, Row, Section } from '../reports/result.js';
import {
  knownTraces,
  type KnownTrace,
  type Reference,
  weighedReferences,
  type WeighedReference,
  weighedTrace,
} from './reference-values.js';
import { missesOf, sizeOf } from './replay.js';
import type { Trace } from './trace.js';
import { unpack } from './unpack.js';

/**
 * Replays the traces of a folder, the first word on the command line, with every strategy, and shows beside it what others
 * have found.
 */
export const traces: Benchmark = async ({ words: [folder], progress }) => {
  if (folder === undefined) throw new Error(`traces: expected a folder, as in: npm run bench -- traces <folder>`);
  const sections: Section[] = [];
  const counts: Row[] = [];
  for (const known of tracesIn(folder)) {
    progress(`traces: ${known.name}`);
    const trace = known.format(known.name, await unpack(join(folder, known.file)));
    const replays = known.references.map((reference) => replayed(trace, reference, progress));
    sections.push(ratiosSection(trace, known.references, replays));
    counts.push(...known.references.map((reference, index) => exactRow(trace, reference, replays[index]!)));
    if (trace.name === weighedTrace) sections.push(weighedSection(trace, progress));
  }
  return { title: 'Hit ratios', explanation, sections: [...sections, exactSection(counts)] };
};

const explanation =
  `What real programs asked for, replayed against the eviction strategies of @memo/core: whatever is not there is written, ` +
  `and what the strategy names then goes. _FIFO_, _S3-FIFO_ and _best possible_ are reference values that others have found ` +
  `for the same traces; first in, first out is what least recently updated comes to where nothing is refreshed, and the ` +
  `best possible strategy (Belady's) knows the future. Nothing here is a matter of speed, so any machine finds the same.`;

/** The known traces whose files are there. @throws Error if there is none. */
function tracesIn(folder: string): readonly KnownTrace[] {
  const found = knownTraces.filter(({ file }) => existsSync(join(folder, file)));
  if (found.length > 0) return found;
  throw new Error(`traces: found none of ${knownTraces.map(({ file }) => file).join(', ')} in ${folder}.`);
}

/** How many requests each strategy has missed. */
interface Replayed {
  readonly leastRecentlyUpdated: number;
  readonly leastRecentlyUsed: number;
  readonly s3fifo: number;
  readonly s3fifoWithoutBound: number;
}

function replayed(trace: Trace, { capacity }: Reference, progress: (doing: string) => void): Replayed {
  const misses = (strategy: EvictionStrategy): number => {
    progress(`traces: ${trace.name} ${capacity}, ${strategy.constructor.name}`);
    return missesOf(trace, strategy);
  };
  return {
    leastRecentlyUpdated: misses(new LeastRecentlyUpdatedEvictionStrategy(capacity)),
    leastRecentlyUsed: misses(new LeastRecentlyUsedEvictionStrategy(capacity)),
    s3fifo: misses(new S3FifoEvictionStrategy(capacity)),
    s3fifoWithoutBound: misses(new S3FifoEvictionStrategy({ capacity, mostSteps: null })),
  };
}

const ratioColumns: readonly Column[] = [
  { value: 'leastRecentlyUpdated', head: 'least recently updated', digits: 2 },
  { value: 'leastRecentlyUsed', head: 'least recently used', digits: 2 },
  { value: 's3fifo', head: 'S3-FIFO', digits: 2 },
  { value: 'target', head: 'aimed at', digits: 1 },
  { value: 's3fifoWithoutBound', head: 'S3-FIFO, any steps', digits: 2 },
  { value: 'fifoElsewhere', head: 'FIFO elsewhere', digits: 2 },
  { value: 's3fifoElsewhere', head: 'S3-FIFO elsewhere', digits: 2 },
  { value: 'best', head: 'best possible', digits: 2 },
];

function ratiosSection(trace: Trace, references: readonly Reference[], replays: readonly Replayed[]): Section {
  const { name, requests, keys } = trace;
  const ratio = (misses: number): number => 100 * (1 - misses / requests.length);
  return {
    name,
    title: `${name}: hit ratio in %, by capacity`,
    explanation: `${requests.length} requests for ${keys.length} keys.`,
    columns: ratioColumns,
    rows: references.map(({ capacity, target, fifo, s3fifo, best }, index) => ({
      name: `${capacity} entries`,
      values: {
        ...Object.fromEntries(
          Object.entries<number>({ ...replays[index]! }).map(([strategy, misses]) => [strategy, ratio(misses)]),
        ),
        ...{ target, fifoElsewhere: fifo, s3fifoElsewhere: s3fifo, best },
      },
    })),
  };
}

const countColumns: readonly Column[] = [
  { value: 'misses', head: 'misses', digits: 0 },
  { value: 'elsewhere', head: 'elsewhere', digits: 0 },
  { value: 'difference', head: 'difference', digits: 0 },
];

function exactSection(rows: readonly Row[]): Section {
  return {
    name: 'exact',
    title: 'Requests missed by least recently used',
    explanation: 'There is only one way to be least recently used, so the difference has to be none.',
    columns: countColumns,
    rows,
  };
}

function exactRow({ name }: Trace, { capacity, leastRecentlyUsedMisses }: Reference, replay: Replayed): Row {
  return countRow(`${name}, ${capacity} entries`, replay.leastRecentlyUsed, leastRecentlyUsedMisses);
}

function countRow(name: string, misses: number, elsewhere: number): Row {
  return { name, values: { misses, elsewhere, difference: misses - elsewhere } };
}

function weighedSection(trace: Trace, progress: (doing: string) => void): Section {
  return {
    name: 'weighed',
    title: `${trace.name}: requests missed where entries are weighed`,
    explanation:
      `In bytes, as libCacheSim counts them. S3-FIFO promotes what was read twice here, takes as many steps as it likes, ` +
      `and keeps nothing that is larger than a tenth of the room. The difference has to be none.`,
    columns: countColumns,
    rows: weighedReferences.flatMap((reference) => weighedRows(trace, reference, progress)),
  };
}

function weighedRows(trace: Trace, reference: WeighedReference, progress: (doing: string) => void): readonly Row[] {
  const room = `${reference.mebibytes} MiB`;
  progress(`traces: ${trace.name} ${room}`);
  const maxWeight = reference.mebibytes * 2 ** 20;
  const leastRecentlyUsed = new LeastRecentlyUsedEvictionStrategy({ maxWeight, weigh: sizeOf });
  const s3fifo = new S3FifoEvictionStrategy({
    ...{ maxWeight, weigh: sizeOf, promoteAfter: 2, mostSteps: null, largestEntry: Math.floor(maxWeight / 10) },
  });
  return [
    countRow(`least recently used, ${room}`, missesOf(trace, leastRecentlyUsed), reference.leastRecentlyUsed),
    countRow(`S3-FIFO, ${room}`, missesOf(trace, s3fifo), reference.s3fifo),
  ];
}
