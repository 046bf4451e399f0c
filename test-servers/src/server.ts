import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, GaveUp } from './eventually.js';
import { freePort } from './free-port.js';
import { pathOf } from './programs.js';

/** What every server takes. */
export interface ServerOptions {
  /** Further command line arguments of the program. */
  readonly args?: readonly string[];
  /** Port to listen on; a free one if left out. */
  readonly port?: number;
}

/** A server process that a test has started, and what the test may do to it. */
export interface Server extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** Process id of the server as it runs now, `undefined` while it does not. */
  readonly pid: number | undefined;
  /** Freezes the server (SIGSTOP): connections stay open, nothing is answered. */
  pause(): void;
  /** Lets a frozen server go on (SIGCONT). */
  resume(): void;
  /** Ends the server without warning (SIGKILL); `restart` brings it back. */
  kill(): Promise<void>;
  /** Starts the server anew, empty, on the same port. */
  restart(): Promise<void>;
  /** Ends the server for good and removes its folder. */
  stop(): Promise<void>;
}

/** How a program becomes a `Server`. */
export interface ServerPlan {
  readonly program: string;
  readonly scheme: string;
  readonly options: ServerOptions;
  /** Command line arguments for a port and a folder of the server's own. */
  readonly args: (port: number, folder: string) => readonly string[];
  /** Further environment variables; what they point to is made in the server's own folder before each start. */
  readonly environment?: (folder: string) => NodeJS.ProcessEnv | Promise<NodeJS.ProcessEnv>;
  /** Whether the server answers on the port. */
  readonly answers: (port: number) => Promise<boolean>;
}

/** Starts a server and waits until it answers. */
export async function startServer(plan: ServerPlan): Promise<Server> {
  const attempts = plan.options.port === undefined ? 3 : 1;
  for (let attempt = 1; ; attempt++) {
    const server = new ServerProcess(plan, plan.options.port ?? (await freePort()));
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      // Somebody else may have taken the free port meanwhile.
      if (attempt === attempts) throw error;
    }
  }
}

class ServerProcess implements Server {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #plan: ServerPlan;
  readonly #folder: string;
  readonly #log: string;
  #process: ChildProcess | undefined;
  #guard: ChildProcess | undefined;

  constructor(plan: ServerPlan, port: number) {
    this.#plan = plan;
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), `memo-${plan.program}-`));
    this.#log = join(this.#folder, 'log');
  }

  get url(): string {
    return `${this.#plan.scheme}://${this.host}:${String(this.port)}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    const { program, args, environment, answers, options } = this.#plan;
    const path = pathOf(program);
    if (path === undefined) throw new Error(`"${program}" is not installed: ask available('${program}') first`);
    const env = { ...process.env, ...(await environment?.(this.#folder)) };
    const log = openSync(this.#log, 'a');
    const child = spawn(path, [...args(this.port, this.#folder), ...(options.args ?? [])], {
      cwd: this.#folder,
      env,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    await once(child, 'spawn');
    child.unref();
    this.#process = child;
    this.#guard = startGuard(child, this.#folder);
    await eventually(`An answer of ${program} on port ${String(this.port)}`, () => {
      if (child.exitCode !== null) throw new GaveUp(`${program} ended at once:\n${readFileSync(this.#log, 'utf8')}`);
      return answers(this.port);
    });
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
    if (this.pid !== undefined) waitUntilFrozen(this.pid);
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const [child, guard] = [this.#process, this.#guard];
    this.#process = undefined;
    this.#guard = undefined;
    guard?.kill('SIGKILL');
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill('SIGKILL');
    await ended;
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** A thread that is in the middle of something goes on for a moment, and would answer yet. Linux tells of each. */
export function waitUntilFrozen(pid: number): void {
  const threads = `/proc/${String(pid)}/task`;
  const end = Date.now() + 2_000;
  while (existsSync(threads) && Date.now() < end) {
    const states = readdirSync(threads).map((id) => readFileSync(join(threads, id, 'stat'), 'utf8'));
    if (states.every((state) => /\) [TtZ] /.test(state))) return;
  }
}

/**
 * A process that outlives this one just long enough to end the server and remove its folder. It waits for the end of
 * its input, which comes however this process ends: at its end, by a signal, by a crash.
 */
function startGuard(server: ChildProcess, folder: string): ChildProcess {
  const script = 'cat > /dev/null; kill -9 "$1"; rm -rf "$2"';
  const guard = spawn('/bin/sh', ['-c', script, 'memo-guard', String(server.pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A group of its own: what ends this process from the keyboard must not end the guard first.
    detached: true,
  });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}
