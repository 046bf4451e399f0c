import { deserialize, serialize } from 'node:v8';
import type { CacheEntry, Lock, SerDe } from '@memo/core';
import { deferred, turn, type Deferred } from '../support/deferred.js';
import { InProcessLocks } from '../originals/in-process-locks.js';

/** What is kept under a key: what became of a record, and until when a store that forgets keeps it. */
interface Kept {
  readonly written: unknown;
  readonly until: number;
}

/** How a store copies what it is given, and what it gives. */
export interface Copying {
  write(record: unknown): unknown;
  read(written: unknown): unknown;
}

export const byJson: Copying = {
  write: (record) => JSON.stringify(record),
  read: (text) => JSON.parse(text as string) as unknown,
};

export const byStructuredClone: Copying = { write: structuredClone, read: structuredClone };

/** Keeps text, and nothing else. */
export const textOnly: Copying = {
  write(text) {
    if (typeof text !== 'string') throw new TypeError('This store keeps text.');
    return text;
  },
  read: (text) => text,
};

/** A serde of bytes that are no text. */
export class V8SerDe implements SerDe {
  readonly format = 'v8';

  serialize(entry: CacheEntry): Uint8Array {
    return serialize(entry);
  }

  deserialize(data: Uint8Array): CacheEntry {
    return deserialize(data) as CacheEntry;
  }
}

/** What several stores over the same data share, as several clients of one server do. */
export class Backend {
  readonly kept = new Map<string, Kept>();
  readonly locks = new InProcessLocks();
  #away: Deferred<void> | undefined;
  #questions = 0;

  /** From now on nothing is answered or takes effect, until the function that it returns is called. */
  readonly interrupt = (): (() => void) => {
    const away = deferred<void>();
    this.#away = away;
    return () => {
      this.#away = undefined;
      away.resolve();
    };
  };

  /** Later ones may take effect before earlier ones. */
  async reached(): Promise<void> {
    for (let turns = (this.#questions = (this.#questions + 1) % 3); turns > 0; turns--) await turn();
    while (this.#away !== undefined) await this.#away.promise;
  }
}

/** An asynchronous store, such as a client of a database. */
export class DistantStore {
  readonly backend: Backend;
  readonly #copying: Copying;

  constructor(copying: Copying, backend = new Backend()) {
    this.#copying = copying;
    this.backend = backend;
  }

  async get(key: string): Promise<unknown> {
    await this.backend.reached();
    return this.found(key);
  }

  async set(key: string, record: unknown, milliseconds = Infinity): Promise<void> {
    const written = this.#copying.write(record);
    const until = Date.now() + milliseconds;
    await this.backend.reached();
    this.backend.kept.set(key, { written, until });
  }

  async delete(key: string): Promise<boolean> {
    await this.backend.reached();
    return this.backend.kept.delete(key);
  }

  protected found(key: string): unknown {
    const kept = this.backend.kept.get(key);
    return kept === undefined || Date.now() >= kept.until ? null : this.#copying.read(kept.written);
  }
}

/** One that lists its keys with the records. */
export class ListingStore extends DistantStore {
  async *entries(): AsyncGenerator<[string, unknown], void> {
    for (const key of this.backend.kept.keys()) {
      await this.backend.reached();
      yield [key, this.found(key)];
    }
  }
}

/** One that can whatever a store can do. */
export class AbleStore extends DistantStore {
  async keys(): Promise<string[]> {
    await this.backend.reached();
    return [...this.backend.kept.keys()];
  }

  async clear(): Promise<void> {
    await this.backend.reached();
    this.backend.kept.clear();
  }

  async ttl(key: string): Promise<number> {
    await this.backend.reached();
    return Math.max(0, (this.backend.kept.get(key)?.until ?? 0) - Date.now() - 1);
  }

  lock(key: string): Lock {
    return this.backend.locks.of(key);
  }
}
