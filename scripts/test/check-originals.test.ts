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
