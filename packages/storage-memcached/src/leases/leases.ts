import { steadyNow, type CacheEntry, type Clock, type Lease, type LeaseAnswer, type LeaseRequest } from '@memo/core';
import type { Frame, FrameLease } from '@memo/serde';
import type { AddResult, Item, WriteResult } from '../client/memcached-server.js';
import type { PresentGeneration } from '../generation-item.js';
import { markOf } from '../generation.js';
import type { Items, Place } from '../items.js';
import { attempts, HeldLease, type LeaseParts } from './held-lease.js';
import { isHeldBy, isRest, keptFor, leaseAt, newVersion, placeholderOf, withLease } from './lease-frame.js';
import { LeaseObservations } from './lease-observations.js';

/** When it is worth asking again where many ask at the same time, in milliseconds. */
const contention = 20;

/** One look at the item of a key. */
interface Look {
  readonly key: string;
  readonly place: Place;
  readonly present: PresentGeneration;
  readonly item: Item | undefined;
  /** What counts of the item. */
  readonly frame: Frame | undefined;
}

/** An item with a lease in it. */
interface Leased extends Pick<Frame, 'version' | 'keepUntil'> {
  readonly envelope: Uint8Array;
}

/** Reads the entry in a frame; `undefined` if that cannot be. */
export type ReadEntry = (frame: Frame) => Promise<CacheEntry | undefined>;

/**
 * Says who loads a key. The lease stands in the item of the key: in a placeholder where there is no value, else in the
 * envelope of the value, which can be read as before. It is written under the condition that the item is still the one
 * that was looked at, so that one of many has it, and whatever else is written or taken away voids it.
 */
export class Leases {
  readonly #parts: LeaseParts;

  constructor(items: Items, clock: Clock) {
    this.#parts = { items, clock, observations: new LeaseObservations(clock) };
  }

  /** Grants the lease of `key`, or tells why not. */
  async acquire(key: string, request: LeaseRequest, readEntry: ReadEntry): Promise<LeaseAnswer> {
    const since = steadyNow(this.#parts.clock);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const look = await this.#look(key, since);
      const answer =
        look && ((await this.#refusal(look, request, readEntry)) ?? (await this.#grant(look, request, since)));
      if (answer !== undefined) return answer;
    }
    return { state: 'held', remaining: contention };
  }

  /** The lease as this storage granted it for `key`; `undefined` if it did not. */
  heldFor(key: string, lease: Lease): HeldLease | undefined {
    return lease instanceof HeldLease && lease.isOf(this.#parts, key) ? lease : undefined;
  }

  /** Where there is no generation yet, it begins one; one has to look again then. */
  async #look(key: string, since: number): Promise<Look | undefined> {
    const { items } = this.#parts;
    const found = await items.find('lease', key, since);
    const { present, item } = found;
    if (present === undefined) {
      await items.beginGeneration('lease', key, since);
      return undefined;
    }
    return { key, place: items.placeOf(key), present, item, frame: items.frameOf(key, found) };
  }

  /** Why there is no lease; `undefined` when it may be granted. */
  async #refusal(look: Look, { holder, seen }: LeaseRequest, readEntry: ReadEntry): Promise<LeaseAnswer | undefined> {
    const { frame } = look;
    // A holder asks again when it has not heard the answer.
    if (frame === undefined || isHeldBy(frame.lease, holder)) return undefined;
    if (frame.placeholder !== true && seen !== 'any' && frame.created !== seen?.created) {
      const entry = await readEntry(frame);
      if (entry !== undefined) return { state: 'present', entry };
    }
    const remaining = this.#remaining(look);
    if (remaining <= 0 || frame.lease === undefined) return undefined;
    if (!isRest(frame.lease)) return { state: 'held', remaining };
    return seen === 'any' ? undefined : { state: 'resting', remaining, failures: frame.lease.failures };
  }

  /** How many milliseconds the lease, or the rest, that is there still lasts; 0 or less if there is none. */
  #remaining({ place: { shard, name }, item, frame }: Look): number {
    const { items, observations } = this.#parts;
    if (frame?.lease !== undefined) return observations.remaining(name, item!.cas, frame.lease, items.timeOf(shard));
    observations.end(name);
    return 0;
  }

  /** Writes the lease, unless somebody has touched the item meanwhile. */
  async #grant(look: Look, { holder, time }: LeaseRequest, since: number): Promise<LeaseAnswer | undefined> {
    const { key, place, present, item, frame } = look;
    const { items } = this.#parts;
    const failures = frame?.lease?.failures ?? 0;
    const lease = leaseAt(items.timeOf(place.shard), { holder, time, failures });
    const { envelope, version, keepUntil } = this.#leased(look, lease);
    const write = async ({ shard: { server }, name }: Place): Promise<AddResult | WriteResult> => {
      server.requireNumbers('a lease', present.cas);
      const expires = items.exptimeOf(place, keepUntil, keptFor(lease));
      if (item === undefined) return server.add(name, envelope, { expires });
      return server.set(name, envelope, { expires, cas: item.cas });
    };
    const leaseBy = (outcome: AddResult | WriteResult): HeldLease | undefined => {
      if (typeof outcome !== 'object') return undefined;
      const grant = { key, holder, failures, version, mark: markOf(present.generation), cas: outcome.cas };
      return new HeldLease(this.#parts, grant);
    };
    // What was granted when nobody waited for it any more would keep all others from loading.
    const late = (outcome: unknown): void =>
      void leaseBy(outcome as AddResult | WriteResult)
        ?.giveBack()
        .catch(() => undefined);
    const granted = leaseBy(await items.askAt(place, { operation: 'lease', key, since, late }, write));
    return granted && { state: 'granted', lease: granted };
  }

  /** The item with a lease: the value that is there, else a placeholder. */
  #leased({ key, present, item, frame }: Look, lease: FrameLease): Leased {
    if (frame !== undefined && frame.placeholder !== true) {
      return { envelope: withLease(item!.value, lease), version: frame.version, keepUntil: frame.keepUntil };
    }
    const version = newVersion();
    const parts = { key: this.#parts.items.labelOf(key), generation: markOf(present.generation), version, lease };
    return { envelope: placeholderOf(parts), version, keepUntil: 0 };
  }
}
