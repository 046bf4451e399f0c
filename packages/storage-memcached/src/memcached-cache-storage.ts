/// <reference lib="esnext.disposable" preserve="true" />
import {
  StorageFailedError,
  withinDeadline,
  type CacheEntry,
  type CacheStorage,
  type Clock,
  type EntryMoments,
  type OfferResult,
  type SerDe,
} from '@memo/core';
import { SerDeAccess, ServerAccess, unreadableEntry } from '@memo/core/remote';
import { entryOfFrame, envelopeLayout, momentsBlock, MsgpackSerDe, open, packEntry, type Frame } from '@memo/serde';
import { MemcachedServer, type Item, type WriteResult } from './client/memcached-server.js';
import { ClientClosedError, ContendedItemError, ItemsWithoutNumbersError, ServerReplyError } from './errors.js';
import type { PresentGeneration } from './generation-item.js';
import { isValid, markOf, mayBeCleared } from './generation.js';
import { memcachedStorageSettings, type MemcachedCacheStorageOptions } from './memcached-storage-options.js';
import { SafeKeys } from './safe-key.js';
import { ServerChoice } from './server-choice.js';
import { addressesOf, type MemcachedServers, type MemjsClient } from './servers.js';
import { Shard } from './shard.js';

/** A connection over which nothing comes for so many milliseconds, though it should, is given up. */
const shortestSilence = 2_000;
/** How often moments are tried again because somebody else has written the entry meanwhile. */
const attempts = 5;

/** What a server holds under a key. */
interface Held {
  readonly present: PresentGeneration | undefined;
  readonly item: Item | undefined;
}

const nothing: Held = { present: undefined, item: undefined };

/**
 * A storage that keeps entries in Memcached, shared by all processes that use the same servers and namespace.
 *
 * One entry is one item under `<namespace>:<key>`: an envelope of `@memo/serde` around what the SerDe wrote. A read is
 * two GETs in one write: the item, and the generation by which the namespace is cleared. Several servers share the keys
 * among them; one that is dead costs only its own. Every operation ends within the deadline, and after five failures in a
 * row a server is asked once a second only, until it answers. Operations that cannot be carried out reject with a
 * `StorageFailedError`.
 */
export class MemcachedCacheStorage implements CacheStorage {
  readonly shared = true;
  /** Milliseconds that one operation may take. */
  readonly deadline: number;
  readonly #serde: SerDe;
  readonly #serdeAccess: SerDeAccess;
  readonly #keys: SafeKeys;
  readonly #largestEntry: number;
  readonly #clock: Clock;
  /** Whether the servers' clocks count. A test that has injected a clock replaces them. */
  readonly #asksTime: boolean;
  readonly #shards: ServerChoice<Shard>;
  readonly #access: ServerAccess;

  /**
   * @param servers - where they are, or a client of memjs that knows it. The storage opens connections of its own, which
   *   keep no process alive, and leaves those of the client alone.
   * @throws InvalidCallError when it is neither.
   * @throws InvalidOptionError
   */
  constructor(servers: MemjsClient | MemcachedServers, options: MemcachedCacheStorageOptions = {}) {
    const { namespace, deadline, maxEntryBytes, clock } = memcachedStorageSettings(options);
    const addresses = addressesOf(servers);
    this.#serde = options.serde ?? new MsgpackSerDe();
    this.#serdeAccess = new SerDeAccess({ deadline, clock });
    this.#keys = new SafeKeys(namespace);
    this.#largestEntry = maxEntryBytes;
    this.#clock = clock;
    this.#asksTime = options.clock === undefined;
    this.deadline = deadline;
    const { generationName } = this.#keys;
    const connection = { clock, requestPatience: deadline, silenceLimit: Math.max(deadline, shortestSilence) };
    const shards = addresses.map(
      (address) => new Shard(new MemcachedServer(address, connection), generationName, clock),
    );
    this.#shards = new ServerChoice(shards);
    this.#access = new ServerAccess({ deadline, clock, isAnswer });
    // So that the servers' time is known when the first entry is dated.
    if (this.#asksTime) for (const shard of shards) shard.compareTime();
  }

  /**
   * The present moment by the servers' clock, epoch milliseconds: at first within a second, closer after a few minutes. Of
   * several servers the first by name counts that has told its time, for every process the same one.
   */
  now(): number {
    const told = this.#shards.servers.find(({ time }) => time.known);
    return told === undefined ? this.#clock.now() : told.time.now();
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const frame = this.#frameOf(key, await this.#ask('get', key, read));
    if (frame === undefined) return undefined;
    return this.#serdeAccess.unpack(key, () => entryOfFrame(this.#keys.labelOf(key), frame, this.#serde));
  }

  async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
    const began = this.#clock.now();
    const { shard, name } = this.#placeOf(key);
    const terms = shard.knownFor(name) ?? (await this.#ask('offer', key, () => shard.askFor(name), began));
    const spent = this.#clock.now() - began;
    const mark = markOf(terms.generation);
    const label = this.#keys.labelOf(key);
    const envelope = await this.#serdeAccess.pack(key, () =>
      packEntry(label, entry, this.#serde, { generation: mark }),
    );
    if (envelope.length > Math.min(terms.mostBytes, this.#largestEntry)) return 'declined';
    const expires = shard.exptimeOf(entry.expiresAfter - this.now());
    const write = (): Promise<unknown> => shard.server.set(name, envelope, { expires });
    // The SerDe's time is not the server's.
    const since = this.#clock.now() - spent;
    const [present] = await this.#ask('offer', key, () => Promise.all([shard.generation.read(), write()]), since);
    // Cleared since this process last looked: what was loaded before that does not count.
    return present !== undefined && isValid(mark, key, present.generation) ? 'stored' : 'declined';
  }

  /** Does nothing: other processes may need the entry, and its lifetime ends on the server. */
  release(_key: string): Promise<void> {
    return Promise.resolve();
  }

  async invalidate(key: string): Promise<number | undefined> {
    const [held] = await this.#ask('invalidate', key, (shard, name) => {
      // What there was is not worth failing for.
      const reading = read(shard, name).catch(() => nothing);
      return Promise.all([reading, shard.server.delete(name)]);
    });
    return this.#readableFrameOf(key, held)?.expiresAfter;
  }

  async changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    const since = this.#clock.now();
    const block = momentsBlock({ ...moments, keepUntil: moments.expiresAfter });
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const held = await this.#ask('changeMoments', key, read, since);
      const frame = this.#readableFrameOf(key, held);
      if (frame?.created !== expected.created || now >= frame.expiresAfter) return false;
      const changed = Uint8Array.from(held.item!.value);
      changed.set(block, envelopeLayout.moments);
      const write = (shard: Shard, name: string): Promise<WriteResult> => {
        const expires = shard.exptimeOf(moments.expiresAfter - now);
        return shard.server.set(name, changed, { expires, cas: held.item!.cas });
      };
      const outcome = await this.#ask('changeMoments', key, write, since);
      if (outcome === 'missing') return false;
      if (outcome !== 'exists') return true;
    }
    throw new StorageFailedError('changeMoments', key, new ContendedItemError(attempts));
  }

  /**
   * Takes away every entry of this namespace whose key begins with `scope`, on all servers: each begins a new generation,
   * or notes that the scope was cleared. What was written before counts no more, and Memcached drops it when its lifetime
   * is over or it needs room.
   */
  async clear(scope: string): Promise<void> {
    const clearing = this.#shards.servers.map((shard) =>
      this.#access.ask(shard.name, { operation: 'clear' }, () => this.#timed(shard).generation.clear(scope)),
    );
    const failed = (await Promise.allSettled(clearing)).find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Closes the connections of this storage, after the answers that are still to come. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#shards.servers.map((shard) => this.#close(shard)));
  }

  /**
   * The frame of an entry that has not been cleared; `undefined` if there is none.
   *
   * @throws UnreadableEntryError
   */
  #frameOf(key: string, { present, item }: Held): Frame | undefined {
    if (present === undefined || item === undefined) return undefined;
    try {
      const frame = open(item.value);
      return frame.placeholder !== true && isValid(frame.generation, key, present.generation) ? frame : undefined;
    } catch (cause) {
      if (isOlder(item, present) && mayBeCleared(key, present.generation)) return undefined;
      throw unreadableEntry(key, cause);
    }
  }

  /** The same of an entry that is to be changed or taken away, where what cannot be read is as good as absent. */
  #readableFrameOf(key: string, held: Held): Frame | undefined {
    try {
      const frame = this.#frameOf(key, held);
      return frame?.key === this.#keys.labelOf(key) ? frame : undefined;
    } catch {
      return undefined;
    }
  }

  async #close({ server }: Shard): Promise<void> {
    const deadline = { milliseconds: this.deadline, operation: 'close', clock: this.#clock };
    await withinDeadline(deadline, () => server.close()).catch(() => server.destroy());
  }

  #placeOf(key: string): { readonly shard: Shard; readonly name: string } {
    const name = this.#keys.nameOf(key);
    return { shard: this.#shards.serverOf(name), name };
  }

  /** @param since - when the operation began, if it asks more than once: it has one deadline in all. */
  #ask<R>(
    operation: string,
    key: string,
    send: (shard: Shard, name: string) => Promise<R>,
    since?: number,
  ): Promise<R> {
    const { shard, name } = this.#placeOf(key);
    const question = { operation, key, ...(since !== undefined && { since }) };
    return this.#access.ask(shard.name, question, () => send(this.#timed(shard), name));
  }

  #timed(shard: Shard): Shard {
    if (this.#asksTime) shard.compareTime();
    return shard;
  }
}

/** Reads an item together with the generation that says whether it counts. */
async function read({ server, generation }: Shard, name: string): Promise<Held> {
  const [present, item] = await Promise.all([generation.read(), server.get(name)]);
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
