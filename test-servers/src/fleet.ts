import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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
  readonly #waiting = new Map<number, (report: NumberedReport) => void>();
  #number = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (report: NumberedReport) => this.#waiting.get(report.number)?.(report));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Tells it to do something. Resolves to what came of it; rejects with the text of its error. */
  async tell(order: Order): Promise<unknown> {
    const number = ++this.#number;
    const reported = new Promise<NumberedReport>((resolve) => this.#waiting.set(number, resolve));
    this.#child.send({ number, order } satisfies NumberedOrder<Order>);
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

async function startMember<Order>(source: URL, environment: NodeJS.ProcessEnv): Promise<Member<Order>> {
  const child = await startProgram(source, environment);
  await once(child, 'message');
  return new Member(child);
}
