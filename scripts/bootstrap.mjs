/**
 * Makes a fresh clone ready with Node and npm alone: installs the dependencies unless they are those of the lockfile,
 * then builds the workspaces named as arguments (and what they need). Uses nothing that has to be installed first.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun, root } from './processes.mjs';

const stamp = join(root, 'node_modules', '.memo-installed');

/** Installs the dependencies if they are not there or are not those of the lockfile. */
export async function install() {
  requireNode();
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing the dependencies ...');
  // By npx, as a pnpm of any other version, or none, may be installed here.
  await mustRun('npx', ['-y', pnpm(), 'install', '--frozen-lockfile'], { shown: true });
  writeFileSync(stamp, wanted);
}

/**
 * Builds workspaces and everything they import.
 *
 * @param {readonly string[]} names names of packages; all workspaces if there are none
 */
export async function build(names) {
  const filters = names.map((name) => `--filter=${name}...`);
  await mustRun('turbo', ['run', 'build', '--output-logs=errors-only', ...filters]);
}

function pnpm() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`memo needs Node 20.19 or later, this is ${process.versions.node}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await install();
    const names = process.argv.slice(2);
    if (names.length > 0) await build(names);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
