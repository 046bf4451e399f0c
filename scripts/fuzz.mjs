/** `npm run fuzz`: puts the program of packages/serde/test/fuzz together from its sources and runs it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root, run } from './processes.mjs';

const serde = join(root, 'packages', 'serde');
// Where it finds the packages that the sources import, which are not put into it.
const folder = mkdtempSync(join(serde, 'node_modules', '.fuzz-'));
try {
  const program = join(folder, 'fuzz.mjs');
  await build({
    entryPoints: [join(serde, 'test', 'fuzz', 'main.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  });
  process.exitCode = (await run(process.execPath, [program, ...process.argv.slice(2)], { shown: true })).code;
} finally {
  rmSync(folder, { recursive: true });
}
