import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Programs that were bundled, by their file. */
const bundles = new Map<string, Promise<string>>();

/**
 * Runs a program, written in TypeScript over the sources of the workspaces, in a process of its own until it ends.
 * Resolves with the first message that it sends (`process.send`); rejects if it ends without one, or badly.
 */
export async function runProgram(source: URL, environment: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const program = await bundled(fileURLToPath(source));
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'inherit', 'pipe', 'ipc'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  const messages: unknown[] = [];
  let complaints = '';
  child.on('message', (message) => messages.push(message));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  child.stdin?.end(program);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code === 0 && messages.length > 0) return messages[0];
  throw new Error(`${source.pathname} ended with ${String(code ?? signal)} and sent no result:\n${complaints}`);
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
