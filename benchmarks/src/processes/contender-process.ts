import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Assignment } from '../workloads/workload.js';
import type { Answer, Question } from './questions.js';

const program = fileURLToPath(new URL('contender-program.js', import.meta.url));

/** A process in which one contender does one kind of work, so that neither what is compiled nor the heap is shared. */
export class ContenderProcess {
  readonly #assignment: Assignment;
  readonly #child: ChildProcess;

  private constructor(assignment: Assignment, options: readonly string[]) {
    this.#assignment = assignment;
    this.#child = fork(program, [JSON.stringify(assignment)], { execArgv: [...options] });
  }

  /** Starts it, and lets it prepare. @param options - of Node */
  static async start(assignment: Assignment, options: readonly string[] = []): Promise<ContenderProcess> {
    const started = new ContenderProcess(assignment, options);
    await started.#ask({ ask: 'prepare' });
    return started;
  }

  /** How many operations take about so long. */
  async calibrate(milliseconds: number): Promise<number> {
    const { value = NaN } = await this.#ask({ ask: 'calibrate', milliseconds });
    return value;
  }

  /** Nanoseconds that one of so many operations takes. */
  async time(operations: number): Promise<number> {
    const { value = NaN } = await this.#ask({ ask: 'run', operations });
    return (value * 1e6) / operations;
  }

  /** What the preparation of the work has found besides. */
  async figures(): Promise<Readonly<Record<string, number>>> {
    const { counted = {} } = await this.#ask({ ask: 'figures' });
    return counted;
  }

  async count(): Promise<Readonly<Record<string, number>>> {
    const { counted = {} } = await this.#ask({ ask: 'count' });
    return counted;
  }

  /** Ends it; settles in any case. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.send({ ask: 'close' } satisfies Question, () => {});
    const impatient = setTimeout(() => this.#child.kill('SIGKILL'), 3_000);
    await exit;
    clearTimeout(impatient);
  }

  async #ask(question: Question): Promise<Answer> {
    const { contender, workload, scenario } = this.#assignment;
    const ended = new AbortController();
    const answer = await Promise.race([
      once(this.#child, 'message', { signal: ended.signal }).then(([message]) => message as Answer),
      once(this.#child, 'exit', { signal: ended.signal }).then(([code, signal]): Answer => {
        return { failed: `its process ended with ${String(code ?? signal)}` };
      }),
      this.#send(question),
    ]);
    ended.abort();
    if (answer.failed === undefined) return answer;
    throw new Error(`${contender} cannot do ${workload} ${scenario}: ${answer.failed}`);
  }

  /** Never settles if the question was sent. */
  #send(question: Question): Promise<Answer> {
    return new Promise((resolve) => {
      this.#child.send(question, (error) => {
        if (error !== null) resolve({ failed: error.message });
      });
    });
  }
}
