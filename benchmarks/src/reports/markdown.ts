import type { Result, Row, Section } from './result.js';

/** The page of a result. */
export function pageOf(result: Result): string {
  const { title, explanation, sections } = result;
  return [`# ${title}`, explanation, measuredOn(result), ...sections.flatMap((section) => partsOf(result, section))]
    .join('\n\n')
    .concat('\n');
}

function partsOf(result: Result, section: Section): readonly string[] {
  const { title, explanation, columns, rows, leftOut = {}, chart } = section;
  const heads = ['', ...columns.map(({ head }) => head)];
  const cells = rows.map((row) => [row.name, ...columns.map(({ value, digits }) => shown(row, value, digits))]);
  const absent = Object.entries(leftOut).map(([name, reason]) => `- ${name}: ${reason}`);
  return [
    ...(result.sections.length > 1 ? [`## ${title}`] : []),
    ...(explanation === undefined ? [] : [explanation]),
    ...(chart === undefined ? [] : [`![${chart.title}](${chartName(result, section)})`]),
    table(heads, cells),
    ...(absent.length === 0 ? [] : [`Left out:\n\n${absent.join('\n')}`]),
  ];
}

/** Where it was measured, and whether to believe it. */
function measuredOn({ machine, quick }: Result): string {
  return `Measured on ${machine}${quick === true ? ', with --quick: it tells whether the benchmark works, and little else' : ''}.`;
}

/** The file of a section's chart, beside the page. */
export function chartName({ name }: Result, section: Section): string {
  return name === section.name ? `${name}.svg` : `${name}-${section.name}.svg`;
}

function shown({ values }: Row, value: string, digits: number): string {
  const number = values[value];
  return number === undefined ? '' : numberText(number, digits);
}

/** A number as it is read: without digits that a measurement does not tell, thousands set apart. */
export function numberText(value: number, digits: number): string {
  const fewer = Math.abs(value) >= 100 ? 0 : digits;
  return value.toLocaleString('en', { minimumFractionDigits: fewer, maximumFractionDigits: fewer });
}

/** A Markdown table whose columns line up: the first to the left, the others to the right. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => Math.max(3, head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (column === 0 ? cells[column]?.padEnd(width) : cells[column]?.padStart(width)) ?? '').join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [heads, rule, ...rows].map(line).join('\n');
}
