import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a program wrote until it ended, and with what code. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A program under way. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts a built example, named by its path below `dist`. */
export function startProgram(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Running {
  const path = fileURLToPath(new URL(`../dist/${name}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output, errors })));
  return { process: child, ended };
}

/** Runs a built example to its end. */
export function runProgram(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return startProgram(name, args, env).ended;
}
