import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CacheInfo } from '@memo/core';
import { startMember, type Member, type Proxy } from '@memo/test-servers';
import type { Recorded } from '../history/record.js';
import { forgetHistory, readHistory } from '../history/read-history.js';
import type { Caching, MemberOrder, MemberSettings, Source } from '../member/orders.js';
import { directNetwork, proxiedNetwork, type Network } from '../servers/network.js';
import type { StorageKind } from '../servers/reach.js';
import { startServers, type Servers } from '../servers/servers.js';

/** What a fleet is made of. */
export interface FleetPlan {
  readonly storage: StorageKind;
  readonly members: number;
  readonly seed: number;
  readonly caching: Caching;
  readonly source: Source;
  /** Milliseconds that one operation of a storage may take. @defaultValue 500, as ever */
  readonly deadline?: number;
  /** Whether each member has a network of its own that may be made faulty. @defaultValue `false` */
  readonly faultyNetwork?: boolean;
  /** @defaultValue `true`; see `MemberSettings` */
  readonly fenced?: boolean;
}

type Counter = Exclude<keyof CacheInfo, 'size' | 'capacity' | 'lastExpirationCheck'>;

/** The program beside this file, in TypeScript or as it was built. */
const program = new URL(
  import.meta.url.endsWith('.ts') ? '../member/program.ts' : '../member/program.js',
  import.meta.url,
);

/** Processes over one storage, of which everything they do is recorded. */
export class ProofFleet implements AsyncDisposable {
  readonly servers: Servers;
  readonly #plan: FleetPlan;
  readonly #folder = mkdtempSync(join(tmpdir(), 'memo-proof-'));
  readonly #places: Place[] = [];
  readonly #replacing = new Map<number, Promise<void>>();
  #started = 0;

  private constructor(plan: FleetPlan, servers: Servers) {
    this.#plan = plan;
    this.servers = servers;
  }

  static async start(plan: FleetPlan): Promise<ProofFleet> {
    const fleet = new ProofFleet(plan, await startServers(plan.storage));
    const starts = await Promise.allSettled(Array.from({ length: plan.members }, () => fleet.#fillPlace()));
    const failure = starts.find((start) => start.status === 'rejected');
    if (failure === undefined) return fleet;
    await fleet[Symbol.asyncDispose]();
    throw failure.reason;
  }

  get size(): number {
    return this.#places.length;
  }

  /** Tells one member to do something. */
  async tell(place: number, order: MemberOrder): Promise<unknown> {
    return this.#places[place]!.member.tell(order);
  }

  /** Tells several members to do the same at once, all of them if none are named. */
  async tellAll(order: MemberOrder, places: readonly number[] = [...this.#places.keys()]): Promise<void> {
    await Promise.all(places.map((place) => this.tell(place, order)));
  }

  /** A counter of the cached function, summed up over all members as they are now. */
  async count(counter: Counter): Promise<number> {
    const counters = await Promise.all(this.#places.map(({ member }) => member.tell({ action: 'count' })));
    return (counters as CacheInfo[]).reduce((sum, counted) => sum + counted[counter], 0);
  }

  /** What a member is called in the history. */
  processAt(place: number): string {
    return this.#places[place]!.process;
  }

  /** The ways of a member to the servers, each of which may be made faulty. */
  proxiesOf(place: number): readonly Proxy[] {
    return this.#places[place]!.network.proxies;
  }

  /** Ends a member without warning (SIGKILL). */
  async kill(place: number): Promise<void> {
    await this.#places[place]!.member.end();
  }

  /** Kills a member, if it is not dead yet, and starts a new process in its place. */
  async replace(place: number): Promise<void> {
    const replacing = this.#replace(place);
    this.#replacing.set(place, replacing);
    await replacing;
    this.#replacing.delete(place);
  }

  /** Tells one member to do something. Resolves to `false`, as soon as it has a successor, if it is killed meanwhile. */
  async tellUnlessKilled(place: number, order: MemberOrder): Promise<boolean> {
    try {
      await this.tell(place, order);
      return true;
    } catch (error) {
      const replacing = this.#replacing.get(place);
      if (replacing === undefined) throw error;
      await replacing;
      return false;
    }
  }

  /** Freezes a member (SIGSTOP). */
  pause(place: number): void {
    this.#places[place]!.member.pause();
  }

  /** Lets a frozen member go on (SIGCONT). */
  resume(place: number): void {
    this.#places[place]!.member.resume();
  }

  /** What all members, also those that have ended, have written down so far; each member's part in its order. */
  async history(): Promise<readonly Recorded[]> {
    const history: Recorded[] = [];
    for await (const recorded of readHistory(this.#folder)) history.push(recorded);
    return history;
  }

  /** The history, which begins anew: what is done with keys that are done with need not be kept. Nobody may be at work. */
  async takeHistory(): Promise<readonly Recorded[]> {
    const history = await this.history();
    forgetHistory(this.#folder);
    return history;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#places.map(({ member }) => member.end()));
    await Promise.all(this.#places.map(({ network }) => network[Symbol.asyncDispose]()));
    await this.servers[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #replace(place: number): Promise<void> {
    await this.kill(place);
    const { network } = this.#places[place]!;
    this.#places[place] = { network, ...(await this.#startMember(network)) };
  }

  async #fillPlace(): Promise<void> {
    const network =
      this.#plan.faultyNetwork === true ? await proxiedNetwork(this.servers) : directNetwork(this.servers);
    this.#places.push({ network, ...(await this.#startMember(network)) });
  }

  async #startMember({ reach }: Network): Promise<Omit<Place, 'network'>> {
    const { caching, source, deadline = 500, fenced = true } = this.#plan;
    const process = String(++this.#started);
    const seed = this.#plan.seed * 1_000 + this.#started;
    const settings: MemberSettings = { process, folder: this.#folder, reach, deadline, caching, source, fenced, seed };
    return {
      process,
      member: await startMember<MemberOrder>(program, {
        MEMBER: JSON.stringify(settings),
        // Faults are on purpose here.
        NODE_NO_WARNINGS: '1',
      }),
    };
  }
}

interface Place {
  readonly process: string;
  readonly member: Member<MemberOrder>;
  readonly network: Network;
}
