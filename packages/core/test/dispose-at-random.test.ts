import { memoize, type HeldValue, type Memoized } from '@memo/core';
import { ManualClock } from '@memo/core/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deferred, turn, type Deferred } from './support/deferred.js';

const keys = ['a', 'b', 'c'] as const;
const closeDelay = 5;

/** A client, and whatever may not happen to it. */
class Client {
  closed = 0;
  leases = 0;
  /** When the cache was seen to serve it last. */
  served = -Infinity;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed++;
    const { faults, clock } = this.#world;
    if (this.closed > 1) faults.push('a client is closed twice');
    if (this.leases > 0) faults.push('a client is closed while it is leased');
    if (clock.now() - this.served < closeDelay) faults.push('a client is closed before its grace is over');
    if (this.closed % 2 === 0) throw new Error('closed badly');
  }
}

interface Connecting {
  readonly client: Client;
  readonly outcome: Deferred<Client>;
}

/** A cached function whose loads end when the test says so. */
class World {
  readonly clock = new ManualClock();
  readonly clients: Client[] = [];
  readonly connecting: Connecting[] = [];
  readonly leases: HeldValue<Client>[] = [];
  readonly faults: string[] = [];
  readonly connect: Memoized<(id: string) => Promise<Client>>;

  constructor() {
    const load = async (_id: string): Promise<Client> => {
      const loading = { client: this.client(), outcome: deferred<Client>() };
      this.connecting.push(loading);
      return loading.outcome.promise;
    };
    const { clock } = this;
    this.connect = memoize(load, {
      dispose: true,
      closeDelay,
      capacity: 2,
      updateAfter: 20,
      expireAfter: 40,
      timeout: 30,
      clock,
      // Otherwise its failures would be said as warnings.
      onEvent: () => {},
    });
  }

  client(): Client {
    const client = new Client(this);
    this.clients.push(client);
    return client;
  }

  call(key: string): void {
    this.connect(key).then(
      (client) => {
        client.served = this.clock.now();
        if (client.closed > 0) this.faults.push('a client is served that is closed');
      },
      () => {},
    );
  }

  lease(key: string): void {
    this.connect.lease(key).then(
      (lease) => {
        if (lease.value.closed > 0) this.faults.push('a client is leased that is closed');
        lease.value.leases++;
        this.leases.push(lease);
      },
      () => {},
    );
  }

  letGo(index: number): void {
    const [lease] = this.leases.splice(index % Math.max(1, this.leases.length), 1);
    if (lease === undefined) return;
    lease.value.leases--;
    lease[Symbol.dispose]();
  }

  answer(index: number, well: boolean): void {
    const [loading] = this.connecting.splice(index % Math.max(1, this.connecting.length), 1);
    if (loading === undefined) return;
    if (well) {
      loading.outcome.resolve(loading.client);
    } else {
      // Nobody ever had it.
      this.clients.splice(this.clients.indexOf(loading.client), 1);
      loading.outcome.reject(new Error('refused'));
    }
  }

  async end(): Promise<void> {
    await turn();
    while (this.connecting.length > 0) {
      this.answer(0, true);
      await turn();
    }
    await this.connect.clear();
    await this.clock.advance(1_000);
    while (this.leases.length > 0) this.letGo(0);
    await this.clock.advance(1_000);
  }
}

type Command = (world: World) => unknown;

const key = fc.constantFrom(...keys);
const index = fc.nat({ max: 5 });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: key.map((of) => (world: World) => world.call(of)) },
  { weight: 4, arbitrary: key.map((of) => (world: World) => world.lease(of)) },
  { weight: 6, arbitrary: index.map((at) => (world: World) => world.answer(at, true)) },
  { weight: 1, arbitrary: index.map((at) => (world: World) => world.answer(at, false)) },
  { weight: 4, arbitrary: index.map((at) => (world: World) => world.letGo(at)) },
  { weight: 4, arbitrary: fc.nat({ max: 25 }).map((time) => (world: World) => world.clock.advance(time)) },
  { weight: 3, arbitrary: fc.constant(() => turn()) },
  { weight: 1, arbitrary: key.map((of) => (world: World) => world.connect.delete([of])) },
  { weight: 1, arbitrary: key.map((of) => (world: World) => world.connect.set([of], world.client())) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.connect.clear()) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.connect.removeExpired()) },
  { weight: 1, arbitrary: key.map((of) => (world: World) => void world.connect.refresh(of).catch(() => {})) },
);

it('closes every client once, whatever happens at the same time, and none that is leased or was just served', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 60, size: 'max' }), async (commands) => {
      const world = new World();
      // Some are waited for, so that the others meet them under way.
      for (const run of commands) await run(world);
      await world.end();
      expect(world.faults).toEqual([]);
      expect(world.clients.map(({ closed }) => closed)).toEqual(world.clients.map(() => 1));
      expect(world.clock.pendingTimers).toBe(0);
    }),
    { numRuns: 200 },
  );
});
