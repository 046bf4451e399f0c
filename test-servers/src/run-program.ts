import { once } from 'node:events';
import { startProgram } from './start-program.js';

/**
 * Runs a program, written in TypeScript over the sources of the workspaces, in a process of its own until it ends.
 * Resolves with the first message that it sends (`process.send`); rejects if it ends without one, or badly.
 */
export async function runProgram(source: URL, environment: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const child = await startProgram(source, environment, {
    stdio: ['pipe', 'inherit', 'pipe', 'ipc'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  const messages: unknown[] = [];
  let complaints = '';
  child.on('message', (message) => messages.push(message));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code === 0 && messages.length > 0) return messages[0];
  throw new Error(`${source.pathname} ended with ${String(code ?? signal)} and sent no result:\n${complaints}`);
}
