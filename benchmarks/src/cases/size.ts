import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';
import type { Column, Row } from '../reports/result.js';
import type { Benchmark } from './benchmark.js';

/** Each package, and what it leaves to its user to install. */
const packages = [
  { name: '@memo/core', peers: [] },
  { name: '@memo/serde', peers: ['@memo/core'] },
  { name: '@memo/storage-redis', peers: ['@memo/core', 'ioredis'] },
  { name: '@memo/storage-memcached', peers: ['@memo/core', 'memjs'] },
] as const;

/** What somebody who imports no more than this gets of the core. */
const parts = ['memoize', 'memoizeSync', 'Memoizer'];

const columns: readonly Column[] = [
  { value: 'minified', head: 'minified KB', digits: 1 },
  { value: 'gzip', head: 'gzip KB', digits: 1 },
  { value: 'minifiedWithDependencies', head: 'minified KB with dependencies', digits: 1 },
  { value: 'gzipWithDependencies', head: 'gzip KB with dependencies', digits: 1 },
];

/** How much each package brings, minified. */
export const size: Benchmark = async ({ progress }) => {
  progress('size');
  return {
    title: 'Size of the packages',
    explanation:
      `Everything that a package exports, bundled and minified by esbuild, then compressed by gzip; in KB of 1000 bytes. ` +
      `Peers are left out; dependencies (msgpackr, pako, @memo/serde) are in the last two columns only.`,
    sections: [
      {
        ...{ name: 'packages', title: 'All of a package', columns },
        rows: await Promise.all(packages.map(({ name, peers }) => everythingOf(name, peers))),
      },
      {
        ...{ name: 'parts', title: 'One name of @memo/core', columns: columns.slice(0, 2) },
        explanation: 'What is left of the core when a bundler has taken out what is not imported.',
        rows: await Promise.all(parts.map(partOf)),
      },
    ],
  };
};

async function everythingOf(name: string, peers: readonly string[]): Promise<Row> {
  const entryPoints = [fileURLToPath(import.meta.resolve(name))];
  const alone = sizes(await bundle({ entryPoints, packages: 'external' }));
  const together = sizes(await bundle({ entryPoints, external: [...peers] }));
  return {
    name,
    values: { ...alone, minifiedWithDependencies: together.minified, gzipWithDependencies: together.gzip },
  };
}

async function partOf(part: string): Promise<Row> {
  const path = fileURLToPath(import.meta.resolve('@memo/core'));
  const contents = `export { ${part} } from ${JSON.stringify(path)};`;
  return { name: part, values: sizes(await bundle({ stdin: { contents, resolveDir: '/' } })) };
}

async function bundle(what: BuildOptions): Promise<Uint8Array> {
  const { outputFiles = [] } = await build({
    ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'node', target: 'node20' },
    ...what,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

function sizes(bytes: Uint8Array): { readonly minified: number; readonly gzip: number } {
  return { minified: bytes.length / 1000, gzip: gzipSync(bytes, { level: 9 }).length / 1000 };
}
