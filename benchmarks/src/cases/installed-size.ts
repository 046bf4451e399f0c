import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How much is installed for something. */
export interface InstalledSize {
  readonly kilobytes: number;
  /** The package itself is one of them. */
  readonly packages: number;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
}

const here = fileURLToPath(new URL('../../', import.meta.url));

/** How much a package brings that is a dependency of the benchmarks: its own files, and those of all it depends on. */
export function installedSize(name: string): InstalledSize {
  const folders = new Set<string>();
  collect(name, here, folders);
  const bytes = [...folders].reduce((sum, folder) => sum + bytesOfPackage(folder), 0);
  return { kilobytes: bytes / 1000, packages: folders.size };
}

function collect(name: string, from: string, folders: Set<string>): void {
  const folder = folderOf(name, from);
  if (folders.has(folder)) return;
  folders.add(folder);
  for (const dependency of Object.keys(manifestOf(folder).dependencies ?? {})) collect(dependency, folder, folders);
}

/** Where a package finds another: in the nearest `node_modules` above it. */
function folderOf(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return realpathSync(candidate);
    if (folder === dirname(folder)) throw new Error(`${name} is not installed for ${from}`);
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** What is installed is all there is of it; of a package of this repository, what would be published. */
function bytesOfPackage(folder: string): number {
  if (folder.includes(`${sep}node_modules${sep}`)) return bytesIn(folder);
  const parts = (manifestOf(folder).files ?? []).filter((part) => !part.startsWith('!'));
  return ['package.json', 'README.md', 'LICENSE', ...parts]
    .map((part) => join(folder, part))
    .filter((part) => existsSync(part))
    .reduce((sum, part) => sum + bytesIn(part), 0);
}

function bytesIn(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return path.endsWith('.tsbuildinfo') ? 0 : found.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}
