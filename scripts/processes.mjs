/** Starting other programs: where they run, what they find on their `PATH`, what became of them. */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs a program to its end. Its output is collected, or goes straight to the terminal with `shown`.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, shown?: boolean, limit?: number }} [options] `limit`: milliseconds
 * @returns {Promise<{ code: number, output: string }>} `code` is not 0 if it failed, was ended by a signal or is missing
 */
export function run(program, args, { cwd = root, env = {}, shown = false, limit } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, PATH: searchPath(), TURBO_TELEMETRY_DISABLED: '1', ...env },
      stdio: shown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      timeout: limit,
      killSignal: 'SIGKILL',
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
    }
    child.once('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.once('close', (code, signal) => {
      if (signal !== null) output += `\nended by ${signal}${limit === undefined ? '' : ` (limit: ${limit} ms)`}\n`;
      resolve({ code: code ?? 1, output });
    });
  });
}

/** Like `run`, but a failure is an error. */
export async function mustRun(/** @type {Parameters<typeof run>} */ ...[program, args, options]) {
  const { code, output } = await run(program, args, options);
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code}\n${output}`);
  return output;
}

function searchPath() {
  return [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
}
