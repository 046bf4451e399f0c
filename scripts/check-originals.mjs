/**
 * Nothing of the originals is lost: every one of their tests and every defect of theirs has a test of ours, or a reason
 * why there is none; what is not built yet is listed as waiting. Reads the tables `packages/…/test/originals/*.json`,
 * lists the tests that vitest would run, and prints for each entry what became of it. Ends with 1 if an entry is missing,
 * leads nowhere, or says nothing.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun, root } from './processes.mjs';

/**
 * What became of one original: a table per file.
 *
 * @typedef {object} Table
 * @property {string} original the original and its version
 * @property {Group[]} groups
 * @property {Waiting[]} [waiting] what is not built yet
 */

/**
 * @typedef {object} Group
 * @property {string} name what its entries have in common, such as their file in the original
 * @property {number} count how many entries there are in the original, so that none is lost here
 * @property {string | string[]} in what all its titles begin with: a file from the root of the repository, ` > `, suites;
 *   of several, each has all these tests
 * @property {string[]} [each] suites in each of which an entry must have a test
 * @property {Record<string, Ours>} entries by their names in the original
 */

/**
 * Entries that have no tests of ours, because what they are about is not there yet.
 *
 * @typedef {object} Waiting
 * @property {string} name what they have in common
 * @property {string} for what they wait for
 * @property {number} count how many there are in the original
 * @property {string[]} entries their names in the original
 */

/** Titles of tests below `in` of the group, or why there is no test. @typedef {string | string[] | { reason: string }} Ours */

/**
 * Checks a table against the tests that exist.
 *
 * @param {Table} table
 * @param {ReadonlySet<string>} tests all tests that would run, each as file and titles joined by ` > `
 * @returns {{ lines: string[], faults: string[], tested: number, reasoned: number, waits: number }} `lines`: the table to
 *   be printed
 */
export function checkTable({ original, groups, waiting = [] }, tests) {
  /** @type {string[]} */
  const lines = [];
  /** @type {string[]} */
  const faults = [];
  let [tested, reasoned] = [0, 0];
  for (const group of groups) {
    lines.push('', `${original}: ${group.name} → ${placesOf(group).join(', ')}`);
    const entries = Object.entries(group.entries);
    if (entries.length !== group.count) {
      faults.push(`${original}: ${group.name} has ${group.count} entries, the table names ${entries.length}`);
    }
    for (const [name, ours] of entries) {
      const reason = reasonIn(ours);
      lines.push(`  ${name}`, ...(reason === undefined ? titlesIn(ours) : [reason]).map((line) => `    → ${line}`));
      faults.push(...faultsOf(group, ours, tests).map((fault) => `${original}: ${name}: ${fault}`));
      if (reason === undefined) tested++;
      else reasoned++;
    }
  }
  for (const entries of waiting) {
    lines.push('', `${original}: ${entries.name}, waiting for ${entries.for}`, `  ${entries.entries.join(', ')}`);
    faults.push(...faultsOfWaiting(entries, groups).map((fault) => `${original}: ${fault}`));
  }
  const waits = waiting.reduce((sum, { entries }) => sum + entries.length, 0);
  return { lines, faults, tested, reasoned, waits };
}

/** @param {Waiting} waiting @param {readonly Group[]} groups @returns {string[]} */
function faultsOfWaiting({ name, for: what, count, entries }, groups) {
  const built = new Set(groups.flatMap((group) => Object.keys(group.entries)));
  return [
    ...(what.trim() === '' ? [`${name} does not say what it waits for`] : []),
    ...(entries.length === count ? [] : [`${name} has ${count} entries, the table names ${entries.length}`]),
    ...entries.filter((entry) => built.has(entry)).map((entry) => `${entry} waits, and has been built`),
  ];
}

/** @param {Group} group @param {Ours} ours @param {ReadonlySet<string>} tests @returns {string[]} */
function faultsOf(group, ours, tests) {
  const reason = reasonIn(ours);
  if (reason !== undefined) return reason.trim() === '' ? ['has an empty reason'] : [];
  const titles = titlesIn(ours);
  if (titles.length === 0) return ['has neither a test nor a reason'];
  const missing = placesOf(group).flatMap((place) =>
    titles
      .filter((title) => !tests.has(`${place} > ${title}`))
      .map((title) => `there is no test "${title}" in ${place}`),
  );
  const untested = (group.each ?? []).filter((suite) => !titles.some((title) => title.startsWith(`${suite} > `)));
  return [...missing, ...untested.map((suite) => `has no test in the suite "${suite}"`)];
}

/** Where the tests of a group are. @param {Group} group @returns {string[]} */
function placesOf(group) {
  return typeof group.in === 'string' ? [group.in] : group.in;
}

/** @param {Ours} ours */
function reasonIn(ours) {
  return typeof ours === 'object' && 'reason' in ours ? ours.reason : undefined;
}

/** @param {Ours} ours @returns {string[]} */
function titlesIn(ours) {
  if (typeof ours === 'string') return [ours];
  return Array.isArray(ours) ? ours : [];
}

/** All tables of the repository. @returns {Table[]} */
function tables() {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name, 'test', 'originals'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
}

/**
 * The tests that would run in the files which tables name; skipped ones are not among them.
 *
 * @param {readonly Table[]} read
 * @returns {Promise<Set<string>>}
 */
async function testsNamedIn(read) {
  const files = read.flatMap(({ groups }) => groups.flatMap(placesOf)).map((place) => place.split(' > ')[0] ?? '');
  const packages = new Set(files.map((file) => file.split('/').slice(0, 2).join('/')));
  const listed = await Promise.all([...packages].map((folder) => testsIn(folder, files)));
  return new Set(listed.flat());
}

/** @param {string} folder of a package @param {readonly string[]} files @returns {Promise<string[]>} */
async function testsIn(folder, files) {
  const here = new Set(files.filter((file) => file.startsWith(`${folder}/`) && existsSync(join(root, file))));
  if (here.size === 0) return [];
  const report = join(mkdtempSync(join(tmpdir(), 'memo-originals-')), 'tests.json');
  try {
    const paths = [...here].map((file) => relative(folder, file));
    await mustRun('vitest', ['list', ...paths, `--json=${report}`], { cwd: join(root, folder) });
    /** @type {{ name: string, file: string }[]} */
    const tests = JSON.parse(readFileSync(report, 'utf8'));
    return tests.map(({ name, file }) => `${relative(root, file)} > ${name}`);
  } finally {
    rmSync(dirname(report), { recursive: true });
  }
}

async function main() {
  const read = tables();
  if (read.length === 0) throw new Error('There is no table in packages/…/test/originals.');
  const tests = await testsNamedIn(read);
  const checked = read.map((table) => ({ ...checkTable(table, tests), original: table.original }));
  for (const { lines } of checked) console.log(lines.join('\n'));
  console.log('');
  const faults = checked.flatMap((table) => table.faults);
  for (const fault of faults) console.error(fault);
  for (const { original, tested, reasoned, waits } of checked) {
    console.log(
      `originals: ${original}: ${tested + reasoned + waits} entries, ${tested} with tests of ours, ` +
        `${reasoned} with a reason, ${waits} waiting for what is not built yet`,
    );
  }
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
