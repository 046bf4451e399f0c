import { Buffer } from 'node:buffer';
import { newHolder, type Clock, type Duration, type Lock } from '@memo/core';
import { tryUntil } from '@memo/core/remote';
import type { AddResult } from './client/memcached-server.js';
import type { Items, Place } from './items.js';

/** For how many seconds somebody has the lock who never gives it back. */
const lifetime = 60;
/**
 * A lock that all who share a Memcached respect. It is one item that holds the holder's name: to whoever adds it first it
 * belongs, until it is given back or 60 seconds are over. Only its holder gives it back.
 */
export class MemcachedLock implements Lock {
  readonly #items: Items;
  readonly #clock: Clock;
  readonly #key: string;
  #holder: string | undefined;

  constructor(items: Items, clock: Clock, key: string) {
    this.#items = items;
    this.#clock = clock;
    this.#key = key;
  }

  /** @throws InvalidOptionError @throws StorageFailedError */
  acquire(timeout: Duration): Promise<boolean> {
    return tryUntil(timeout, this.#clock, () => this.#try());
  }

  /** @throws StorageFailedError */
  async release(): Promise<void> {
    const holder = this.#holder;
    this.#holder = undefined;
    if (holder === undefined) return;
    await this.#ask('unlock', async ({ shard: { server }, name }) => {
      const item = await server.get(name);
      // Between the two steps it may have ended, and be somebody else's.
      if (item?.value.toString() === holder) await server.delete(name, item.cas);
    });
  }

  async #try(): Promise<boolean> {
    const holder = newHolder();
    let attempt: Promise<AddResult> | undefined;
    const add = ({ shard, name }: Place): Promise<AddResult> =>
      (attempt = shard.server.add(name, Buffer.from(holder), { expires: lifetime }));
    try {
      if ((await this.#ask('lock', add)) === 'exists') return false;
    } catch (error) {
      // An attempt that was given up may come to pass yet, and nobody would know that he has the lock.
      attempt?.then((added) => this.#undo(added)).catch(() => undefined);
      throw error;
    }
    this.#holder = holder;
    return true;
  }

  async #undo(added: AddResult): Promise<void> {
    const { shard, name } = this.#items.lockPlaceOf(this.#key);
    if (added !== 'exists') await shard.server.delete(name, added.cas);
  }

  #ask<R>(operation: string, send: (place: Place) => Promise<R>): Promise<R> {
    return this.#items.askAt(this.#items.lockPlaceOf(this.#key), { operation, key: this.#key }, send);
  }
}
