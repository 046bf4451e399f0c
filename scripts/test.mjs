/**
 * `npm test`: everything that has to hold before a change goes in, from a fresh clone. Goes on after a failure, sums up
 * at the end, and ends with 1 if anything failed. With CI=true a missing program is a failure, otherwise a skip. What only
 * looks at files goes on two at a time; what is timed has the computer for itself.
 * `npm test -- lint core` runs only the steps whose names contain one of the words.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install } from './bootstrap.mjs';
import { installServers } from './install-servers.mjs';
import { root, run } from './processes.mjs';

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} output what is worth reading if it failed
 * @property {string} [note] what is worth reading anyway
 */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<Outcome>} run
 * @property {boolean} [built] whether it looks at what was built, and is pointless if that failed
 */

/** How many steps that only look at files go on at the same time. */
const lanes = 2;

const node = process.execPath;
const notBuilt = { passed: 0, failed: 1, skipped: 0, output: 'not tried, as the build failed', note: undefined };
const reports = mkdtempSync(join(tmpdir(), 'memo-test-'));
const started = performance.now();

/** What is timed nowhere, and may go on beside something else: the longest first, and the build before those that need it. */
/** @type {Step[]} */
const quiet = [
  { name: 'build', run: build },
  command('lint', 'eslint', ['.', '--max-warnings', '0']),
  typesIn('types', 'tsconfig.json'),
  command('format', 'prettier', ['--check', '--log-level', 'warn', '.']),
  typesIn('types of scripts', 'scripts/tsconfig.json'),
  command('originals', node, ['scripts/check-originals.mjs']),
  command('layers', node, ['scripts/check-layers.mjs']),
  command('unused', 'knip', ['--no-progress']),
  { ...command('core without Node', node, ['scripts/check-core-bundle.mjs']), built: true },
  { ...command('bundles', node, ['scripts/check-bundles.mjs']), built: true },
  { ...command('packages', node, ['scripts/check-packages.mjs']), built: true },
];

/** What keeps both processors busy by itself, or waits for a time that another step would make longer. */
/** @type {Step[]} */
const timed = [
  tests('test-servers'),
  tests('scripts'),
  tests('packages/core'),
  tests('packages/serde'),
  tests('packages/storage-redis'),
  tests('packages/storage-memcached'),
  tests('examples'),
  tests('proof'),
  { ...tests('benchmarks'), built: true },
  { ...command('docs blocks', node, ['scripts/run-docs.mjs']), built: true },
];

/** Whether what is there was built well: true where nobody builds. */
let built = Promise.resolve(true);
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failures = [];
try {
  await install();
  for (const step of chosen([{ name: 'servers', run: servers }])) await take(step);
  await Promise.all(Array.from({ length: lanes }, lane(chosen(quiet).values())));
  for (const step of chosen(timed)) await take(step);
} catch (error) {
  total.failed++;
  console.error(error instanceof Error ? error.message : error);
} finally {
  rmSync(reports, { recursive: true, force: true });
}
summarize();

/** A program that passes or fails as a whole. @param {string} name @param {string} program @param {string[]} args @returns {Step} */
function command(name, program, args) {
  return {
    name,
    run: async () => {
      const { code, output } = await run(program, args);
      const note = code === 0 ? noteIn(output) : undefined;
      return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, output, ...(note && { note }) };
    },
  };
}

/** @param {string} name @param {string} project @returns {Step} */
function typesIn(name, project) {
  return command(name, 'tsc', ['-p', project]);
}

/** The tests of a workspace, counted one by one. @param {string} folder @returns {Step} */
function tests(folder) {
  return { name: `tests of ${folder}`, run: () => runTests(folder) };
}

/** @param {string} folder @returns {Promise<Outcome>} */
async function runTests(folder) {
  if (!existsSync(join(root, folder, 'test')))
    return { passed: 0, failed: 0, skipped: 0, output: '', note: 'has no tests' };
  const report = join(reports, `${folder.replaceAll('/', '-')}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // The tests of types are a part of what `types` compiles.
  const typecheck = chosen(quiet).some(({ name }) => name === 'types') ? ['--typecheck.enabled=false'] : [];
  const { code, output } = await run('vitest', ['run', ...typecheck, ...reporters], {
    cwd: join(root, folder),
    env: { NO_COLOR: '1' },
  });
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0, output };
  /** @type {Record<'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests', number>} */
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot be loaded, or an unhandled rejection, is no failed test, but a failure.
  const failed = code !== 0 ? Math.max(1, numFailedTests) : numFailedTests;
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests, output };
}

/** Installs missing servers; what is still missing then is skipped, or failed if nothing may be. @returns {Promise<Outcome>} */
async function servers() {
  const missing = await installServers();
  const note = missing.join('\n');
  if (missing.length === 0) return { passed: 1, failed: 0, skipped: 0, output: '' };
  if (process.env.CI === 'true') return { passed: 0, failed: missing.length, skipped: 0, output: note };
  return { passed: 1, failed: 0, skipped: 0, output: '', note };
}

/** Builds from scratch, so that nothing is left of sources that are gone. */
async function build() {
  const building = buildAnew();
  built = building.then(({ failed }) => failed === 0);
  return building;
}

async function buildAnew() {
  for (const name of readdirSync(join(root, 'packages'))) {
    rmSync(join(root, 'packages', name, 'dist'), { recursive: true, force: true });
  }
  return command('build', 'turbo', ['run', 'build', '--output-logs=errors-only']).run();
}

/** @param {readonly Step[]} steps */
function chosen(steps) {
  const words = process.argv.slice(2);
  return steps.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
}

/** Takes one step after the other, of those that no other lane has taken. @param {Iterable<Step>} steps */
function lane(steps) {
  return async () => {
    for (const step of steps) await take(step);
  };
}

/** @param {Step} step */
async function take(step) {
  const start = performance.now();
  console.log(`      ${step.name} ...`);
  const { passed, failed, skipped, output, note } = step.built && !(await built) ? notBuilt : await step.run();
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const counts = [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`];
  const line = `${step.name} (${seconds(start)}; ${counts.filter(Boolean).join(', ')})`;
  if (failed > 0) {
    failures.push(line);
    console.log(output.trimEnd());
  }
  console.log(`${failed > 0 ? 'FAIL ' : 'ok   '} ${line}`);
  if (note) console.log(note.trimEnd().replaceAll(/^/gm, '      '));
}

/** The lines of a step's output that count something: what was checked, what was left out. @param {string} output */
function noteIn(output) {
  return output
    .split('\n')
    .filter((line) => /TypeScript blocks|not run:|^layers:|without Node:|^sizes:|^skipped:/.test(line))
    .join('\n');
}

function summarize() {
  const { passed, failed, skipped } = total;
  console.log('');
  if (failures.length > 0) console.log(`Failed:\n${failures.map((line) => `  ${line}`).join('\n')}`);
  console.log(`${seconds(started)} in all${skipped > 0 ? `, ${skipped} tests skipped` : ''}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** @param {number} since */
function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
