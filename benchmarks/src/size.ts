import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';
import type { Report } from './report.js';

/** Each package, and what it leaves to its user to install. */
const packages = [
  { entry: import.meta.resolve('@memo/core'), name: '@memo/core', peers: [] },
  { entry: import.meta.resolve('@memo/serde'), name: '@memo/serde', peers: ['@memo/core'] },
  { entry: import.meta.resolve('@memo/storage-redis'), name: '@memo/storage-redis', peers: ['@memo/core', 'ioredis'] },
  {
    entry: import.meta.resolve('@memo/storage-memcached'),
    name: '@memo/storage-memcached',
    peers: ['@memo/core', 'memjs'],
  },
] as const;

/** How much each package brings, minified. */
export async function size(): Promise<Report> {
  return {
    title: 'Size of the packages',
    explanation:
      `Everything that a package exports, bundled and minified by esbuild, then compressed by gzip; in KB of 1000 bytes. ` +
      `Peers are left out; dependencies (msgpackr, pako, @memo/serde) are in the last two columns only.`,
    heads: ['', 'minified KB', 'gzip KB', 'minified KB with dependencies', 'gzip KB with dependencies'],
    rows: await Promise.all(
      packages.map(async ({ name, entry, peers }) => {
        const path = fileURLToPath(entry);
        return [
          name,
          ...sizes(await bundle(path, { packages: 'external' })),
          ...sizes(await bundle(path, { external: [...peers] })),
        ];
      }),
    ),
  };
}

async function bundle(entry: string, left: Pick<BuildOptions, 'packages' | 'external'>): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    ...left,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

function sizes(bytes: Uint8Array): readonly string[] {
  return [bytes.length, gzipSync(bytes, { level: 9 }).length].map((length) => (length / 1000).toFixed(1));
}
