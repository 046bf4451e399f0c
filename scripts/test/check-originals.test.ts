import { describe, expect, it } from 'vitest';
import { checkTable } from '../check-originals.mjs';

const file = 'packages/core/test/originals/original.test.ts';
const tests = new Set([
  `${file} > mended > A1: works`,
  `${file} > fails there > A1: works`,
  `${file} > mended > A2: works`,
]);

type Entries = Parameters<typeof checkTable>[0]['groups'][number]['entries'];

function check(entries: Entries, options: { readonly count?: number; readonly each?: string[] } = {}) {
  const group = { name: 'defects', count: Object.keys(entries).length, in: file, entries, ...options };
  return checkTable({ original: 'original 1.0', groups: [group] }, tests);
}

const waiting = { name: 'regions', for: 'the door by key', count: 2, entries: ['B1', 'B2'] };

describe('the check of the originals', () => {
  it('prints what became of each entry, and counts', () => {
    const { lines, faults, tested, reasoned } = check({
      A1: ['mended > A1: works', 'fails there > A1: works'],
      A2: 'mended > A2: works',
      A3: { reason: 'Cannot be here.' },
    });
    expect(lines).toEqual([
      '',
      `original 1.0: defects → ${file}`,
      '  A1',
      '    → mended > A1: works',
      '    → fails there > A1: works',
      '  A2',
      '    → mended > A2: works',
      '  A3',
      '    → Cannot be here.',
    ]);
    expect([faults, tested, reasoned]).toEqual([[], 2, 1]);
  });

  it('finds each test in each of several places', () => {
    const places = [`${file} > mended`, `${file} > fails there`];
    const check = (entries: Entries) =>
      checkTable({ original: 'original 1.0', groups: [{ name: 'defects', count: 1, in: places, entries }] }, tests);
    const { lines, faults, tested } = check({ A1: 'A1: works' });
    expect(lines[1]).toBe(`original 1.0: defects → ${file} > mended, ${file} > fails there`);
    expect([faults, tested]).toEqual([[], 1]);
    expect(check({ A2: 'A2: works' }).faults).toEqual([
      `original 1.0: A2: there is no test "A2: works" in ${file} > fails there`,
    ]);
  });

  it('lists what waits, and counts it apart', () => {
    const { lines, faults, tested, waits } = checkTable(
      { original: 'original 1.0', groups: [], waiting: [waiting] },
      tests,
    );
    expect(lines).toEqual(['', 'original 1.0: regions, waiting for the door by key', '  B1, B2']);
    expect([faults, tested, waits]).toEqual([[], 0, 2]);
  });

  it.each<[title: string, waiting: Partial<typeof waiting>, fault: string]>([
    ['a lost entry that waits', { count: 3 }, 'original 1.0: regions has 3 entries, the table names 2'],
    ['what waits for nothing', { for: ' ' }, 'original 1.0: regions does not say what it waits for'],
    ['what waits although it was built', { entries: ['B1', 'A1'] }, 'original 1.0: A1 waits, and has been built'],
  ])('finds %s', (_, wrong, fault) => {
    const group = { name: 'defects', count: 1, in: file, entries: { A1: 'mended > A1: works' } };
    const table = { original: 'original 1.0', groups: [group], waiting: [{ ...waiting, ...wrong }] };
    expect(checkTable(table, tests).faults).toEqual([fault]);
  });

  it.each<[title: string, entries: Entries, options: Parameters<typeof check>[1], fault: string]>([
    [
      'a lost entry',
      { A1: 'mended > A1: works' },
      { count: 2 },
      'original 1.0: defects has 2 entries, the table names 1',
    ],
    [
      'a test that is not there',
      { A2: ['mended > A2: works', 'mended > A2: gone'] },
      {},
      `original 1.0: A2: there is no test "mended > A2: gone" in ${file}`,
    ],
    ['no tests at all', { A1: [] }, {}, 'original 1.0: A1: has neither a test nor a reason'],
    ['an empty reason', { A1: { reason: ' ' } }, {}, 'original 1.0: A1: has an empty reason'],
    [
      'no test in a suite where each entry has one',
      { A2: 'mended > A2: works' },
      { each: ['mended', 'fails there'] },
      'original 1.0: A2: has no test in the suite "fails there"',
    ],
  ])('finds %s', (_, entries, options, fault) => {
    expect(check(entries, options).faults).toEqual([fault]);
  });
});
