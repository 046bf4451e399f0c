import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const run = promisify(execFile);

it('keeps no process alive and leaves no rejection unhandled (I10)', { timeout: 20_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'memo-process-'));
  try {
    const program = join(folder, 'lonely.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('lonely.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['@memo/source'],
    });
    // Two minutes of timers are set when the program is done: ending within ten seconds means that none was waited for.
    const { stdout, stderr } = await run(process.execPath, ['--unhandled-rejections=strict', program], {
      timeout: 10_000,
    });
    expect(stdout).toBe('done');
    expect(stderr).toContain('met a fault (refresh-failed)');
  } finally {
    await rm(folder, { recursive: true });
  }
});
