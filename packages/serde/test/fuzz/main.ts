/**
 * `npm run fuzz`: reads a hundred thousand mutations in every combination of SerDe and encoding, and of the envelope, each
 * combination in a process of its own with little memory. Prints a table, and ends with 1 if anything happened that may
 * not happen.
 *
 * `npm run fuzz -- zip envelope --count 1000 --seed 7` takes only combinations that are called by one of the words, or
 * whose names contain one; with `--from` it begins at the mutation of that index.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding } from './campaign.js';
import { allCombinations } from './combinations.js';
import { isCampaignProcess, runAsCampaignProcess, startCampaign, type CampaignReport } from './campaign-process.js';
import { heading, rowOf } from './table.js';

if (isCampaignProcess()) await runAsCampaignProcess();
else await fuzz();

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function fuzz(): Promise<void> {
  const { words, seed, from, count } = choices();
  const names = (await allCombinations()).map(({ name }) => name);
  const isMeant = (name: string, word: string): boolean =>
    name === word || (!names.includes(word) && name.includes(word));
  const waiting = names.filter((name) => words.length === 0 || words.some((word) => isMeant(name, word)));
  if (waiting.length === 0) {
    print(`No combination is called by ${words.join(', ')}. There are:\n  ${names.join('\n  ')}`);
    process.exitCode = 2;
    return;
  }
  const reports: CampaignReport[] = [];
  print(heading);
  const takeNext = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const report = await startCampaign({ combination: name, seed, from, count });
      reports.push(report);
      print(rowOf(report));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, takeNext));
  const findings = reports.flatMap((report) => report.findings);
  if (findings.length > 0) tell(findings);
  const mutations = reports.reduce((sum, report) => sum + report.mutations, 0);
  print(`\n${mutations} mutations in ${reports.length} combinations, ${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

function choices(): { words: readonly string[]; seed: number; from: number; count: number } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      count: { type: 'string', default: '100000' },
    },
  });
  const numberOf = (name: keyof typeof values): number => {
    const number = Number(values[name]);
    if (Number.isSafeInteger(number) && number >= 0) return number;
    throw new Error(`--${name} should be a whole number, got ${values[name]}`);
  };
  return { words: positionals, seed: numberOf('seed'), from: numberOf('from'), count: numberOf('count') };
}

/** Says what was found, how to repeat it, and where the bytes are. */
function tell(findings: readonly Finding[]): void {
  const folder = join(tmpdir(), 'memo-fuzz');
  mkdirSync(folder, { recursive: true });
  for (const { combination, seed, index, wrong, bytes } of findings) {
    const file = join(folder, `${combination.replaceAll(/\W+/g, '-')}-${seed}-${index}.bin`);
    writeFileSync(file, bytes);
    print(`\n${combination}: ${wrong}`);
    print(`  npm run fuzz -- '${combination}' --seed ${seed} --from ${index} --count 1`);
    print(`  ${bytes.length} bytes in ${file}`);
  }
}
