import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What a member of the fleet is told to do. */
export interface Order {
  readonly number: number;
  readonly action: 'read' | 'refresh' | 'delete' | 'clear' | 'expire' | 'ttl' | 'count';
  readonly id: string;
  readonly callers?: number;
  readonly after?: number;
}

/** What it answers. */
export interface Report {
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A process of its own that caches in the same Redis as the others. */
export class Member {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (report: Report) => void>();
  #number = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (report: Report) => this.#waiting.get(report.number)?.(report));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Tells it to do something, and resolves to what came of it. */
  async tell(action: Order['action'], id: string, details: Partial<Order> = {}): Promise<unknown> {
    const number = ++this.#number;
    const reported = new Promise<Report>((resolve) => this.#waiting.set(number, resolve));
    this.#child.send({ number, action, id, ...details });
    const { result, error } = await reported;
    this.#waiting.delete(number);
    if (error !== undefined) throw new Error(error);
    return result;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Several processes over one Redis, which end when the fleet is disposed of. */
export interface Fleet extends AsyncDisposable {
  readonly members: readonly Member[];
}

/** @param clockOffsets - one member for each: how far its clock is off, in milliseconds. */
export async function startFleet(redisUrl: string, clockOffsets: readonly number[]): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'memo-fleet-'));
  const program = join(folder, 'member.mjs');
  await bundle(program);
  const members = await Promise.all(
    clockOffsets.map(async (offset) => {
      const child = fork(program, { env: { ...process.env, REDIS_URL: redisUrl, CLOCK_OFFSET: String(offset) } });
      await once(child, 'message');
      return new Member(child);
    }),
  );
  return {
    members,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(members.map((member) => member.end()));
      await rm(folder, { recursive: true });
    },
  };
}

/** The program of a member in one file, from the sources. */
async function bundle(program: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('member.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@memo/source'],
    // What is bundled in CommonJS asks for the built-in modules by `require`.
    banner: {
      js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);`,
    },
  });
}
