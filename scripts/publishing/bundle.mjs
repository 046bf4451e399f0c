/**
 * Writes the JavaScript of a package as it is published: a file for each public entry, and one for what several entries
 * share. Runs in the folder of the package, after its types were emitted.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { build } from 'vite';
import { publishedForm } from './published-form.mjs';

const folder = process.cwd();
const dist = join(folder, 'dist');
/** @type {{ exports: Record<string, string | { '@memo/source': string }> }} */
const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Where the source of each entry is, by the name of its file: `index` or `testing/index`. */
const entries = Object.fromEntries(
  Object.values(exports).flatMap((entry) => {
    if (typeof entry === 'string') return [];
    const source = entry['@memo/source'];
    return [[source.replace(/^\.\/src\//, '').replace(/\.ts$/, ''), join(folder, source)]];
  }),
);

const bundles = await build({
  root: folder,
  configFile: false,
  logLevel: 'warn',
  plugins: [publishedForm()],
  build: {
    target: 'es2022',
    outDir: dist,
    // The types are here already.
    emptyOutDir: false,
    minify: false,
    sourcemap: true,
    reportCompressedSize: false,
    lib: { entry: entries, formats: ['es'] },
    rollupOptions: {
      external: (id) => !id.startsWith('.') && !isAbsolute(id),
      onwarn: (warning) => {
        throw new Error(warning.message);
      },
      output: {
        manualChunks: sharedByEntries(),
        chunkFileNames: '[name].js',
        // The sources are published beside it.
        sourcemapExcludeSources: true,
      },
    },
  },
});
removeAllBut(namesIn(bundles));

/**
 * Puts the modules that several entries need into one file: each further file costs whoever imports the package.
 *
 * @returns {import('vite').Rollup.GetManualChunk}
 */
function sharedByEntries() {
  /** @type {Map<string, number> | undefined} */
  let uses;
  return (id, { getModuleInfo }) => {
    uses ??= countOfEntries((module) => getModuleInfo(module)?.importedIds ?? []);
    return (uses.get(id) ?? 0) > 1 ? 'shared' : undefined;
  };
}

/** How many entries need each module. @param {(id: string) => readonly string[]} importsOf */
function countOfEntries(importsOf) {
  /** @type {Map<string, number>} */
  const uses = new Map();
  for (const entry of Object.values(entries)) {
    const needed = new Set([entry]);
    for (const id of needed) for (const imported of importsOf(id)) needed.add(imported);
    for (const id of needed) uses.set(id, (uses.get(id) ?? 0) + 1);
  }
  return uses;
}

/** @param {Awaited<ReturnType<typeof build>>} bundles */
function namesIn(bundles) {
  const written = Array.isArray(bundles) ? bundles : [bundles];
  return new Set(
    written.flatMap((bundle) => ('output' in bundle ? bundle.output.map(({ fileName }) => fileName) : [])),
  );
}

/** Removes the JavaScript that an earlier build has left. @param {ReadonlySet<string>} written */
function removeAllBut(written) {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  const stale = files.filter((path) => /\.js(?:\.map)?$/.test(path) && !written.has(path));
  for (const path of stale) rmSync(join(dist, path));
}
