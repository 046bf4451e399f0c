import type { Buffer } from 'node:buffer';
import type { CancelTimer, Clock } from '@memo/core';
import type { RedisClient, RedisSubscriber, SubscriberOptions } from './redis-client.js';
import { anyServer } from './servers.js';
import { whenClosed } from './when-closed.js';

/** How long to wait, in milliseconds, before a connection that failed is opened again: twice as long each time. */
const shortestPause = 50;
const longestPause = 5_000;

/**
 * Whatever the user's client is set to. It is the subscription that opens another connection, perhaps to another server
 * of the cluster; what is sent on this one is sent at once or not at all.
 */
const options: SubscriberOptions = {
  ...{ lazyConnect: true, enableOfflineQueue: false, autoResubscribe: false },
  ...{ connectTimeout: 2_000, keepAlive: 10_000, retryStrategy: () => null },
};

/** What a subscription belongs to. */
export interface WakeSubscriptionTraits {
  readonly client: RedisClient;
  readonly channel: string;
  readonly clock: Clock;
  /** Whether anybody waits: if not, a connection that failed is not opened again. */
  readonly isNeeded: () => boolean;
  /** From now on every message arrives; those before may have been lost. */
  readonly established: () => void;
  /** The first try has failed: until a later one succeeds, no message arrives. */
  readonly failed: () => void;
  readonly received: (message: Buffer) => void;
}

/**
 * A connection of its own to hear on a channel that a lease has ended. It is opened on the first need and then stays, is
 * replaced after a cut, and keeps no process alive. Where it cannot be had, nothing fails.
 */
export class WakeSubscription {
  readonly #traits: WakeSubscriptionTraits;
  #connection: RedisSubscriber | undefined;
  #isClosed = false;
  #wasEstablished = false;
  #hasFailed = false;
  #openedAt = 0;
  #pause = shortestPause;
  #cancelPause: CancelTimer | undefined;
  #forgetClient: (() => void) | undefined;

  constructor(traits: WakeSubscriptionTraits) {
    this.#traits = traits;
  }

  /**
   * Whether those who wait may rely on being told: a connection is there, or was and is replaced, or the first one is being
   * opened. Where none has ever been had, perhaps none may be.
   */
  get isPromising(): boolean {
    return !this.#isClosed && (this.#wasEstablished || !this.#hasFailed);
  }

  /** Sees to it that there is a connection, or will be soon. */
  open(): void {
    if (this.#isClosed || this.#connection !== undefined || this.#cancelPause !== undefined) return;
    // Whoever closes the client, and not the storage, wants no connection to stay.
    this.#forgetClient ??= whenClosed(this.#traits.client, () => this.#drop());
    this.#openedAt = performance.now();
    const connection = subscriberOf(this.#traits.client);
    if (connection === undefined) {
      this.#openLater();
      return;
    }
    this.#connection = connection;
    // Why it failed does not matter: it ends then.
    connection.on('error', () => {});
    connection.on('connect', () => connection.stream.unref());
    connection.on('messageBuffer', (_channel, message) => this.#traits.received(message));
    connection.on('end', () => this.#lost(connection));
    this.#subscribe(connection).catch(() => connection.disconnect());
  }

  close(): void {
    this.#isClosed = true;
    this.#forgetClient?.();
    this.#drop();
  }

  async #subscribe(connection: RedisSubscriber): Promise<void> {
    await connection.connect();
    await connection.subscribe(this.#traits.channel);
    if (connection !== this.#connection) return;
    this.#wasEstablished = true;
    this.#traits.established();
  }

  /** Lets go of the connection as if there had never been one. */
  #drop(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.disconnect();
    this.#cancelPause?.();
    this.#cancelPause = undefined;
  }

  #lost(connection: RedisSubscriber): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#openLater();
  }

  #openLater(): void {
    const hasLasted = performance.now() - this.#openedAt > longestPause;
    const pause = hasLasted ? shortestPause : this.#pause;
    this.#pause = Math.min(2 * pause, longestPause);
    const open = (): void => {
      this.#cancelPause = undefined;
      if (this.#traits.isNeeded()) this.open();
    };
    this.#cancelPause = this.#traits.clock.setTimer(open, pause, { background: true });
    if (this.#wasEstablished || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#traits.failed();
  }
}

/** Undefined where there is no server to connect to, for now. */
function subscriberOf(client: RedisClient): RedisSubscriber | undefined {
  try {
    return anyServer(client)?.duplicate?.(options);
  } catch {
    return undefined;
  }
}
