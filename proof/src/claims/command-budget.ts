import { setTimeout as pause } from 'node:timers/promises';
import { memoize, type Memoized } from '@memo/core';
import { RedisCacheStorage } from '@memo/storage-redis';
import { startProxy, startRedis } from '@memo/test-servers';
import { Monitor } from '../servers/monitor.js';
import type { Claim, Finding, Trial } from './claim.js';

/** Everything is so many milliseconds on its way to the server, and back. */
const way = 60;
const loadTime = 500;
/** What a connection costs that is being opened or only listens, and the comparison of the clocks every ten seconds. */
const besides = new Set(['hello', 'info', 'client', 'subscribe', 'ssubscribe', 'unsubscribe', 'sunsubscribe', 'time']);
const scripts = new Set(['eval', 'evalsha']);

export const commandBudget: Claim = {
  name: 'command-budget',
  statement:
    'On Redis a hit takes 1 round trip and no script, a miss at most 3, a delete 1, a waiter at most 2 and 1 more once it is woken.',
  method:
    `Calls go through the whole engine, and through a proxy in which everything is ${way} ms on its way: the time of the quickest of ` +
    `all rounds tells the round trips, MONITOR the commands. Connections are open and scripts known. The load of a miss, and ` +
    `what a waiter waits for, takes ${loadTime} ms. The comparison of the clocks every ten seconds comes beside it.`,
  storages: ['redis'],
  unit: 'rounds',
  short: 2,
  long: 20,
  try: tryCommandBudget,
};

async function tryCommandBudget({ amount }: Trial): Promise<Finding> {
  await using server = await startRedis();
  await using proxy = await startProxy({ target: { port: server.port } });
  await using monitor = await Monitor.on(server.port);
  await using near = cachedOver(server.port);
  await using far = cachedOver(proxy.port);
  const { cached } = far;
  const hit = new Spending('hit', { roundTrips: 1, scripts: 0 }, monitor);
  const miss = new Spending('miss', { roundTrips: 3, scripts: 2 }, monitor);
  const deletion = new Spending('delete', { roundTrips: 1, scripts: 1 }, monitor);
  const waiting = new Spending('waiter, until it waits', { roundTrips: 2, scripts: 1 }, monitor);
  const woken = new Spending('waiter, once it is woken', { roundTrips: 1, scripts: 1 }, monitor);

  await cached('warm');
  await cached.delete(['warm']);
  await Promise.all([near.load('warm'), cached('warm')]);
  proxy.delay(way);
  for (let round = 0; round < amount; round++) {
    const key = `round ${round}`;
    await miss.during(() => cached(key), { ofWhich: loadTime });
    await hit.during(() => cached(key));
    await deletion.during(() => cached.delete([key]));
    const loaded = near.load(key);
    await near.begun();
    let answered!: Promise<unknown>;
    await waiting.during(
      async () => {
        answered = cached(key);
        // Longer than it takes to be told to wait, shorter than the load.
        await pause(6 * way);
      },
      { ofWhich: Infinity },
    );
    await woken.during(() => Promise.all([loaded, answered]), { ofWhich: Infinity, byOthers: 1 });
  }
  const spendings = [hit, miss, deletion, waiting, woken];
  return {
    rows: spendings.map((spending) => spending.row()),
    violations: spendings.flatMap((spending) => spending.violations()),
  };
}

/** What an operation may cost, at most. */
interface Budget {
  readonly roundTrips: number;
  readonly scripts: number;
}

/** What is no cost of an operation though it happens meanwhile. */
interface Beside {
  /** Milliseconds that are not spent on the way to the server; `Infinity` where time tells nothing. */
  readonly ofWhich?: number;
  /** How many scripts others have carried out. */
  readonly byOthers?: number;
}

/** What an operation has cost, each time it was tried. */
class Spending {
  readonly #operation: string;
  readonly #budget: Budget;
  readonly #monitor: Monitor;
  readonly #roundTrips: number[] = [];
  readonly #commands: (readonly string[])[] = [];

  constructor(operation: string, budget: Budget, monitor: Monitor) {
    this.#operation = operation;
    this.#budget = budget;
    this.#monitor = monitor;
  }

  async during(act: () => Promise<unknown>, { ofWhich = 0, byOthers = 0 }: Beside = {}): Promise<void> {
    await this.#monitor.commands();
    const started = performance.now();
    await act();
    const spent = performance.now() - started;
    const all = (await this.#monitor.commands()).filter((command) => !besides.has(command));
    const others = all.filter((command) => scripts.has(command)).slice(0, byOthers);
    const commands = all.slice(others.length);
    this.#commands.push(commands);
    // Commands that are sent together share a round trip; where time tells nothing, each counts as one of its own.
    this.#roundTrips.push(ofWhich === Infinity ? commands.length : Math.floor((spent - ofWhich) / (2 * way)));
  }

  row(): Readonly<Record<string, number | string>> {
    const kinds = [...new Set(this.#commands.map((commands) => commands.join(' ')))];
    const { roundTrips } = this.#budget;
    return {
      operation: this.#operation,
      'round trips': this.#least,
      'at most': roundTrips,
      commands: kinds.join(' | '),
    };
  }

  violations(): readonly string[] {
    const found: string[] = [];
    const { roundTrips, scripts: most } = this.#budget;
    if (this.#least > roundTrips) found.push(`ROUND TRIPS ${this.#operation}: ${this.#least} instead of ${roundTrips}`);
    for (const commands of this.#commands) {
      const count = commands.filter((command) => scripts.has(command)).length;
      if (count > most || commands.length > roundTrips)
        found.push(`COMMANDS ${this.#operation}: ${commands.join(', ')}`);
    }
    return found;
  }

  /** What a busy machine adds is no cost of the operation. */
  get #least(): number {
    return Math.min(...this.#roundTrips);
  }
}

interface Caller extends AsyncDisposable {
  readonly cached: Memoized<(key: string) => Promise<string>>;
  /** Calls it. */
  readonly load: (key: string) => Promise<string>;
  /** Resolves when the function has been called for it. */
  readonly begun: () => Promise<void>;
}

function cachedOver(port: number): Caller {
  const storage = new RedisCacheStorage(`redis://127.0.0.1:${port}`, { namespace: 'proof', deadline: 5_000 });
  let begin!: () => void;
  let begun = Promise.resolve();
  const fetch = async (key: string): Promise<string> => {
    begin();
    await pause(loadTime);
    return key;
  };
  const cached = memoize(fetch, { name: 'proved', storage, expireAfter: '1 hour', onEvent: () => {} });
  const load = (key: string): Promise<string> => {
    begun = new Promise((resolve) => (begin = resolve));
    return cached(key);
  };
  begin = () => {};
  return { cached, load, begun: () => begun, [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose]() };
}
