import { expect, it } from 'vitest';
import { oneLoad } from '../src/claims/one-load.js';
import { markdown, type Report } from '../src/report.js';

const reportOf = (...violations: readonly string[]): string => {
  const trial = { storage: 'redis', amount: 20, seed: 7 } as const;
  const tried: Report['tried'] = [
    { trial, finding: { rows: [{ rounds: 20, loads: 20 }], violations }, duration: 12_345 },
    {
      trial: { ...trial, storage: 'memcached' },
      finding: { rows: [{ rounds: 20, loads: 20 }], violations: [] },
      duration: 9_876,
    },
  ];
  return markdown({
    claim: oneLoad,
    tried,
    command: 'npm run prove -- one-load',
    date: new Date('2026-01-02T03:04:05Z'),
  });
};

it('tells what was claimed, how it was tried, by which command, when and where, and what was found', () => {
  const [title, method, origin, verdict, table] = reportOf().split('\n\n');
  expect(title).toBe('# A cold key is loaded once, however many processes ask.');
  expect(method).toBe(oneLoad.method);
  expect(origin).toMatch(/^`npm run prove -- one-load`, 2026-01-02, on Node [\d.]+, \d+ x .+\.$/);
  expect(verdict).toBe('No violations.');
  expect(table).toBe(
    [
      '| storage   | rounds | loads | violations | seed | duration, s |',
      '| --------- | -----: | ----: | ---------: | ---: | ----------: |',
      '| redis     |     20 |    20 |          0 |    7 |          12 |',
      '| memcached |     20 |    20 |          0 |    7 |          10 |',
      '',
    ].join('\n'),
  );
});

it('ends with what else is worth knowing', () => {
  const finding = { rows: [{ rounds: 1 }], violations: [], note: 'Faults: 2 × killed.' };
  const tried = [{ trial: { storage: 'redis', amount: 1, seed: 1 }, finding, duration: 1 }] as const;
  const text = markdown({ claim: oneLoad, tried, command: 'npm run prove', date: new Date() });
  expect(text.split('\n\n').at(-1)).toBe('On redis: Faults: 2 × killed.\n');
});

it('tells the first violations', () => {
  expect(reportOf('LOADS a was loaded 2 times')).toContain(
    '**1 violations**, of which the first are:\n\n- LOADS a was loaded 2 times\n\n| storage',
  );
  const many = reportOf(...Array.from({ length: 30 }, (_, index) => `VIOLATION ${index}`));
  expect(many).toContain('**30 violations**');
  expect(many).toContain('- VIOLATION 19\n');
  expect(many).not.toContain('VIOLATION 20');
});
