import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import type { Result } from '../src/reports/result.js';

const run = promisify(execFile);
/** As `npm run bench` does it: what is measured is what was built. */
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'memo-benchmarks-'));
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

afterEach(() => rmSync(folder, { recursive: true }));

it('measures all contenders, each in its own process, and keeps data, a page, charts and targets', async () => {
  await run(process.execPath, [program, 'miss', '--quick', '--results', folder]);
  expect(readdirSync(folder).toSorted()).toEqual(['data', 'miss.md', 'miss.svg', 'targets.md']);

  const { sections } = JSON.parse(read('data/miss.json')) as Result;
  const rows = sections[0]!.rows;
  expect(rows.map(({ name }) => name)).toEqual([
    ...['lru-cache get', 'memo', 'lru-cache fetch', 'layered-loader', 'async-cache-dedupe', 'p-memoize', 'ocache'],
    ...['cache-manager', 'cachified', 'cacheable', 'bentocache', 'moize'],
  ]);
  expect(rows[0]!.values).toMatchObject({ ratio: 1, ratioP10: 1, ratioP90: 1 });
  for (const { name, values } of rows) {
    expect(values['median'], name).toBeGreaterThan(10);
    expect(values['p10'], name).toBeLessThanOrEqual(values['median']!);
    expect(values['p90'], name).toBeGreaterThanOrEqual(values['median']!);
  }
  expect(read('miss.md')).toMatch(/^# A miss with eviction\n.*\| +median ns \| +p10 \| +p90 \| × get and set \|/s);
  expect(read('miss.md')).toContain('- keyv: has no bound of its own');
  expect(read('miss.svg')).toMatch(/^<svg .*<rect class="bar memo".*<\/svg>\n$/s);
  expect(read('targets.md')).toMatch(/\| miss with eviction .*\| +(met|\*\*missed\*\*) /);
});
