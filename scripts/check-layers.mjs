/**
 * The layer rule (ARCHITECTURE.md): imports go down only. Reads every import of every package's sources and names each
 * one that breaks the rule. Ends with 1 if there is any.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {readonly string[]} parts files and folders of packages/core/src
 * @property {boolean} [apart] whether its parts never import one another
 * @property {readonly string[]} [only] the lower layers that it may import; all of them if it is left out
 * @property {readonly string[]} [onlyTypes] the lower parts of which it may import types beside
 */

/**
 * From the bottom up. A part may import from its own and from lower layers.
 *
 * @type {readonly Layer[]}
 */
const coreLayers = [
  {
    name: 'errors',
    parts: ['errors', 'nearest-word', 'identifier', 'check-options', 'data-pointer', 'data-pointer-advice'],
  },
  { name: 'time', parts: ['time'] },
  { name: 'entry', parts: ['entry', 'serde', 'answers'] },
  { name: 'policies', parts: ['key', 'storage', 'eviction', 'expiration', 'postprocessing', 'resources'], apart: true },
  { name: 'loading', parts: ['loading'] },
  { name: 'engine', parts: ['engine'] },
  { name: 'configuration', parts: ['configuration'] },
  {
    name: 'doors',
    parts: [
      'memoize',
      'memoize-sync',
      'memoized',
      'memoizer',
      'memoizer-function',
      'cached-function',
      'call-naming',
      'sync-cached-function',
      'sync-entry-operations',
      'keyed-caches',
      'by-region',
      'entry-operations',
      'invalidation-support',
      'registry',
    ],
  },
  { name: 'remote', parts: ['remote'], only: ['errors', 'time'], onlyTypes: ['storage', 'entry', 'serde'] },
  { name: 'any map', parts: ['storage-over'] },
  { name: 'entry points', parts: ['index', 'testing'] },
];

/** Layers of which the engine knows nothing but types; the configuration lies above it. */
const typesForTheEngine = ['policies', 'configuration'];

/** What each package may import by name, beside the dependencies it declares. */
const packages = {
  core: { node: false, memo: [], typesOnly: [] },
  serde: { node: true, memo: ['@memo/core'], typesOnly: ['@memo/core'] },
  'storage-redis': { node: true, memo: ['@memo/core', '@memo/core/remote', '@memo/serde'], typesOnly: [] },
  'storage-memcached': { node: true, memo: ['@memo/core', '@memo/core/remote', '@memo/serde'], typesOnly: [] },
};

/**
 * @typedef {object} Import
 * @property {string} specifier
 * @property {boolean} typeOnly whether nothing of it is left when the program runs
 */

/**
 * Every import that breaks a rule, as a sentence that names the file, the import and the rule.
 *
 * @param {string} repository folder that contains `packages/`
 * @returns {string[]}
 */
export function violations(repository) {
  return Object.keys(packages).flatMap((name) => violationsOfPackage(repository, name));
}

/** @param {string} repository @param {string} name */
function violationsOfPackage(repository, name) {
  const folder = join(repository, 'packages', name);
  const source = join(folder, 'src');
  return sourceFiles(source).flatMap((file) =>
    importsOf(file).flatMap((found) => {
      const rule = found.specifier.startsWith('.')
        ? brokenByRelativeImport(name, source, file, found)
        : brokenByNamedImport(name, folder, found);
      return rule === undefined ? [] : [`${relative(repository, file)}: '${found.specifier}': ${rule}`];
    }),
  );
}

/** @param {string} name @param {string} source @param {string} file @param {Import} found */
function brokenByRelativeImport(name, source, file, found) {
  const target = relative(source, resolve(dirname(file), found.specifier));
  if (target.startsWith('..')) return 'a relative import stays inside its package';
  if (name !== 'core') return undefined;
  return brokenByLayers(partOf(relative(source, file)), partOf(target), found.typeOnly);
}

/** @param {string} from @param {string} to @param {boolean} typeOnly */
function brokenByLayers(from, to, typeOnly) {
  if (from === to) return undefined;
  const [lower, upper] = [layerOf(to), layerOf(from)];
  if (upper === undefined) return `"${from}" belongs to no layer: add it to the table in scripts/check-layers.mjs`;
  if (lower === undefined) return `"${to}" belongs to no layer: add it to the table in scripts/check-layers.mjs`;
  if (upper.name === 'engine' && typesForTheEngine.includes(lower.name)) {
    return typeOnly ? undefined : `the engine imports ${lower.name} with "import type" only`;
  }
  if (upper.only && lower !== upper && !upper.only.includes(lower.name)) {
    if (typeOnly && upper.onlyTypes?.includes(to)) return undefined;
    const types = upper.onlyTypes === undefined ? '' : `, and types of ${listOf(upper.onlyTypes)}`;
    return `${upper.name} imports only ${listOf(upper.only)}${types}`;
  }
  if (lower === upper && lower.apart) return `${lower.name} never import one another ("${from}" and "${to}")`;
  if (coreLayers.indexOf(lower) <= coreLayers.indexOf(upper)) return undefined;
  return `imports go down only: ${upper.name} lies below ${lower.name}`;
}

/** @param {string} name @param {string} folder @param {Import} found */
function brokenByNamedImport(name, folder, { specifier, typeOnly }) {
  const allowed = packages[/** @type {keyof typeof packages} */ (name)];
  if (specifier.startsWith('node:')) return allowed.node ? undefined : `${name} imports nothing of Node`;
  if (specifier.startsWith('@memo/')) {
    if (!allowed.memo.some((entry) => entry === specifier)) {
      const others = allowed.memo.length === 0 ? 'no other package' : `only ${listOf(allowed.memo)}`;
      return `of memo, ${name} imports ${others}, by public entry`;
    }
    const mustBeType = allowed.typesOnly.some((entry) => entry === specifier);
    return mustBeType && !typeOnly ? `${name} imports ${specifier} with "import type" only` : undefined;
  }
  if (dependenciesOf(folder).some((known) => specifier === known || specifier.startsWith(`${known}/`)))
    return undefined;
  return `${name} declares no such dependency`;
}

/** @param {string} folder @returns {string[]} */
function dependenciesOf(folder) {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.keys({ ...dependencies, ...peerDependencies });
}

/** The file or folder directly in `src` that a path belongs to, without an ending. @param {string} path */
function partOf(path) {
  return (path.split(sep)[0] ?? '').replace(/\.[jt]s$/, '');
}

/** @param {string} part */
function layerOf(part) {
  return coreLayers.find(({ parts }) => parts.includes(part));
}

/** @param {readonly string[]} names */
function listOf(names) {
  return new Intl.ListFormat('en-GB').format(names);
}

/** @param {string} folder @returns {string[]} */
function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
    .sort();
}

/** @param {string} file @returns {Import[]} */
function importsOf(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  /** @type {Import[]} */
  const found = [];
  const visit = (/** @type {ts.Node} */ node) => {
    const read = importIn(node);
    if (read) found.push(read);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** @param {ts.Node} node @returns {Import | undefined} */
function importIn(node) {
  if (ts.isImportDeclaration(node)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: textOf(node.moduleSpecifier), typeOnly };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return { specifier: textOf(node.moduleSpecifier), typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: textOf(node.argument.literal), typeOnly: true };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: textOf(node.arguments[0]), typeOnly: false };
  }
  return undefined;
}

/** @param {ts.Node | undefined} node */
function textOf(node) {
  return node && ts.isStringLiteralLike(node) ? node.text : '(computed)';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = violations(fileURLToPath(new URL('..', import.meta.url)));
  for (const line of found) console.error(line);
  console.log(
    `layers: ${found.length === 0 ? 'imports go down only' : `${String(found.length)} imports break the rule`}`,
  );
  process.exitCode = found.length === 0 ? 0 : 1;
}
