/**
 * The programs that the tests need besides Node: finds out which are missing and installs them with the system's
 * package manager where that is allowed. No service is left running; the tests start their own.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './processes.mjs';

/**
 * A program, what needs it, the packages it comes in, and the service that the package of apt starts, if it does.
 *
 * @typedef {{ program: string, uses: string, apt: string, brew: string, service?: string }} Program
 */

/** @type {readonly Program[]} */
const programs = [
  {
    program: 'redis-server',
    uses: 'the tests of @memo/storage-redis',
    apt: 'redis-server',
    brew: 'redis',
    service: 'redis-server',
  },
  {
    program: 'memcached',
    uses: 'the tests of @memo/storage-memcached',
    apt: 'memcached',
    brew: 'memcached',
    service: 'memcached',
  },
  {
    program: 'saslpasswd2',
    uses: 'the tests of Memcached with passwords',
    apt: 'sasl2-bin',
    brew: 'cyrus-sasl',
    service: 'saslauthd',
  },
  { program: 'gzip', uses: 'the tests that exchange streams with gzip', apt: 'gzip', brew: 'gzip' },
  { program: 'bzip2', uses: 'the tests that exchange streams with bzip2', apt: 'bzip2', brew: 'bzip2' },
  { program: 'brotli', uses: 'the tests that exchange streams with brotli', apt: 'brotli', brew: 'brotli' },
  { program: 'zstd', uses: 'the tests that exchange streams with zstd', apt: 'zstd', brew: 'zstd' },
  { program: 'python3', uses: "the tests that exchange streams with Python's bz2", apt: 'python3', brew: 'python' },
];

/**
 * Installs what is missing if that is allowed.
 *
 * @returns {Promise<string[]>} one line for each program that is still missing: what to install, what is skipped, why
 */
export async function installServers() {
  const manager = await packageManager();
  const missing = programs.filter(({ program }) => !isInstalled(program));
  if (missing.length > 0 && manager.install) await manager.install(missing);
  return programs.filter(({ program }) => !isInstalled(program)).map((entry) => sentence(entry, manager));
}

/**
 * @typedef {object} PackageManager
 * @property {'apt' | 'brew'} packages which packages to name
 * @property {string} command what a person would type
 * @property {string} [whyNot] why we do not do it ourselves
 * @property {(missing: readonly Program[]) => Promise<void>} [install]
 */

/** @returns {Promise<PackageManager>} */
async function packageManager() {
  if (isInstalled('brew')) return { packages: 'brew', command: 'brew install', install: installByBrew };
  const command = 'sudo apt-get install';
  if (!isInstalled('apt-get')) return { packages: 'apt', command, whyNot: 'there is no apt-get and no brew here' };
  if (process.getuid?.() === 0) return { packages: 'apt', command, install: (missing) => installByApt([], missing) };
  if (isInstalled('sudo') && (await run('sudo', ['-n', 'true'])).code === 0) {
    return { packages: 'apt', command, install: (missing) => installByApt(['sudo', '-n'], missing) };
  }
  return { packages: 'apt', command, whyNot: 'it needs root or a sudo without password' };
}

/** @param {Program} entry @param {PackageManager} manager */
function sentence({ program, uses, ...packages }, { packages: kind, command, whyNot = 'installing it failed' }) {
  return `"${program}" is missing (${whyNot}): ${uses} are skipped; install it by: ${command} ${packages[kind]}`;
}

/** @param {readonly Program[]} missing */
async function installByBrew(missing) {
  await show(['brew', 'install', ...missing.map(({ brew }) => brew)]);
}

/** @param {readonly string[]} asRoot @param {readonly Program[]} missing */
async function installByApt(asRoot, missing) {
  // RUNLEVEL=1 keeps the packages' scripts from starting services where System V scripts do so.
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get'];
  await show([...apt, 'update', '-qq']);
  const code = await show([
    ...apt,
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    ...missing.map(({ apt }) => apt),
  ]);
  if (code === 0) await stopServices(asRoot, missing);
}

/** Stops what the installation that we asked for has started. */
async function stopServices(/** @type {readonly string[]} */ asRoot, /** @type {readonly Program[]} */ installed) {
  for (const { service } of installed) {
    if (service === undefined) continue;
    if (existsSync('/run/systemd/system')) await show([...asRoot, 'systemctl', 'disable', '--now', service]);
    else if (existsSync(`/etc/init.d/${service}`)) await show([...asRoot, 'service', service, 'stop']);
  }
}

/** Prints a command, then runs it. */
async function show(/** @type {readonly string[]} */ command) {
  console.log(`$ ${command.join(' ')}`);
  const [program = '', ...args] = command;
  const { code, output } = await run(program, args);
  if (code !== 0) console.log(output.trimEnd());
  return code;
}

function isInstalled(/** @type {string} */ program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
