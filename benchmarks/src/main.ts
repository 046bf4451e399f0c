/**
 * `npm run bench`: carries out the benchmarks named on the command line, all of them if none is, and keeps what they
 * found in `benchmarks/results`. With `--quick` each takes a few seconds and tells little, and nothing is kept unless
 * `--results <folder>` says where.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchmarks } from './cases/benchmarks.js';
import type { Effort } from './processes/comparison.js';
import { machine } from './reports/machine.js';
import { pageOf } from './reports/markdown.js';
import { progressLine } from './reports/progress-line.js';
import type { Result } from './reports/result.js';
import { ResultsFolder } from './reports/results-folder.js';

const efforts: Readonly<Record<Effort['size'], Effort>> = {
  full: { size: 'full', rounds: 31, milliseconds: 20 },
  quick: { size: 'quick', rounds: 5, milliseconds: 5 },
};

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, results: { type: 'string' } },
  allowPositionals: true,
});
const names = positionals.filter((name) => benchmarks.has(name));
const words = positionals.filter((name) => !benchmarks.has(name));
if (words.length > 0) {
  const all = [...benchmarks.keys()].join(', ');
  console.error(`There is no benchmark ${JSON.stringify(words[0])}; expected one or more of: ${all}`);
  process.exit(2);
}
const folder = values.results ?? (values.quick ? undefined : fileURLToPath(new URL('../results/', import.meta.url)));
const results = folder === undefined ? undefined : new ResultsFolder(folder);
const progress = progressLine(process.stderr);
for (const [name, measure] of benchmarks) {
  if (names.length > 0 && !names.includes(name)) continue;
  const finding = await measure({ effort: efforts[values.quick ? 'quick' : 'full'], progress: progress.show, words });
  progress.clear();
  const result: Result = { name, machine: machine(), ...finding };
  console.log(pageOf(result));
  results?.keep(result);
}
