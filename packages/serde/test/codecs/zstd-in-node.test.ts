import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as zlib from 'node:zlib';
import { expect, it } from 'vitest';

/** A Node whose `node:zlib` has Zstandard: this one, else one of the registry. */
const node = 'zstdCompress' in zlib ? [process.execPath] : ['npx', '-y', 'node@22.23.3'];

interface Results {
  readonly numFailedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly Result[] }[];
}

interface Result {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages?: readonly string[];
}

it('zstd passes the same tests where node:zlib has it', { timeout: 240_000 }, async () => {
  const vitest = fileURLToPath(new URL('../../../../node_modules/vitest/vitest.mjs', import.meta.url));
  const [command = '', ...before] = node;
  const tests = ['test/codecs/zstd.test.ts', 'test/codecs/fixtures.test.ts'];
  const child = spawn(command, [...before, vitest, 'run', ...tests, '--no-typecheck', '--reporter=json'], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_OPTIONS)/.test(name))),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = await text(child.stdout);
  const results = JSON.parse(output.slice(output.indexOf('{'))) as Results;
  const all = results.testResults.flatMap(({ assertionResults }) => assertionResults);
  expect(all.filter(({ status }) => status !== 'passed')).toStrictEqual([]);
  expect(all.filter(({ fullName }) => fullName.includes('by node:zlib')).length).toBeGreaterThan(80);
});
