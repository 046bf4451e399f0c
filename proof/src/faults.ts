import { setTimeout as pause } from 'node:timers/promises';
import type { Proxy } from '@memo/test-servers';
import type { ProofFleet } from './fleet/proof-fleet.js';
import { between, oneOf, someOf } from './seeded-random.js';

/** Something that goes wrong for a while, and is over when the promise resolves. */
export interface Fault {
  readonly name: string;
  strike(place: number): Promise<void>;
}

/** What a fleet and its servers have to live with; times are chosen so that leases end meanwhile, or do not. */
function faultsFor(fleet: ProofFleet, leaseTime: number, random: () => number): readonly Fault[] {
  const { servers } = fleet;
  const aWhile = (): Promise<void> => pause(between(random, leaseTime / 4, 2 * leaseTime));
  const fault = (name: string, strike: Fault['strike']): Fault => ({ name, strike });
  const networkFault = (name: string, begin: (proxy: Proxy) => void): Fault =>
    fault(name, async (place) => {
      const proxies = fleet.proxiesOf(place);
      proxies.forEach(begin);
      await aWhile();
      await Promise.all(proxies.map((proxy) => proxy.resume()));
    });
  const serverFault = (name: string, strike: (() => Promise<void>) | undefined): readonly Fault[] =>
    strike === undefined ? [] : [fault(name, () => strike())];

  return [
    fault('killed', (place) => fleet.replace(place)),
    fault('paused', async (place) => {
      fleet.pause(place);
      await aWhile();
      fleet.resume(place);
    }),
    networkFault('cut', (proxy) => proxy.reset()),
    networkFault('cut in an answer', (proxy) => proxy.cutAfter(Math.floor(between(random, 1, 400)))),
    networkFault('frozen', (proxy) => proxy.freeze()),
    networkFault('slow', (proxy) => proxy.delay(between(random, 1, 50))),
    networkFault('half-open', (proxy) => proxy.forget()),
    ...serverFault('all forgotten', () => servers.forget()),
    ...serverFault('restarted', () => servers.restart([oneOf(random, servers.all)])),
    ...serverFault('scripts forgotten', servers.faults.forgetScripts),
    ...serverFault('subscribers cut', servers.faults.cutSubscribers),
    ...serverFault('slot moved', servers.faults.moveSlot),
  ];
}

/** Lets one fault after another strike, at places that the seed decides, until it is told to stop. */
export class Faults {
  /** How often each has struck. */
  readonly counts = new Map<string, number>();
  readonly #striking: Promise<void>;
  #stopped = false;

  constructor(fleet: ProofFleet, leaseTime: number, random: () => number) {
    const faults = faultsFor(fleet, leaseTime, random);
    this.#striking = this.#strike(fleet, faults, random);
    this.#striking.catch(() => {
      // Whoever stops them hears of it.
    });
  }

  /** Resolves when the last one is over; rejects if one could not be brought about. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#striking;
  }

  async #strike(fleet: ProofFleet, faults: readonly Fault[], random: () => number): Promise<void> {
    // Each strikes once before any does for the second time: a short trial knows them all.
    let ahead: Fault[] = [];
    while (!this.#stopped) {
      if (ahead.length === 0) ahead = someOf(random, faults, faults.length);
      const fault = ahead.pop()!;
      await fault.strike(Math.floor(random() * fleet.size));
      this.counts.set(fault.name, (this.counts.get(fault.name) ?? 0) + 1);
      await pause(between(random, 0, 100));
    }
  }
}
