/** A text table: the first column to the left, the others to the right, a line under the heads. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, column) => (column === 0 ? cells[column]?.padEnd(width) : cells[column]?.padStart(width)) ?? '')
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width));
  return [heads, rule, ...rows].map((cells) => `  ${line(cells)}`).join('\n');
}

/** A count as it is read best: `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
