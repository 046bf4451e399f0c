import { expect, it } from 'vitest';
import { barChart } from '../src/reports/bar-chart.js';

const chart = { value: 'ratio', title: 'Hits < misses & more', digits: 2, lessIsBetter: true };
const rows = [
  { name: 'slow', values: { ratio: 4 } },
  { name: 'memo', values: { ratio: 1 } },
  { name: 'absent', values: {} },
];
const widths = (svg: string) =>
  [...svg.matchAll(/<rect class="[a-z ]+" x="190" y="\d+" width="([\d.]+)"/g)].map(([, w]) => Number(w));

it('shows the best first, as long as its value, and marks memo', () => {
  const svg = barChart(chart, rows);
  expect(svg.indexOf('>memo<')).toBeLessThan(svg.indexOf('>slow<'));
  expect(svg).not.toContain('absent');
  expect(svg).toContain('<rect class="bar memo"');
  const [memo, slow] = widths(svg);
  expect(slow! / memo!).toBeCloseTo(4, 2);
  expect(svg).toContain('less is better</text>');
});

it('has a logarithmic scale where values span decades, and says so', () => {
  const svg = barChart(chart, [...rows, { name: 'slower', values: { ratio: 400 } }]);
  expect(svg).toContain('logarithmic scale');
  const [memo, slow, slower] = widths(svg);
  expect((slower! - slow!) / (slow! - memo!)).toBeCloseTo(2 / Math.log10(4), 1);
});

it('shows the target as a line, writes text as XML, and is the same each time', () => {
  const svg = barChart({ ...chart, target: 2 }, rows);
  expect(svg).toContain('<line class="target"');
  expect(svg).toContain('dashed: the target, 2.00');
  expect(svg).toContain('Hits &lt; misses &amp; more');
  expect(svg).toBe(barChart({ ...chart, target: 2 }, rows));
});
