/**
 * Compiles every TypeScript block of README and docs against the built packages and runs it in a process of its own.
 * How a block says that it needs something or cannot run: CONTRIBUTING.md and scripts/markdown-blocks.mjs.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, relative } from 'node:path';
import ts from 'typescript';
import { blocksOf } from './markdown-blocks.mjs';
import { root, run } from './processes.mjs';

/** @typedef {import('./markdown-blocks.mjs').Block} Block */

const limit = 30_000;
const docs = join(root, 'docs');
const folder = join(docs, '.blocks');
const compiled = join(folder, 'compiled');

/** Servers that blocks get when they name the variable that tells where the server is. */
const servers = [
  { variable: 'REDIS_URL', program: 'redis-server', start: 'startRedis' },
  { variable: 'MEMCACHED_URL', program: 'memcached', start: 'startMemcached' },
];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const blocks = markdownFiles().flatMap((file) => blocksOf(file, readFileSync(join(root, file), 'utf8')));
const failures = compile();
const compiling = blocks.length - failures.size;
const { environment, missing, stop } = await startServers();
/** @type {Map<string, number>} */
const notRun = new Map();
let ran = 0;
try {
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker(blocks.entries())));
} finally {
  await stop();
}
for (const [block, message] of failures) console.error(`${block.file}:${block.line}\n${message.trimEnd()}\n`);
console.log(`${blocks.length} TypeScript blocks: ${compiling} compiled, ${ran} run`);
for (const [reason, count] of notRun) console.log(`  ${count} not run: ${reason}`);
if (failures.size > 0) console.log(`  ${failures.size} failed`);
else rmSync(folder, { recursive: true, force: true });
process.exitCode = failures.size === 0 ? 0 : 1;

function markdownFiles() {
  const patterns = ['*.md', 'packages/*/README.md', 'docs/**/*.md', 'examples/*.md', 'benchmarks/*.md'];
  return patterns.flatMap((pattern) => filesMatching(pattern)).filter((file) => !file.includes('node_modules'));
}

/** Node 20 has no `fs.globSync`: TypeScript knows the same patterns. @param {string} pattern */
function filesMatching(pattern) {
  const found = ts.sys.readDirectory(root, ['.md'], ['**/node_modules', '**/dist'], [pattern]);
  return found.map((path) => relative(root, path)).sort();
}

/** Writes and compiles all blocks at once. @returns {Map<Block, string>} what is wrong with those that do not compile */
function compile() {
  const files = new Map(blocks.map((block) => [pathOf(block), block]));
  for (const [path, block] of files) writeFileSync(path, moduleOf(block).join('\n'));
  const program = ts.createProgram([...files.keys()], compilerOptions());
  const errors = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  /** @type {Map<Block, string>} */
  const failures = new Map();
  for (const error of errors) {
    const text = ts.flattenDiagnosticMessageText(error.messageText, '\n');
    const block = error.file && files.get(error.file.fileName);
    if (!error.file || !block) throw new Error(`${error.file?.fileName ?? 'docs'}: ${text}`);
    const { line } = error.file.getLineAndCharacterOfPosition(error.start ?? 0);
    const earlier = moduleOf(block).length - block.text.split('\n').length - 1;
    failures.set(block, `${failures.get(block) ?? ''}  line ${block.line + line - earlier}: ${text}\n`);
  }
  return failures;
}

/** @returns {ts.CompilerOptions} */
function compilerOptions() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...config.compilerOptions,
      customConditions: [],
      declaration: false,
      declarationMap: false,
      sourceMap: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      rootDir: docs,
      outDir: compiled,
    },
    root,
  );
  return { ...options, typeRoots: [join(root, 'node_modules', '@types')] };
}

/** @param {Block} block */
function pathOf({ file, line }) {
  return join(folder, `${file.replaceAll(/[\\/.]/g, '-')}-${line}.ts`);
}

/** The lines of a block as a module: what it uses, what it continues, itself. @param {Block} block @returns {string[]} */
function moduleOf(block) {
  const parts = [...chainOf(block)];
  const names = [...new Set(parts.flatMap(({ preambles }) => preambles))];
  return [...names.map(importOfAll), ...parts.map(({ text }) => text), 'export {};'].join('\n').split('\n');
}

/** A block and, before it, those that it continues. @param {Block} block @returns {Block[]} */
function chainOf(block) {
  return block.continued ? [...chainOf(block.continued), block] : [block];
}

/** An import of everything that a module of docs/blocks/ exports. @param {string} name */
function importOfAll(name) {
  const path = join(docs, 'blocks', `${name}.ts`);
  if (!existsSync(path)) throw new Error(`<!-- with: ${name} -->: there is no docs/blocks/${name}.ts`);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const exported = source.statements.filter((node) => ts.canHaveModifiers(node) && isExported(node));
  return `import { ${exported.flatMap(namesIn).join(', ')} } from '../blocks/${name}.js';`;
}

/** @param {ts.HasModifiers} node */
function isExported(node) {
  return ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** @param {ts.Statement} node @returns {string[]} */
function namesIn(node) {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText());
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return [`type ${node.name.text}`];
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) return [node.name?.text ?? ''];
  return [];
}

/** Starts the servers that blocks name, if they are installed. */
async function startServers() {
  const wanted = servers.filter(({ variable }) => blocks.some((block) => moduleOf(block).join().includes(variable)));
  /** @type {import('@memo/test-servers').Server[]} */
  const started = [];
  /** @type {Record<string, string>} */
  const environment = {};
  /** @type {Map<string, string>} */
  const missing = new Map();
  const testServers = await import('@memo/test-servers');
  for (const { variable, program, start } of wanted) {
    if (testServers.lacks(program)) {
      missing.set(variable, `"${program}" is not installed`);
      continue;
    }
    const server = await testServers[/** @type {'startRedis' | 'startMemcached'} */ (start)](
      program === 'redis-server' ? { args: ['--databases', String(blocks.length + 1)] } : {},
    );
    started.push(server);
    environment[variable] = server.url;
  }
  return { environment, missing, stop: () => Promise.all(started.map((server) => server.stop())) };
}

/** Takes block after block until none is left. @param {IterableIterator<[number, Block]>} queue */
function worker(queue) {
  return async () => {
    for (const [index, block] of queue) {
      const reason = reasonNotToRun(block);
      if (reason !== undefined) notRun.set(reason, (notRun.get(reason) ?? 0) + 1);
      else if (!failures.has(block)) await runBlock(index, block);
    }
  };
}

/** @param {Block} block */
function reasonNotToRun(block) {
  if (block.notRun !== undefined) return block.notRun;
  const text = moduleOf(block).join('\n');
  return [...missing].find(([variable]) => text.includes(variable))?.[1];
}

/** @param {number} index @param {Block} block */
async function runBlock(index, block) {
  const script = join(compiled, '.blocks', basename(pathOf(block)).replace(/\.ts$/, '.js'));
  const env = { ...environment };
  // A database of its own keeps blocks that run at the same time apart.
  if (env['REDIS_URL']) env['REDIS_URL'] += `/${index}`;
  const { code, output } = await run(process.execPath, [join(root, 'scripts', 'run-block.mjs'), script], {
    env,
    limit,
  });
  ran++;
  if (code !== 0) failures.set(block, `  ended with ${code}\n${output}`);
}
