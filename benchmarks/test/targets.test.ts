import { expect, it } from 'vitest';
import type { Result } from '../src/reports/result.js';
import { targetsPage } from '../src/targets/targets-page.js';

function hits(memo: number): ReadonlyMap<string, Result> {
  const ratios = { 'bare Map': 1, memo, 'lru-cache get': 1, 'lru-cache fetch': 1.2 };
  const rows = Object.entries(ratios).map(([name, ratio]) => ({ name, values: { ratio } }));
  const section = { name: 'string', title: 'One text', columns: [], rows };
  return new Map([['hit', { name: 'hit', title: '', explanation: '', machine: 'a computer', sections: [section] }]]);
}
const lineOf = (page: string, what: string) =>
  page
    .split('\n')
    .find((line) => line.includes(what))
    ?.replaceAll(/ +/g, ' ');

it('a target is met if it is reached, and if memo is below its peers where that is asked for, too', () => {
  const aim = "| hit, one text, awaited | ≤ 1.25 × bare, and below every peer's |";
  const page = '[hit](hit.md) |';
  expect(lineOf(targetsPage(hits(1.1)), 'one text, awaited')).toBe(
    `${aim} 1.10; best peer: lru-cache fetch, 1.20 | met | ${page}`,
  );
  expect(lineOf(targetsPage(hits(1.22)), 'one text, awaited')).toContain('| **missed** |');
  expect(lineOf(targetsPage(hits(1.3)), 'one text, awaited')).toContain('| **missed** |');
});

it('says what was not measured', () => {
  expect(lineOf(targetsPage(hits(1)), 'miss with eviction')).toContain('| not measured | [miss](miss.md) |');
});
