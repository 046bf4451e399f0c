import type { Benchmark } from './benchmark.js';
import { collapsed } from './collapsed.js';
import { encodings } from './encodings.js';
import { hit } from './hit.js';
import { memory } from './memory.js';
import { miss } from './miss.js';
import { size } from './size.js';

/** All benchmarks, by the names that they have on the command line. */
export const benchmarks: ReadonlyMap<string, Benchmark> = new Map<string, Benchmark>([
  ['hit', hit],
  ['miss', miss],
  ['collapsed', collapsed],
  ['memory', memory],
  ['encodings', encodings],
  ['size', size],
]);
