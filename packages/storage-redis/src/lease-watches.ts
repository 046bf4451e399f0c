import { Buffer } from 'node:buffer';
import type { Clock, LeaseWatch } from '@memo/core';
import type { RedisClient, RedisKey } from './redis-client.js';
import { withKeyPrefix } from './servers.js';
import { WakeSubscription } from './wake-subscription.js';

/** No name begins with it: it is no byte of UTF-8. */
const beforeScope = Buffer.of(0xff);

/** What is published when the leases of all entries have ended whose names begin with `beginning`. */
export function scopeMessage(beginning: RedisKey): Buffer {
  return Buffer.concat([beforeScope, Buffer.from(beginning as string)]);
}

/**
 * Tells those who wait for a lease when it has ended, for all leases of a storage over one connection. A watch that is
 * made before the lease is asked for misses nothing: if the connection is there by then, the end of the lease is heard;
 * otherwise the watch changes as soon as it is, or cannot be had.
 */
export class LeaseWatches {
  /** By the names of entries as the server calls them, byte by byte. */
  readonly #byName = new Map<string, Set<() => void>>();
  readonly #client: RedisClient;
  readonly #subscription: WakeSubscription;

  constructor(client: RedisClient, channel: string, clock: Clock) {
    this.#client = client;
    this.#subscription = new WakeSubscription({
      ...{ client, channel, clock },
      isNeeded: () => this.#byName.size > 0,
      established: () => this.#changeScope(''),
      failed: () => this.#changeScope(''),
      received: (message) => this.#receive(message),
    });
  }

  watch(name: RedisKey): LeaseWatch {
    const nameOnServer = Buffer.from(withKeyPrefix(this.#client, name) as string).toString('latin1');
    const ofName = this.#byName.get(nameOnServer) ?? new Set();
    this.#byName.set(nameOnServer, ofName);
    let change!: () => void;
    const changed = new Promise<void>((resolve) => (change = resolve));
    ofName.add(change);
    const stop = (): void => {
      ofName.delete(change);
      if (ofName.size === 0 && this.#byName.get(nameOnServer) === ofName) this.#byName.delete(nameOnServer);
    };
    return { changed, stop };
  }

  /** Sees to it that watches change: to be called when somebody has to wait. Returns whether they will. */
  listen(): boolean {
    this.#subscription.open();
    return this.#subscription.isPromising;
  }

  close(): void {
    this.#subscription.close();
    this.#changeScope('');
  }

  #receive(message: Buffer): void {
    if (message[0] === beforeScope[0]) this.#changeScope(message.toString('latin1', 1));
    else this.#change(message.toString('latin1'));
  }

  #changeScope(beginning: string): void {
    for (const name of [...this.#byName.keys()]) {
      if (name.startsWith(beginning)) this.#change(name);
    }
  }

  #change(name: string): void {
    const ofName = this.#byName.get(name);
    this.#byName.delete(name);
    for (const change of ofName ?? []) change();
  }
}
