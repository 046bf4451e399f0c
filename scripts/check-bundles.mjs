/**
 * Checks the JavaScript of the packages as built: every module is in one file, so that no class and no table is there
 * twice; what is exported bears its name; and what a browser would load of the core is no larger than stated here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from './processes.mjs';

/** Bytes, minified and compressed, of programs that import these names of `@memo/core`; `*` is everything. */
const bounds = {
  MemoError: 600,
  memoize: 48_000,
  '*': 66_000,
};

/** @type {string[]} */
const wrong = [];
for (const name of readdirSync(join(root, 'packages'))) await checkPackage(join(root, 'packages', name));
const sizes = [];
for (const [names, bound] of Object.entries(bounds)) sizes.push(await checkSize(names, bound));
if (wrong.length > 0) throw new Error(wrong.join('\n'));
console.log(`sizes: ${sizes.join(', ')}`);

/** @param {string} folder */
async function checkPackage(folder) {
  const files = filesIn(join(folder, 'dist'));
  const entries = entriesOf(folder);
  /** @type {Map<string, string>} */
  const homes = new Map();
  for (const file of files) {
    const shown = relative(root, file);
    if (!entries.includes(file) && file !== join(folder, 'dist', 'shared.js')) wrong.push(`${shown} is no entry`);
    if (/[^\x00-\x7f]/.test(readFileSync(file, 'utf8'))) wrong.push(`${shown} is not ASCII`);
    for (const source of sourcesOf(file)) {
      if (!source.startsWith(join(folder, 'src'))) wrong.push(`${shown} contains ${relative(root, source)}`);
      const other = homes.get(source);
      if (other !== undefined) wrong.push(`${relative(root, source)} is in ${other} and ${shown}`);
      homes.set(source, shown);
    }
  }
  for (const entry of entries) await checkNames(entry);
}

/** @param {string} dist */
function filesIn(dist) {
  const paths = readdirSync(dist, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.js')).map((path) => join(dist, path));
}

/** The files of the public entries. @param {string} folder */
function entriesOf(folder) {
  /** @type {{ exports: Record<string, string | { default: string }> }} */
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [join(folder, entry.default)]));
}

/** The modules that a file was made of. @param {string} file */
function sourcesOf(file) {
  /** @type {{ sources: string[] }} */
  const { sources } = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
  return sources.map((source) => resolve(file, '..', source));
}

/** @param {string} entry */
async function checkNames(entry) {
  for (const [name, value] of Object.entries(await import(pathToFileURL(entry).href))) {
    if (typeof value === 'function' && value.name !== name)
      wrong.push(`${relative(root, entry)}: ${name} is called ${value.name}`);
  }
}

/** @param {string} names @param {number} bound */
async function checkSize(names, bound) {
  const exported = names === '*' ? '*' : `{ ${names} }`;
  const bundle = await build({
    stdin: { contents: `export ${exported} from './index.js';`, resolveDir: join(root, 'packages', 'core', 'dist') },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const { byteLength } = gzipSync(bundle.outputFiles[0]?.contents ?? '', { level: 9 });
  if (byteLength > bound)
    wrong.push(`import ${exported} from '@memo/core' takes ${byteLength} bytes instead of ${bound}`);
  return `${names} ${(byteLength / 1000).toFixed(1)} kB`;
}
