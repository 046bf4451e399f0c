import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders that hold servers but are missing from the `PATH` of some shells. */
const furtherFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
const announced = new Set<string>();

/** Whether a program can be started by its name. */
export function available(program: string): boolean {
  return pathOf(program) !== undefined;
}

/**
 * Whether tests that need a program have to be skipped: `describe.skipIf(lacks('redis-server'))`.
 * Says so in one line; with `CI=true` a missing program is an error instead.
 */
export function lacks(program: string): boolean {
  if (available(program)) return false;
  const reason = `"${program}" is not installed`;
  if (process.env['CI'] === 'true') throw new Error(`${reason}, and with CI=true no test may be skipped: install it.`);
  if (!announced.has(program)) {
    announced.add(program);
    process.stderr.write(`skipped: ${reason}; install it to run the tests that need it\n`);
  }
  return true;
}

/** Where a program lies, `undefined` if nowhere. */
export function pathOf(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...furtherFolders];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
