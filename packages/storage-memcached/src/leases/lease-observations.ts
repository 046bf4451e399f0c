import { steadyNow, type Clock } from '@memo/core';
import type { FrameLease } from '@memo/serde';
import type { WriteNumber } from '../client/memcached-server.js';

/** Most leases that are watched at the same time. Those that are left out are judged by the server's time alone. */
const mostObservations = 10_000;
/** By how much two processes may differ about the server's time, in milliseconds: it tells whole seconds. */
const uncertainty = 2_000;
/**
 * How much later than it can a lease may seem to end, in milliseconds, until it is taken for damaged: much more than
 * processes differ about the time, as none must end early.
 */
const longestError = 10_000;

interface Observation {
  /** The write that was seen. */
  readonly write: bigint;
  readonly connection: number | undefined;
  /** When it was seen first, by the steady clock. */
  readonly since: number;
}

/**
 * Judges how long leases of others last, without a clock that all agree upon. A lease lives until the very same write has
 * been seen for as long as its holder asked for, by the steady clock of this process: whoever renews it writes anew.
 *
 * Who looks only once learns nothing that way. So a lease is over, too, when its end has long passed by the server's time.
 */
export class LeaseObservations {
  readonly #clock: Clock;
  readonly #seen = new Map<string, Observation>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many leases are watched. */
  get size(): number {
    return this.#seen.size;
  }

  /**
   * How many milliseconds a lease, or a rest, lasts if nobody renews it; 0 or less when it is over.
   *
   * @param name - of the item that holds it.
   * @param write - the last write of that item.
   * @param now - the present moment by the server's clock, epoch milliseconds; `undefined` where it is not known.
   */
  remaining(name: string, write: WriteNumber, { time, end }: FrameLease, now: number | undefined): number {
    const observed = time - (steadyNow(this.#clock) - this.#sinceOf(name, write));
    if (now === undefined) return observed;
    // No checksum covers a lease: where its end does not go with its time, it is no lease that anybody has written.
    if (end < Infinity && end - now > time + longestError) return 0;
    return Math.min(observed, end + uncertainty - now);
  }

  /** Watches a lease that this process has written itself, from now on. */
  begin(name: string, write: WriteNumber): void {
    this.#sinceOf(name, write);
  }

  /** Nobody has to wait for what the item holds. */
  end(name: string): void {
    this.#seen.delete(name);
  }

  /** When this write was seen first: now, if it was not. */
  #sinceOf(name: string, { bytes, connection }: WriteNumber): number {
    const write = bytes.readBigUInt64BE();
    const known = this.#seen.get(name);
    if (known?.write === write && known.connection === connection) return known.since;
    const since = steadyNow(this.#clock);
    this.#seen.delete(name);
    this.#seen.set(name, { write, connection, since });
    this.#boundSize();
    return since;
  }

  /** Those that were begun first go first: nobody may ask for them any more. */
  #boundSize(): void {
    if (this.#seen.size <= mostObservations) return;
    const [oldest] = this.#seen.keys();
    this.#seen.delete(oldest!);
  }
}
