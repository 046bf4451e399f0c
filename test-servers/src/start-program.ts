import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Programs that were bundled, by their file. */
const bundles = new Map<string, Promise<string>>();

/**
 * Starts a program, written in TypeScript over the sources of the workspaces, in a process of its own that can send
 * messages.
 */
export async function startProgram(
  source: URL,
  environment: NodeJS.ProcessEnv,
  options: SpawnOptions = {},
): Promise<ChildProcess> {
  const program = await bundled(fileURLToPath(source));
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
    ...options,
  });
  child.stdin?.end(program);
  return child;
}

function bundled(file: string): Promise<string> {
  const bundle = bundles.get(file) ?? bundleOf(file);
  bundles.set(file, bundle);
  return bundle;
}

async function bundleOf(file: string): Promise<string> {
  // Loaded by those only who run programs.
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    conditions: ['@memo/source'],
    // What is bundled in CommonJS asks for the built-in modules by `require`.
    banner: {
      js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
    },
  });
  return outputFiles[0]?.text ?? '';
}
