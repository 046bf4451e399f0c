import { cpus } from 'node:os';
import type { Claim, Finding, Trial } from './claims/claim.js';

/** A trial that has been made, and what it has found. */
export interface Tried {
  readonly trial: Trial;
  readonly finding: Finding;
  /** Milliseconds. */
  readonly duration: number;
}

/** What is kept of the trials of one claim. */
export interface Report {
  readonly claim: Claim;
  readonly tried: readonly Tried[];
  /** What the user typed. */
  readonly command: string;
  /** When it began. */
  readonly date: Date;
}

/** So many violations are told; a broken fence has thousands. */
const mostTold = 20;

/** The report in Markdown, with the machine it was made on. */
export function markdown({ claim, tried, command, date }: Report): string {
  const [processor] = cpus();
  const machine = `Node ${process.versions.node}, ${cpus().length} x ${processor?.model ?? 'unknown processor'}`;
  const violations = tried.flatMap(({ finding }) => finding.violations);
  const parts = [
    `# ${claim.statement}`,
    claim.method,
    `\`${command}\`, ${date.toISOString().slice(0, 10)}, on ${machine}.`,
    violations.length === 0 ? 'No violations.' : told(violations),
    table(tried.flatMap(rowsOf)),
    ...tried.flatMap(({ trial, finding }) =>
      finding.note === undefined ? [] : `On ${trial.storage}: ${finding.note}`,
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function told(violations: readonly string[]): string {
  const shown = violations.slice(0, mostTold).map((violation) => `- ${violation}`);
  return `**${violations.length} violations**, of which the first are:\n\n${shown.join('\n')}`;
}

function rowsOf({ trial, finding, duration }: Tried): readonly Row[] {
  const ends = {
    violations: finding.violations.length,
    seed: trial.seed,
    'duration, s': (duration / 1_000).toFixed(0),
  };
  return finding.rows.map((row) => ({ storage: trial.storage, ...row, ...ends }));
}

type Row = Readonly<Record<string, number | string>>;

/** A Markdown table whose columns line up: the first to the left, the others to the right. */
function table(rows: readonly Row[]): string {
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => heads.map((head) => String(row[head] ?? '')));
  const widths = heads.map((head, column) => Math.max(3, head.length, ...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string => {
    const padded = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)));
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [heads, rule, ...cells].map(line).join('\n');
}
