import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { waitUntilFrozen } from './server.js';
import { startProgram } from './start-program.js';

/** What a member of a fleet is sent. */
export interface NumberedOrder<Order> {
  readonly number: number;
  readonly order: Order;
}

/** What it answers; before the first order it sends one with the number 0 when it is ready. */
export interface NumberedReport {
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A process of its own that does what it is told. */
export class Member<Order> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (report: Omit<NumberedReport, 'number'>) => void>();
  #number = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (report: NumberedReport) => this.#waiting.get(report.number)?.(report));
    child.on('exit', (code, signal) => {
      for (const answer of this.#waiting.values()) answer({ error: `The member ended with ${String(code ?? signal)}` });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Tells it to do something. Resolves to what came of it; rejects with the text of its error, also when it ends. */
  async tell(order: Order): Promise<unknown> {
    const number = ++this.#number;
    const reported = new Promise<Omit<NumberedReport, 'number'>>((resolve) => this.#waiting.set(number, resolve));
    this.#child.send({ number, order } satisfies NumberedOrder<Order>, (failure) => {
      if (failure !== null) this.#waiting.get(number)?.({ error: failure.message });
    });
    const { result, error } = await reported;
    this.#waiting.delete(number);
    if (error !== undefined) throw new Error(error);
    return result;
  }

  /** Freezes it (SIGSTOP) in the middle of whatever it does. */
  pause(): void {
    this.#child.kill('SIGSTOP');
    if (this.pid !== undefined) waitUntilFrozen(this.pid);
  }

  /** Lets a frozen one go on (SIGCONT). */
  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it without warning (SIGKILL). */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Several processes of one program, which end when the fleet is disposed of. */
export interface Fleet<Order> extends AsyncDisposable {
  readonly members: readonly Member<Order>[];
}

/**
 * Starts a fleet, and waits until its members are ready.
 *
 * @param source - a program in TypeScript over the sources of the workspaces.
 * @param environments - one member for each, which finds it in its `process.env`.
 */
export async function startFleet<Order>(
  source: URL,
  environments: readonly NodeJS.ProcessEnv[],
): Promise<Fleet<Order>> {
  const members = await Promise.all(environments.map((environment) => startMember<Order>(source, environment)));
  return {
    members,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(members.map((member) => member.end()));
    },
  };
}

/** Starts one member, and waits until it is ready. Rejects if it ends before. */
export async function startMember<Order>(source: URL, environment: NodeJS.ProcessEnv): Promise<Member<Order>> {
  const child = await startProgram(source, environment);
  const ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
    throw new Error(`${source.pathname} ended with ${String(code ?? signal)} before it was ready`);
  });
  await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {
    // Whoever tells it something hears of its end.
  });
  return new Member(child);
}
