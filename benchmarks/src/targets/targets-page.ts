import { table } from '../reports/markdown.js';
import type { Result } from '../reports/result.js';
import { Findings } from './findings.js';
import { targets } from './targets.js';

/** All targets, and what the results that are there say about them. */
export function targetsPage(results: ReadonlyMap<string, Result>): string {
  const findings = new Findings(results);
  const rows = targets.map(({ benchmark, what, aim, judge }) => {
    const verdict = judge(findings);
    const outcome = verdict === undefined ? 'not measured' : verdict.met ? 'met' : '**missed**';
    return [what, aim, verdict?.found ?? '', outcome, `[${benchmark}](${benchmark}.md)`];
  });
  const machines = [...new Set([...results.values()].map(({ machine }) => machine))];
  const quick = [...results.values()].filter((result) => result.quick === true).map(({ name }) => name);
  return [
    '# Targets',
    'What memo is to reach, with everything switched on, and what the other pages of this folder say it does. What is missed ' +
      'is not measured again until it fits.',
    `Measured on ${machines.join('; ')}.`,
    ...(quick.length === 0 ? [] : [`With --quick, which tells little: ${quick.join(', ')}.`]),
    table(['case', 'target', 'found', '', 'page'], rows),
  ]
    .join('\n\n')
    .concat('\n');
}
