import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);

/** What a program has written. */
export interface Written {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program, written in TypeScript over the sources, in a process of its own until that ends by itself.
 *
 * @param options - of Node.
 * @param timeout - milliseconds after which it is ended, which is a failure.
 */
export async function runInOwnProcess(source: URL, options: readonly string[], timeout: number): Promise<Written> {
  const folder = await mkdtemp(join(tmpdir(), 'memo-process-'));
  try {
    const program = join(folder, 'program.mjs');
    await build({
      entryPoints: [fileURLToPath(source)],
      outfile: program,
      bundle: true,
      format: 'esm',
      platform: 'node',
      conditions: ['@memo/source'],
    });
    return await run(process.execPath, [...options, program], { timeout });
  } finally {
    await rm(folder, { recursive: true });
  }
}
