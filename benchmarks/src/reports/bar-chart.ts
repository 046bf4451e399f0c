import { numberText } from './markdown.js';
import type { Chart, Row } from './result.js';

const width = 760;
const [top, rowHeight, barHeight, bottom] = [44, 24, 14, 12] as const;
/** Where the bars begin, and where the longest one ends: right of it its number stands. */
const [left, right] = [190, width - 80] as const;
/** Beyond this the longest bar would leave nothing to see of the shortest. */
const spanOfLinear = 20;

/**
 * A bar chart as SVG, readable on light and on dark: the best bar first. Where the values span more than a decade or so
 * the scale is logarithmic, which it says. The same values give the same text.
 */
export function barChart({ title, value, digits, lessIsBetter, target }: Chart, rows: readonly Row[]): string {
  const bars = rows.flatMap(({ name, values }) =>
    values[value] === undefined ? [] : [{ name, amount: values[value] }],
  );
  const sorted = bars.toSorted((one, other) => (lessIsBetter ? 1 : -1) * (one.amount - other.amount));
  const amounts = [...sorted.map(({ amount }) => amount), ...(target === undefined ? [] : [target])];
  const scale = scaleOf(amounts.filter((amount) => amount > 0));
  const height = top + sorted.length * rowHeight + bottom;
  const lines = sorted.map(({ name, amount }, index) => barOf(name, amount, top + index * rowHeight, scale, digits));
  const note = `${lessIsBetter ? 'less is better' : 'more is better'}${scale.logarithmic ? ', logarithmic scale' : ''}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    style,
    `<text class="title" x="12" y="20">${escaped(title)}</text>`,
    `<text class="note" x="12" y="36">${note}${target === undefined ? '' : `; dashed: the target, ${numberText(target, digits)}`}</text>`,
    ...(target === undefined ? [] : [targetLine(scale.x(target), height)]),
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

const style = `<style>
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 14px }
.note { font-size: 11px; fill: #57606a }
.bar { fill: #8c959f }
.memo { fill: #0969da }
.target { stroke: #cf222e; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .note { fill: #9198a1 }
  .bar { fill: #656c76 }
  .memo { fill: #4493f8 }
  .target { stroke: #f85149 }
}
</style>`;

interface Scale {
  readonly logarithmic: boolean;
  /** Where a bar of so much ends. */
  x(amount: number): number;
}

function scaleOf(amounts: readonly number[]): Scale {
  const [least, most] = [Math.min(...amounts), Math.max(...amounts)];
  if (amounts.length === 0 || most / least <= spanOfLinear) {
    return { logarithmic: false, x: (amount) => left + ((right - left) * amount) / most };
  }
  // The shortest bar, too, is to be seen: it begins half a decade before its value.
  const begin = Math.log10(least) - 0.5;
  const span = Math.log10(most) - begin;
  return { logarithmic: true, x: (amount) => left + ((right - left) * Math.max(0, Math.log10(amount) - begin)) / span };
}

function barOf(name: string, amount: number, y: number, scale: Scale, digits: number): string {
  const end = amount > 0 ? scale.x(amount) : left;
  const kind = /^memo\b/.test(name) ? 'bar memo' : 'bar';
  const baseline = y + barHeight - 3;
  return [
    `<text x="${left - 8}" y="${baseline}" text-anchor="end">${escaped(name)}</text>`,
    `<rect class="${kind}" x="${left}" y="${y}" width="${(end - left).toFixed(1)}" height="${barHeight}" rx="2"/>`,
    `<text x="${(end + 6).toFixed(1)}" y="${baseline}">${numberText(amount, digits)}</text>`,
  ].join('\n');
}

function targetLine(x: number, height: number): string {
  return `<line class="target" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${top - 4}" y2="${height - bottom + 2}"/>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
