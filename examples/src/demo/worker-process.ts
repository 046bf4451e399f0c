import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { News, Order, Outcomes, WorkerSetup } from './worker-orders.js';

const program = fileURLToPath(new URL('./shared-cache-worker.js', import.meta.url));

/** A process of its own that serves requests from the shared cache, seen from the demo. */
export class WorkerProcess implements AsyncDisposable {
  readonly client: string;
  /** Requests it has served so far, of those it was last ordered to serve. */
  served = 0;
  readonly #process: ChildProcess;

  /** @param signal - ends the process at once; what it was ordered to do rejects. */
  constructor(setup: WorkerSetup, signal: AbortSignal) {
    this.client = setup.client;
    this.#process = fork(program, [JSON.stringify(setup)], { serialization: 'advanced', signal });
    // Its exit says the same, and is what is waited for.
    this.#process.on('error', () => undefined);
  }

  /** Resolves once the worker takes orders. */
  async ready(): Promise<void> {
    await this.#answer();
  }

  /** Has the worker carry out an order; the one before must have ended. */
  async order<T extends Order['type']>(order: Extract<Order, { type: T }>): Promise<Outcomes[T]> {
    this.served = 0;
    const answer = this.#answer();
    this.#process.send(order);
    return (await answer) as Outcomes[T];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded()) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }

  #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => settle(() => reject(new Error(`${this.client} ended before it was done`)));
      const onMessage = (news: News): void => {
        if (news.type === 'served') this.served = news.count;
        else if (news.type === 'failed') settle(() => reject(new Error(`${this.client}: ${news.message}`)));
        else settle(() => resolve(news.type === 'done' ? news.outcome : undefined));
      };
      const settle = (say: () => void): void => {
        this.#process.off('message', onMessage).off('exit', onExit);
        say();
      };
      this.#process.on('message', onMessage).on('exit', onExit);
      if (this.#hasEnded()) onExit();
    });
  }
}
