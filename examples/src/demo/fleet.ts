import { setTimeout as sleep } from 'node:timers/promises';
import type { ChosenStorage } from './chosen-storage.js';
import { Progress } from './progress.js';
import type { Service } from './service.js';
import { count } from './table.js';
import type { Order, Outcomes, Served } from './worker-orders.js';
import { WorkerProcess } from './worker-process.js';

/** What one process served, and how many requests of it the service has counted meanwhile. */
export interface Measured extends Served {
  readonly client: string;
  readonly reached: number;
}

/** The processes that share one cache, and the service they ask. */
export class Fleet implements AsyncDisposable {
  readonly workers: readonly WorkerProcess[];
  readonly #service: Service;

  /** Starts `size` processes; `signal` ends them at once. */
  constructor(size: number, service: Service, { server, namespace }: ChosenStorage, signal: AbortSignal) {
    this.#service = service;
    const clients = Array.from({ length: size }, (_, index) => `process ${index + 1}`);
    this.workers = clients.map(
      (client) => new WorkerProcess({ client, serviceUrl: service.url, server, namespace }, signal),
    );
  }

  /** Resolves once all processes take orders. */
  async ready(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.ready()));
  }

  /** Has every process carry out the order at the same time. */
  orderAll<T extends Order['type']>(order: Extract<Order, { type: T }>): Promise<Outcomes[T][]> {
    return Promise.all(this.workers.map((worker) => worker.order(order)));
  }

  /** Has every process serve requests for so many milliseconds, and shows how it goes. */
  async serve(title: string, cached: boolean, milliseconds: number): Promise<readonly Measured[]> {
    const before = this.workers.map(({ client }) => this.#service.requestsFrom(client));
    const show = this.#progress(title);
    const started = performance.now();
    const timer = setInterval(() => show(Math.min(0.99, (performance.now() - started) / milliseconds)), 100);
    try {
      const served = await this.orderAll({ type: 'serve', cached, milliseconds });
      // What was begun in the background at the very end has still to reach the service.
      await sleep(200);
      show(1);
      return served.map((one, index) => {
        const client = this.workers[index]?.client ?? '';
        return { ...one, client, reached: this.#service.requestsFrom(client) - (before[index] ?? 0) };
      });
    } finally {
      clearInterval(timer);
    }
  }

  #progress(title: string): (share: number) => void {
    const progress = new Progress(title);
    const reachedBefore = this.#service.requestsFrom();
    return (share) => {
      const served = this.workers.reduce((total, worker) => total + worker.served, 0);
      const reached = this.#service.requestsFrom() - reachedBefore;
      progress.show(share, `${count(served)} requests served, ${count(reached)} reached the service`);
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}
