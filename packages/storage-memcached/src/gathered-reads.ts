import { StorageFailedError, type Awaitable, type CacheEntry } from '@memo/core';
import { atEndOfTurn } from './client/end-of-turn.js';
import type { TakenItem } from './client/memcached-server.js';
import type { PresentGeneration } from './generation-item.js';
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

/** What makes entries of what is found. */
export interface Unpacking {
  /** The turn of the event loop in which it may be unpacked; `undefined`: this one. */
  turnFor(found: Found): Promise<void> | undefined;
  /** The entry, at once where that can be. Throws, or rejects with, what the reader is to get. */
  entryOf(key: string, found: Found): Awaitable<CacheEntry | undefined>;
}

/**
 * Gathers the reads of one turn of the event loop: each server is asked once for all of its keys, in one piece, with one look
 * at the generation and one deadline. Each read has an answer of its own, as soon as that has come. Those that ask for the
 * same key share one.
 */
export class GatheredReads {
  readonly #items: Items;
  readonly #unpacking: Unpacking;
  /** What has been asked for in this turn, by key. */
  #answers = new Map<string, Promise<CacheEntry | undefined>>();
  #reads = new Map<Shard, Read[]>();

  constructor(items: Items, unpacking: Unpacking) {
    this.#items = items;
    this.#unpacking = unpacking;
  }

  /** The entry of a key. @returns rejects with a `StorageFailedError`, and with what `Unpacking` throws or rejects with. */
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
      if (!this.#items.isDown(shard)) void this.#ask(shard, reads);
      else {
        // One read finds out whether it is back; the others are not to wait for that.
        void this.#ask(shard, reads.slice(0, 1));
        if (reads.length > 1) void this.#ask(shard, reads.slice(1));
      }
    }
  }

  async #ask(shard: Shard, reads: readonly Read[]): Promise<void> {
    const answering = new Answering(reads, this.#unpacking);
    const names = reads.map(({ name }) => name);
    try {
      await this.#items.askShard(shard, { operation: 'get' }, () =>
        shard.readEach(names, (_, item, present) => answering.take(item, present)),
      );
    } catch (error) {
      answering.fail((error as StorageFailedError).cause);
    }
  }
}

/** What has come for a read, and waits for its turn. */
interface Waiting {
  readonly read: Read;
  readonly found: Found;
}

/** Answers the reads that one server was asked for in one piece, in their order. */
class Answering {
  readonly #reads: readonly Read[];
  readonly #unpacking: Unpacking;
  /** For how many something has come. */
  #taken = 0;
  #waiting: Waiting[] | undefined;

  constructor(reads: readonly Read[], unpacking: Unpacking) {
    this.#reads = reads;
    this.#unpacking = unpacking;
  }

  /** Takes what has come for the next read. What comes after `fail` is for nobody. */
  take(item: TakenItem, present: PresentGeneration | undefined): void {
    const read = this.#reads[this.#taken++];
    if (read === undefined) return;
    if (item instanceof Error) return read.reject(new StorageFailedError('get', read.key, item));
    const found = { present, item };
    if (this.#waiting !== undefined) return void this.#waiting.push({ read, found });
    const turn = this.#unpacking.turnFor(found);
    if (turn === undefined) this.#answer(read, found);
    else void this.#answerFrom(turn, { read, found });
  }

  /** The reads for which nothing has come fail. */
  fail(cause: unknown): void {
    for (const { key, reject } of this.#reads.slice(this.#taken)) reject(new StorageFailedError('get', key, cause));
    this.#taken = this.#reads.length;
  }

  #answer({ key, resolve, reject }: Read, found: Found): void {
    try {
      resolve(this.#unpacking.entryOf(key, found));
    } catch (error) {
      reject(error);
    }
  }

  /** Answers what has come, and what comes meanwhile, each in its turn. */
  async #answerFrom(turn: Promise<void>, first: Waiting): Promise<void> {
    const waiting = [first];
    this.#waiting = waiting;
    await turn;
    this.#answer(first.read, first.found);
    for (let next = 1; next < waiting.length; next++) {
      const { read, found } = waiting[next]!;
      const its = this.#unpacking.turnFor(found);
      if (its !== undefined) await its;
      this.#answer(read, found);
    }
    this.#waiting = undefined;
  }
}
