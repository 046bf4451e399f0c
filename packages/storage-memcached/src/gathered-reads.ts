import { StorageFailedError, type Awaitable, type CacheEntry } from '@memo/core';
import { atEndOfTurn } from './client/end-of-turn.js';
import type { Found, Items } from './items.js';
import type { Shard } from './shard.js';

/** A key that is asked for, until it is answered. */
interface Read {
  readonly key: string;
  /** Of its item. */
  readonly name: string;
  readonly resolve: (entry: Awaitable<CacheEntry | undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes an entry of what is found under a key; at once where it can. */
export type MakeEntry = (key: string, found: Found) => Awaitable<CacheEntry | undefined>;

/**
 * Gathers the reads of one turn of the event loop: each server is asked once for all of its keys, in one piece, with one look
 * at the generation and one deadline. Each read has an answer of its own, as soon as that has come. Those that ask for the
 * same key share one.
 */
export class GatheredReads {
  readonly #items: Items;
  readonly #entryOf: MakeEntry;
  /** What has been asked for in this turn, by key. */
  #answers = new Map<string, Promise<CacheEntry | undefined>>();
  #reads = new Map<Shard, Read[]>();

  constructor(items: Items, entryOf: MakeEntry) {
    this.#items = items;
    this.#entryOf = entryOf;
  }

  /** The entry of a key. @returns rejects with a `StorageFailedError`, and with what `MakeEntry` throws or rejects with. */
  get(key: string): Promise<CacheEntry | undefined> {
    const asked = this.#answers.get(key);
    if (asked !== undefined) return asked;
    if (this.#answers.size === 0) atEndOfTurn(() => this.#askAll());
    const answer = new Promise<CacheEntry | undefined>((resolve, reject) => {
      const { shard, name } = this.#items.placeOf(key);
      this.#readsOf(shard).push({ key, name, resolve, reject });
    });
    this.#answers.set(key, answer);
    return answer;
  }

  #readsOf(shard: Shard): Read[] {
    const known = this.#reads.get(shard);
    if (known !== undefined) return known;
    const reads: Read[] = [];
    this.#reads.set(shard, reads);
    return reads;
  }

  #askAll(): void {
    const gathered = this.#reads;
    this.#answers = new Map();
    this.#reads = new Map();
    for (const [shard, reads] of gathered) {
      // While a server is down one read finds out whether it is back; the others are not to wait for that.
      const first = this.#items.isDown(shard) ? 1 : reads.length;
      void this.#ask(shard, reads.slice(0, first));
      if (first < reads.length) void this.#ask(shard, reads.slice(first));
    }
  }

  async #ask(shard: Shard, reads: readonly Read[]): Promise<void> {
    let answered = 0;
    let isOver = false;
    const names = reads.map(({ name }) => name);
    const send = (): Promise<void> =>
      shard.readEach(names, (place, item, present) => {
        if (isOver) return;
        answered++;
        const { key, resolve, reject } = reads[place]!;
        try {
          if (item instanceof Error) reject(new StorageFailedError('get', key, item));
          else resolve(this.#entryOf(key, { present, item }));
        } catch (error) {
          reject(error);
        }
      });
    try {
      await this.#items.askShard(shard, { operation: 'get' }, send);
    } catch (error) {
      isOver = true;
      const { cause } = error as StorageFailedError;
      for (const { key, reject } of reads.slice(answered)) reject(new StorageFailedError('get', key, cause));
    }
  }
}
