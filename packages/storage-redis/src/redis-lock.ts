import { newHolder, type Clock, type Duration, type Lock } from '@memo/core';
import { tryUntil } from '@memo/core/remote';
import type { RedisClient, RedisKey } from './redis-client.js';
import { lockScript, unlockScript } from './scripts/lock-scripts.js';
import { run, type Script, type ScriptValue } from './scripts/script.js';

/** For how many milliseconds somebody has the lock who never gives it back. */
const lifetime = 60_000;
/** What a lock belongs to. */
export interface RedisLockTraits {
  readonly client: RedisClient;
  readonly clock: Clock;
  readonly name: RedisKey;
  /** Asks the server within the deadline. */
  readonly ask: <R>(operation: string, send: (name: RedisKey, address: string) => Promise<R>) => Promise<R>;
}

/**
 * A lock that all who share a Redis respect. It is one key that holds the holder's name: to whoever sets it first it
 * belongs, until it is given back or 60 seconds are over. Only its holder gives it back.
 */
export class RedisLock implements Lock {
  readonly #traits: RedisLockTraits;
  #holder: string | undefined;

  constructor(traits: RedisLockTraits) {
    this.#traits = traits;
  }

  /** @throws InvalidOptionError @throws StorageFailedError */
  acquire(timeout: Duration): Promise<boolean> {
    const holder = newHolder();
    return tryUntil(timeout, this.#traits.clock, () => this.#try(holder));
  }

  /** @throws StorageFailedError */
  async release(): Promise<void> {
    const holder = this.#holder;
    this.#holder = undefined;
    if (holder !== undefined) await this.#traits.ask('unlock', (_name, address) => this.#unlock(holder, address));
  }

  async #try(holder: string): Promise<boolean> {
    let undo = (): void => {};
    const send = (_name: RedisKey, address: string): Promise<boolean> => {
      const isHad = this.#run(address, lockScript, holder, lifetime).then((answer) => Number(answer) === 1);
      undo = () => this.#undo(holder, address, isHad);
      return isHad;
    };
    try {
      if (!(await this.#traits.ask('lock', send))) return false;
    } catch (error) {
      undo();
      throw error;
    }
    this.#holder = holder;
    return true;
  }

  /** Nobody knows whether a try that failed was carried out, or will be. */
  #undo(holder: string, address: string, isHad: Promise<boolean>): void {
    const unlock = (): void => void this.#unlock(holder, address).catch(() => undefined);
    // At once, as a client may never say what became of a command; and again if it was overtaken.
    unlock();
    isHad.then((isLate) => isLate && unlock()).catch(() => undefined);
  }

  #unlock(holder: string, address: string): Promise<unknown> {
    return this.#run(address, unlockScript, holder);
  }

  #run(address: string, script: Script, ...values: ScriptValue[]): Promise<unknown> {
    const { client, name } = this.#traits;
    return run(client, address, script, name, ...values);
  }
}
