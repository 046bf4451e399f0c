import { setTimeout as sleep } from 'node:timers/promises';
import { type Duration, type Lock, toMilliseconds } from '@memo/core';
import type { StandaloneClient } from '../support/clients.js';

/** How long a lock is believed to be held, in seconds. */
const expires = 60;

/** A model of PyMemoize 1.0.3's `memoize.redis.wrap`, with its defects (P72). */
export class ModelledRedisStore {
  readonly #client: StandaloneClient;

  constructor(client: StandaloneClient) {
    this.#client = client;
  }

  /** A shelf writes what it is given, and says nothing of lifetimes (P72). */
  async set(key: string, value: string, _expiresAfter: number): Promise<void> {
    await this.#client.call('SET', key, value);
  }

  lock(key: string): Lock {
    return new ModelledRedisLock(this.#client, `${key}.lock`);
  }
}

/** A model of its `Lock`, with its defects (P73, P74). */
class ModelledRedisLock implements Lock {
  readonly #client: StandaloneClient;
  readonly #key: string;

  constructor(client: StandaloneClient, key: string) {
    this.#client = client;
    this.#key = key;
  }

  /** P73: the loop goes on while any time is left, with a pause that doubles. */
  async acquire(timeout: Duration): Promise<boolean> {
    let left = toMilliseconds(timeout, { call: 'acquire', option: 'timeout' }) / 1_000;
    for (let delay = 0.1; left >= 0; delay *= 2) {
      if (await this.#try()) return true;
      if (left === 0) return false;
      await sleep(Math.min(left, delay) * 1_000);
      left -= delay;
    }
    return false;
  }

  async #try(): Promise<boolean> {
    const now = Date.now() / 1_000;
    const stamp = String(now + expires + 1);
    if ((await this.#client.call('SETNX', this.#key, stamp)) === 1) return true;
    const held = (await this.#client.call('GET', this.#key)) as string | null;
    if (held === null || Number(held) >= now) return false;
    // Whoever loses this race has changed the winner's stamp (P74).
    return (await this.#client.call('GETSET', this.#key, stamp)) === held;
  }

  /** Deletes the key, whoever has it by now (P74). */
  async release(): Promise<void> {
    await this.#client.call('DEL', this.#key);
  }
}
