import type { CampaignReport } from './campaign-process.js';

const columns = ['combination', 'mutations', 'refused', 'read', 'unchanged', 'memory', 'process', 'slowest', 'seed'];
const widths = [30, 10, 10, 8, 10, 10, 11, 11, 6];

/** The first line of the table that is printed. */
export const heading = row(columns);

/** The line of a campaign. */
export function rowOf(report: CampaignReport): string {
  const { combination, mutations, refused, read, unchanged, growth, resident, slowest, seed } = report;
  const milliseconds = `${slowest.toFixed(1)} ms`;
  return row([combination, mutations, refused, read, unchanged, memory(growth), memory(resident), milliseconds, seed]);
}

function memory(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function row(cells: readonly (string | number)[]): string {
  const padded = cells.map((cell, index) =>
    index === 0 ? String(cell).padEnd(widths[index]!) : String(cell).padStart(widths[index]!),
  );
  return padded.join(' ');
}
