/**
 * Checks what would be published: packs each package, lints the tarball, installs all of them as a user would, imports
 * every entry under plain Node, and compiles small programs against them with each version of TypeScript that is supported.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { mustRun, root, run } from './processes.mjs';

/** @typedef {{ folder: string, name: string, tarball: string, entries: string[] }} Package */

const compilers = {
  5.9: join(root, 'scripts', 'node_modules', 'typescript5', 'bin', 'tsc'),
  '6.0': join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
  '7.0': join(root, 'scripts', 'node_modules', 'typescript7', 'bin', 'tsc'),
};

/** Programs of consumers, and what they can count on beside the packages. */
const consumers = [
  { program: 'core.ts', types: [], lib: ['ES2022', 'DOM'] },
  { program: 'shared.ts', types: ['node'], lib: ['ES2022'] },
];

const workplace = mkdtempSync(join(tmpdir(), 'memo-packages-'));
let failed = 0;
try {
  const packages = await packAll();
  for (const published of packages) await lint(published);
  await installAll(packages);
  for (const published of packages) for (const entry of published.entries) await importEntry(published, entry);
  for (const { program, types, lib } of consumers) {
    for (const resolution of ['nodenext', 'bundler']) await compile(program, types, lib, resolution);
  }
} finally {
  rmSync(workplace, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

/** @param {string} what @param {{ code: number, output: string }} result */
function report(what, { code, output }) {
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${what}`);
  if (code === 0) return;
  failed++;
  console.log(output.trimEnd().replaceAll(/^/gm, '       '));
}

/** @returns {Promise<Package[]>} */
async function packAll() {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  const packages = [];
  for (const folder of folders) {
    const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const output = await mustRun('pnpm', ['pack', '--json', '--pack-destination', workplace], { cwd: folder });
    const { filename } = JSON.parse(output.slice(output.indexOf('{')));
    const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
    packages.push({ folder, name, tarball: join(workplace, basename(filename)), entries });
  }
  return packages;
}

/** @param {Package} published */
async function lint({ name, tarball }) {
  report(`${name}: publint`, await run('publint', ['run', tarball, '--strict']));
  report(`${name}: types resolve`, await run('attw', [tarball, '--profile', 'esm-only', '--no-color']));
  report(`${name}: contents`, contentsOf(await mustRun('tar', ['-tzf', tarball])));
}

/** What must, and what must not be in a tarball. @param {string} list */
function contentsOf(list) {
  const files = list.split('\n').map((path) => path.replace(/^package\//, ''));
  const missing = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts'].filter(
    (path) => !files.includes(path),
  );
  const stray = files.filter((path) => /tsbuildinfo|^test\/|node_modules|\.test\./.test(path));
  return { code: missing.length + stray.length, output: `missing: ${missing.join(', ')}\nstray: ${stray.join(', ')}` };
}

/** @param {readonly Package[]} packages */
async function installAll(packages) {
  const dependencies = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const peers = Object.assign({}, ...packages.map(({ folder }) => peersOf(folder)));
  writeFileSync(
    join(workplace, 'package.json'),
    JSON.stringify({
      private: true,
      type: 'module',
      dependencies: { ...peers, '@types/node': '^20', ...dependencies },
    }),
  );
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', '--loglevel=error'];
  report('all tarballs install together', await run('npm', args, { cwd: workplace, limit: 120_000 }));
}

/** The other projects' packages that a package wants beside it. @param {string} folder */
function peersOf(folder) {
  const { peerDependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.fromEntries(Object.entries(peerDependencies).filter(([name]) => !name.startsWith('@memo/')));
}

/** @param {Package} published @param {string} entry */
async function importEntry({ folder, name }, entry) {
  const specifier = entry === '.' ? name : `${name}/${entry.slice(2)}`;
  const names = valuesExportedBy(sourceOf(folder, entry));
  const script = [
    `const imported = Object.keys(await import('${specifier}')).sort().join();`,
    `if (imported !== '${names.join()}') throw new Error('exports ' + imported + ' instead of ${names.join()}');`,
  ].join('\n');
  const result = await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: workplace,
    limit: 20_000,
  });
  report(`import '${specifier}': ${names.length} names`, result);
  const byRequire = await run(process.execPath, ['--input-type=commonjs', '--eval', `require('${specifier}')`], {
    cwd: workplace,
    limit: 20_000,
  });
  report(`require('${specifier}')`, byRequire);
}

/** @param {string} folder @param {string} entry @returns {string} */
function sourceOf(folder, entry) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, exports[entry]['@memo/source']);
}

/** Names of the values, not the types, that a module exports. @param {string} file */
function valuesExportedBy(file) {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    customConditions: ['@memo/source'],
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const symbol = source && checker.getSymbolAtLocation(source);
  if (!symbol) return [];
  return checker
    .getExportsOfModule(symbol)
    .filter((found) => {
      const original = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
      return (original.flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(found);
    })
    .map(({ name }) => name)
    .sort();
}

/** @param {ts.Symbol} symbol */
function isTypeOnly(symbol) {
  return (
    symbol.declarations?.every((node) => ts.isExportSpecifier(node) && ts.isTypeOnlyExportDeclaration(node)) ?? false
  );
}

/** @param {string} program @param {string[]} types @param {string[]} lib @param {string} resolution */
async function compile(program, types, lib, resolution) {
  const folder = join(workplace, `${basename(program, '.ts')}-${resolution}`);
  mkdirSync(folder);
  cpSync(join(root, 'scripts', 'consumer', program), join(folder, program));
  const modules = { nodenext: { module: 'NodeNext' }, bundler: { module: 'ESNext', moduleResolution: 'Bundler' } };
  const compilerOptions = {
    ...modules[/** @type {keyof typeof modules} */ (resolution)],
    target: 'ES2022',
    lib,
    types,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [program] }));
  for (const [version, compiler] of Object.entries(compilers)) {
    if (!existsSync(compiler)) throw new Error(`TypeScript ${version} is not installed: ${compiler}`);
    report(
      `${program} (${resolution}) with TypeScript ${version}`,
      await run(process.execPath, [compiler, '-p', folder]),
    );
  }
}
