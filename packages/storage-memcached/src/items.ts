import { withinDeadline, type Awaitable, type CacheEntry, type Clock, type SerDe } from '@memo/core';
import { ServerAccess, type Question } from '@memo/core/remote';
import { open, readEntry, type Frame } from '@memo/serde';
import { MemcachedServer, type Item } from './client/memcached-server.js';
import type { ServerAddress } from './client/server-address.js';
import { ClientClosedError, ContendedItemError, ItemsWithoutNumbersError, ServerReplyError } from './errors.js';
import type { PresentGeneration } from './generation-item.js';
import { isValid, mayBeCleared } from './generation.js';
import { SafeKeys } from './safe-key.js';
import { ServerChoice } from './server-choice.js';
import { Shard, type WritingTerms } from './shard.js';

/** A connection over which nothing comes for so many milliseconds, though it should, is given up. */
const shortestSilence = 2_000;

/** Where the item of a key is kept, and what it is called there. */
export interface Place {
  readonly shard: Shard;
  readonly name: string;
}

/** What a server holds under a key, seen together with the generation that says whether it counts. */
export interface Found {
  readonly present: PresentGeneration | undefined;
  readonly item: Item | undefined;
}

/** Neither an item nor a generation. */
export const nothing: Found = { present: undefined, item: undefined };

/** How much of it is there to be read. */
export function bytesOf({ present, item }: Found): number {
  return present === undefined || item === undefined ? 0 : item.value.length;
}

/** An entry as it is sent. */
export interface Packed {
  readonly envelope: Uint8Array;
  /** The generation's mark that the envelope carries. */
  readonly mark: Uint8Array;
  /** When the item goes, as Memcached takes it. */
  readonly expires: number;
}

/** How the items of a namespace are asked for. */
export interface ItemsSettings {
  readonly namespace: string;
  /** How long one operation may take, in milliseconds. */
  readonly deadline: number;
  readonly clock: Clock;
  /** Whether the servers' clocks count. A test that has injected a clock replaces them. */
  readonly asksTime: boolean;
}

/**
 * The items of a namespace: which server keeps the one of a key, how that server is asked within the deadline, and whether
 * what it holds counts.
 */
export class Items {
  readonly #keys: SafeKeys;
  readonly #deadline: number;
  readonly #clock: Clock;
  readonly #asksTime: boolean;
  readonly #shards: ServerChoice<Shard>;
  readonly #access: ServerAccess;

  constructor(addresses: readonly ServerAddress[], { namespace, deadline, clock, asksTime }: ItemsSettings) {
    this.#keys = new SafeKeys(namespace);
    this.#deadline = deadline;
    this.#clock = clock;
    this.#asksTime = asksTime;
    const { generationName } = this.#keys;
    const connection = { clock, requestPatience: deadline, silenceLimit: Math.max(deadline, shortestSilence) };
    const shards = addresses.map(
      (address) => new Shard(new MemcachedServer(address, connection), generationName, clock),
    );
    this.#shards = new ServerChoice(shards);
    this.#access = new ServerAccess({ deadline, clock, isAnswer });
    // So that the servers' time is known when the first entry is dated.
    if (asksTime) for (const shard of shards) shard.compareTime();
  }

  /**
   * The present moment by the servers' clock, epoch milliseconds. Of several servers the first by name counts that has told
   * its time, for every process the same one.
   */
  now(): number {
    const told = this.#shards.servers.find(({ time }) => time.known);
    return told === undefined ? this.#clock.now() : told.time.now();
  }

  /** The present moment by the clock of one server; `undefined` until it has told it. */
  timeOf({ time }: Shard): number | undefined {
    if (!this.#asksTime) return this.#clock.now();
    return time.known ? time.now() : undefined;
  }

  /**
   * The `exptime` of an item that is kept until a moment, and at least for so many milliseconds.
   *
   * @param keepUntil - by the servers' time, epoch milliseconds.
   */
  exptimeOf({ shard }: Place, keepUntil: number, least = 0): number {
    return shard.exptimeOf(Math.max(keepUntil - this.now(), least));
  }

  placeOf(key: string): Place {
    const name = this.#keys.nameOf(key);
    return { shard: this.#shards.serverOf(name), name };
  }

  /** Where the lock of a key is kept, which is an item of its own. */
  lockPlaceOf(key: string): Place {
    const name = this.#keys.lockNameOf(key);
    return { shard: this.#shards.serverOf(name), name };
  }

  /** How an envelope calls the key. */
  labelOf(key: string): string {
    return this.#keys.labelOf(key);
  }

  /**
   * What the server that keeps the item of a key answers.
   *
   * @param since - when the operation began, by `steadyNow`, if it asks more than once: it has one deadline in all.
   * @throws StorageFailedError
   */
  ask<R>(operation: string, key: string, send: (place: Place) => Promise<R>, since?: number): Promise<R> {
    return this.askAt(this.placeOf(key), { operation, key, ...(since !== undefined && { since }) }, send);
  }

  /** The same of the server that keeps another item. */
  askAt<R>(place: Place, question: Question, send: (place: Place) => Promise<R>): Promise<R> {
    return this.askShard(place.shard, question, () => send(place));
  }

  /**
   * What one server answers.
   *
   * @throws StorageFailedError
   */
  askShard<R>(shard: Shard, question: Question, send: () => Promise<R>): Promise<R> {
    return this.#access.ask(shard.name, question, () => {
      if (this.#asksTime) shard.compareTime();
      return send();
    });
  }

  /** Whether a server counts as down: of all who ask, one is let through from time to time. */
  isDown(shard: Shard): boolean {
    return this.#access.isDown(shard.name);
  }

  /** Reads the item of a key together with the generation. */
  find(operation: string, key: string, since?: number): Promise<Found> {
    return this.ask(operation, key, read, since);
  }

  /** What must be known of the server to write the item of a key. */
  async termsFor(operation: string, key: string, since: number): Promise<WritingTerms> {
    const { shard, name } = this.placeOf(key);
    return shard.knownFor(name) ?? this.beginGeneration(operation, key, since);
  }

  /** Begins a generation where there is none. */
  beginGeneration(operation: string, key: string, since: number): Promise<WritingTerms> {
    return this.ask(operation, key, ({ shard, name }) => shard.askFor(name), since);
  }

  /**
   * The entry that counts under a key, as the SerDe makes it; `undefined` if there is none. Throws, or rejects with, what tells
   * that it cannot be read.
   */
  readEntry(key: string, { present, item }: Found, serde: SerDe): Awaitable<CacheEntry> | undefined {
    if (present === undefined || item === undefined) return undefined;
    try {
      return readEntry(this.labelOf(key), item.value, serde, (mark) => isValid(mark, key, present.generation));
    } catch (cause) {
      if (isOlder(item, present) && mayBeCleared(key, present.generation)) return undefined;
      throw cause;
    }
  }

  /** The frame of what counts under a key, also of a placeholder. What cannot be read is as good as absent. */
  frameOf(key: string, { present, item }: Found): Frame | undefined {
    if (present === undefined || item === undefined) return undefined;
    try {
      const frame = open(item.value);
      const counts = frame.key === this.labelOf(key) && isValid(frame.generation, key, present.generation);
      return counts ? frame : undefined;
    } catch {
      return undefined;
    }
  }

  /** The same of a value, not of a placeholder. */
  valueFrameOf(key: string, found: Found): Frame | undefined {
    const frame = this.frameOf(key, found);
    return frame?.placeholder === true ? undefined : frame;
  }

  /** Makes invalid what the servers hold of the keys that begin with `scope`. */
  async clear(scope: string): Promise<void> {
    const clearing = this.#shards.servers.map((shard) =>
      this.askShard(shard, { operation: 'clear' }, () => shard.generation.clear(scope)),
    );
    const failed = (await Promise.allSettled(clearing)).find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Closes the connections after the answers that are still to come. */
  async close(): Promise<void> {
    await Promise.all(this.#shards.servers.map((shard) => this.#close(shard)));
  }

  async #close({ server }: Shard): Promise<void> {
    const deadline = { milliseconds: this.#deadline, operation: 'close', clock: this.#clock };
    await withinDeadline(deadline, () => server.close()).catch(() => server.destroy());
  }
}

/** Reads an item together with the generation that says whether it counts. */
export async function read({ shard, name }: Place): Promise<Found> {
  const [present, item] = await Promise.all([shard.generation.read(), shard.server.get(name)]);
  return { present, item };
}

/** Errors that are no fault of a server: what it answered, and what was not asked. */
const answers = [ServerReplyError, ContendedItemError, ItemsWithoutNumbersError, ClientClosedError];

function isAnswer(error: unknown): boolean {
  return answers.some((kind) => kind.isInstance(error));
}

/** Whether an item was written before the generation became what it is. */
function isOlder(item: Item, { cas }: PresentGeneration): boolean {
  return item.cas.bytes.compare(cas.bytes) < 0;
}
