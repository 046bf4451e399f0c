import { cpus } from 'node:os';

/** What a benchmark found, to be shown and to be kept. */
export interface Report {
  readonly title: string;
  /** What was measured, and how, in a sentence or two. */
  readonly explanation: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The report in Markdown, with the machine it was made on. */
export function markdown({ title, explanation, heads, rows }: Report): string {
  const [processor] = cpus();
  const machine = `Node ${process.versions.node}, ${cpus().length} x ${processor?.model ?? 'unknown processor'}`;
  return `# ${title}\n\n${explanation}\n\nMeasured on ${machine}.\n\n${table(heads, rows)}\n`;
}

/** A Markdown table whose columns line up: the first to the left, the others to the right. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(3, head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (column === 0 ? cells[column]?.padEnd(width) : cells[column]?.padStart(width)) ?? '').join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [heads, rule, ...rows].map(line).join('\n');
}
