import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { quantile } from '../processes/quantile.js';
import type { Row } from '../reports/result.js';
import type { Benchmark } from './benchmark.js';
import { installedSize } from './installed-size.js';

const run = promisify(execFile);
/** The first is what the others are compared with. */
const packages = [
  ...['lru-cache', '@memo/core', 'layered-loader', 'async-cache-dedupe', 'p-memoize', 'ocache', 'moize', 'keyv'],
  ...['cache-manager', '@epic-web/cachified', 'cacheable', 'bentocache'],
];
const program =
  'const started = performance.now(); await import(process.argv[1]);' +
  'process.stdout.write(String(performance.now() - started)); process.exit();';

/** How long a program waits for a library, and how much is installed for it. */
export const imports: Benchmark = async ({ effort, progress }) => {
  const samples = packages.map((): number[] => []);
  for (let round = -1; round < effort.rounds; round++) {
    progress(`import: round ${round + 1} of ${effort.rounds}`);
    for (let offset = 0; offset < packages.length; offset++) {
      const index = (round + 1 + offset) % packages.length;
      const milliseconds = await timeOfImport(packages[index]!);
      if (round >= 0) samples[index]!.push(milliseconds);
    }
  }
  const title = 'Import time and installed size';
  return {
    title,
    explanation:
      'Milliseconds of `import()` of a package in a new process, its files being in the memory of the system already. ' +
      'Installed are the package and all that it depends on, in KB of 1000 bytes, as it is published.',
    sections: [
      {
        ...{ name: 'import', title },
        columns: [
          { value: 'median', head: 'import ms', digits: 1 },
          { value: 'p10', head: 'p10', digits: 1 },
          { value: 'p90', head: 'p90', digits: 1 },
          { value: 'ratio', head: '× lru-cache', digits: 2 },
          { value: 'kilobytes', head: 'installed KB', digits: 0 },
          { value: 'packages', head: 'packages', digits: 0 },
        ],
        rows: packages.map((name, index) => rowOf(name, samples[index]!, samples[0]!)),
        chart: { value: 'median', digits: 1, title: 'Import time, ms', lessIsBetter: true },
      },
    ],
  };
};

async function timeOfImport(name: string): Promise<number> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program, import.meta.resolve(name)]);
  return Number(stdout);
}

function rowOf(name: string, samples: readonly number[], first: readonly number[]): Row {
  const ratios = samples.map((sample, round) => sample / first[round]!);
  return {
    name: name === '@memo/core' ? 'memo' : name,
    values: {
      ...{ median: quantile(samples, 0.5), p10: quantile(samples, 0.1), p90: quantile(samples, 0.9) },
      ratio: quantile(ratios, 0.5),
      ...installedSize(name),
    },
  };
}
