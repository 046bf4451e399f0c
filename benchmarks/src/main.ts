/**
 * `npm run bench`: carries out the benchmarks named on the command line, all of them if none is, and keeps what they
 * found in `benchmarks/results`, together with what that means for the targets. With `--quick` each takes less time and
 * tells less, and with `--only memo,lru` only some libraries are measured: then nothing is kept, unless
 * `--results <folder>` says where.
 */
import { fileURLToPath } from 'node:url';
import { benchmarks, onRequest } from './cases/benchmarks.js';
import { readCommand, type Command } from './command.js';
import type { Effort } from './processes/comparison.js';
import { machine } from './reports/machine.js';
import { pageOf } from './reports/markdown.js';
import { progressLine } from './reports/progress-line.js';
import type { Result } from './reports/result.js';
import { ResultsFolder } from './reports/results-folder.js';
import { targetsPage } from './targets/targets-page.js';

const efforts: Readonly<Record<Effort['size'], Effort>> = {
  full: { size: 'full', rounds: 31, milliseconds: 20 },
  quick: { size: 'quick', rounds: 5, milliseconds: 4 },
};
const usualFolder = fileURLToPath(new URL('../results/', import.meta.url));

try {
  await run(readCommand(process.argv.slice(2), benchmarks.keys(), onRequest));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function run({ names, words, quick, only, results }: Command): Promise<void> {
  const path = results ?? (quick || only !== undefined ? undefined : usualFolder);
  const folder = path === undefined ? undefined : new ResultsFolder(path);
  const progress = progressLine(process.stderr);
  const effort = { ...efforts[quick ? 'quick' : 'full'], ...(only && { only }) };
  for (const name of names) {
    const finding = await benchmarks.get(name)!({ effort, words, progress: progress.show });
    progress.clear();
    const result: Result = { name, machine: machine(), ...(quick && { quick }), ...finding };
    console.log(pageOf(result));
    folder?.keep(result);
  }
  if (folder === undefined) return;
  if (names.length === 0) for (const result of folder.all().values()) folder.keep(result);
  const page = targetsPage(folder.all());
  folder.write('targets.md', page);
  console.log(page);
}
