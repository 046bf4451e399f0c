import { traces } from '../traces/traces.js';
import type { Benchmark } from './benchmark.js';
import { collapsed } from './collapsed.js';
import { encodings } from './encodings.js';
import { hit } from './hit.js';
import { imports } from './import.js';
import { insert } from './insert.js';
import { memory } from './memory.js';
import { miss } from './miss.js';
import { refreshing } from './refreshing.js';
import { memcached, redis } from './shared-hit.js';
import { size } from './size.js';
import { stampede } from './stampede.js';
import { zipf } from './zipf.js';

/** All benchmarks, by the names that they have on the command line. */
export const benchmarks: ReadonlyMap<string, Benchmark> = new Map<string, Benchmark>([
  ['hit', hit],
  ['miss', miss],
  ['collapsed', collapsed],
  ['zipf', zipf],
  ['memory', memory],
  ['insert', insert],
  ['refreshing', refreshing],
  ['redis', redis],
  ['memcached', memcached],
  ['stampede', stampede],
  ['import', imports],
  ['size', size],
  ['encodings', encodings],
  ['traces', traces],
]);

/** What needs a word of its own behind its name, and is left out where all benchmarks are carried out. */
export const onRequest: ReadonlySet<string> = new Set(['traces']);
