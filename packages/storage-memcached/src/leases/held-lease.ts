import { Buffer } from 'node:buffer';
import { steadyNow, StorageFailedError, type Clock, type Lease, type LeaseRest, type OfferResult } from '@memo/core';
import type { Frame, FrameLease } from '@memo/serde';
import type { Item, WriteNumber, WriteResult } from '../client/memcached-server.js';
import { ContendedItemError } from '../errors.js';
import { isValid } from '../generation.js';
import type { Found, Items, Packed, Place } from '../items.js';
import { isHeldBy, keptFor, leaseAt, withLease, type LeaseTerms } from './lease-frame.js';
import type { LeaseObservations } from './lease-observations.js';

/** How often something is tried again because somebody else has written the item meanwhile. */
export const attempts = 5;

/** What leases are made of. */
export interface LeaseParts {
  readonly items: Items;
  readonly observations: LeaseObservations;
  readonly clock: Clock;
}

/** What was granted. */
export interface Grant {
  readonly key: string;
  readonly holder: string;
  readonly failures: number;
  /** Of the placeholder or the value that the lease stands in: together with the holder, it tells the lease from others. */
  readonly version: Uint8Array;
  /** Of the generation at the time of the grant: what is cleared after that voids the lease and what it publishes. */
  readonly mark: Uint8Array;
  /** The write that granted it. */
  readonly cas: WriteNumber;
}

/** A lease in the item of its key. It is void when the item is another one, does not count any more, or is gone. */
export class HeldLease implements Lease {
  readonly holder: string;
  readonly failures: number;
  /** The generation's mark that an entry must carry to be published under this lease. */
  readonly mark: Uint8Array;
  readonly #parts: LeaseParts;
  readonly #key: string;
  readonly #version: Buffer;
  /** The last write of the item that is known to hold this lease. */
  #cas: WriteNumber;

  constructor(parts: LeaseParts, { key, holder, failures, version, mark, cas }: Grant) {
    this.#parts = parts;
    this.#key = key;
    this.holder = holder;
    this.failures = failures;
    this.mark = mark;
    this.#version = Buffer.from(version);
    this.#cas = this.#observed(cas);
  }

  /**
   * Whether the connection over which it was written is still there. On another one the numbers of writes mean nothing, so
   * that the lease is lost with its connection.
   */
  get isConnected(): boolean {
    return this.#parts.items.placeOf(this.#key).shard.server.connection === this.#cas.connection;
  }

  /** Whether it was granted for `key` by those who have these parts. */
  isOf(parts: LeaseParts, key: string): boolean {
    return this.#parts === parts && this.#key === key;
  }

  renew(time: number): Promise<boolean> {
    const { holder, failures } = this;
    return this.#whileHeld('renew', async (place, item, frame) => {
      if (!this.isConnected) return 'missing';
      const outcome = await this.#rewrite(place, item, frame, this.#leaseFor(place, { holder, failures, time }));
      if (typeof outcome === 'object') this.#cas = this.#observed(outcome.cas);
      return outcome;
    });
  }

  async giveBack(rest?: LeaseRest): Promise<boolean> {
    const wasThere = await this.#whileHeld('giveBack', (place, item, frame) =>
      rest === undefined ? this.#end(place, item, frame) : this.#beginRest(rest, place, item, frame),
    );
    // Over another connection it is lost, and nobody has to wait for its end.
    return wasThere && this.isConnected;
  }

  /** Puts an entry in the place of the lease, if that is still held. */
  async publish({ envelope, expires }: Packed, since: number): Promise<OfferResult> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const [present, outcome] = await this.#parts.items.ask(
        'offer',
        this.#key,
        ({ shard, name }) =>
          Promise.all([shard.generation.read(), shard.server.set(name, envelope, { expires, cas: this.#cas })]),
        since,
      );
      if (typeof outcome === 'object') {
        this.#parts.observations.end(this.#place.name);
        return present !== undefined && isValid(this.mark, this.#key, present.generation) ? 'stored' : 'declined';
      }
      // What was written may have left the lease alone: other moments, or a renewal whose answer was lost.
      if (outcome === 'missing' || !(await this.#isStillThere(since))) return 'declined';
    }
    return 'declined';
  }

  /** Declines what was loaded under a lease that is lost with its connection; nobody has to wait for its end. */
  async decline(): Promise<'declined'> {
    await this.giveBack().catch(() => undefined);
    return 'declined';
  }

  async #end(place: Place, item: Item, frame: Frame): Promise<WriteResult | 'deleted'> {
    this.#parts.observations.end(place.name);
    if (frame.placeholder === true) return place.shard.server.delete(place.name, item.cas);
    return this.#rewrite(place, item, frame, undefined);
  }

  async #beginRest(
    { failures, milliseconds: time }: LeaseRest,
    place: Place,
    item: Item,
    frame: Frame,
  ): Promise<WriteResult> {
    const rest = this.#leaseFor(place, { holder: undefined, failures, time });
    const outcome = await this.#rewrite(place, item, frame, rest);
    if (typeof outcome === 'object') this.#observed(outcome.cas);
    return outcome;
  }

  #leaseFor({ shard }: Place, terms: LeaseTerms): FrameLease {
    return leaseAt(this.#parts.items.timeOf(shard), terms);
  }

  /** Writes the item as it is, but for its lease, if nobody has touched it meanwhile. */
  #rewrite(
    place: Place,
    { value, cas }: Item,
    { keepUntil }: Frame,
    lease: FrameLease | undefined,
  ): Promise<WriteResult> {
    const expires = this.#parts.items.exptimeOf(place, keepUntil, keptFor(lease));
    return place.shard.server.set(place.name, withLease(value, lease), { expires, cas });
  }

  /** Changes the item as long as it holds this lease. Resolves to whether it did. */
  async #whileHeld(
    operation: string,
    change: (place: Place, item: Item, frame: Frame) => Promise<WriteResult | 'deleted'>,
  ): Promise<boolean> {
    const { items, clock } = this.#parts;
    const since = steadyNow(clock);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const found = await items.find(operation, this.#key, since);
      const frame = this.#frameIn(found);
      if (frame === undefined) return false;
      const outcome = await items.ask(operation, this.#key, (place) => change(place, found.item!, frame), since);
      if (outcome === 'missing') return false;
      if (outcome !== 'exists') return true;
    }
    throw new StorageFailedError(operation, this.#key, new ContendedItemError(attempts));
  }

  /** Looks whether the item still holds this lease, and which write of it is the last. */
  async #isStillThere(since: number): Promise<boolean> {
    const found = await this.#parts.items.find('offer', this.#key, since);
    if (this.#frameIn(found) === undefined || found.item!.cas.connection !== this.#cas.connection) return false;
    this.#cas = found.item!.cas;
    return true;
  }

  /** The frame that holds this lease; `undefined` if it is lost. */
  #frameIn(found: Found): Frame | undefined {
    const frame = this.#parts.items.frameOf(this.#key, found);
    return isHeldBy(frame?.lease, this.holder) && this.#version.equals(frame!.version) ? frame : undefined;
  }

  get #place(): Place {
    return this.#parts.items.placeOf(this.#key);
  }

  /** The number of a write by this process, with a copy of its bytes: they are a part of what the server answered. */
  #observed({ bytes, connection }: WriteNumber): WriteNumber {
    const write = { bytes: Buffer.from(bytes), connection };
    this.#parts.observations.begin(this.#place.name, write);
    return write;
  }
}
