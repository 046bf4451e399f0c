/// <reference lib="esnext.disposable" preserve="true" />
import {
  keepUntilOf,
  steadyNow,
  StorageFailedError,
  type Awaitable,
  type CacheEntry,
  type CacheStorage,
  type Clock,
  type EntryMoments,
  type Lease,
  type LeaseAnswer,
  type LeaseRequest,
  type Lock,
  type OfferResult,
  type SerDe,
} from '@memo/core';
import { SerDeAccess } from '@memo/core/remote';
import { entryOfFrame, envelopeLayout, momentsBlock, MsgpackSerDe, packEntry, type Frame } from '@memo/serde';
import type { WriteResult } from './client/memcached-server.js';
import { ContendedItemError } from './errors.js';
import { ExplicitWrite } from './explicit-write.js';
import { findMany } from './find-many.js';
import { GatheredReads } from './gathered-reads.js';
import { isValid, markOf } from './generation.js';
import { bytesOf, Items, nothing, read, type Found, type Packed, type Place } from './items.js';
import { keptFor } from './leases/lease-frame.js';
import { Leases } from './leases/leases.js';
import { MemcachedLock } from './memcached-lock.js';
import { memcachedStorageSettings, type MemcachedCacheStorageOptions } from './memcached-storage-options.js';
import { addressesOf, type MemcachedServers, type MemjsClient } from './servers.js';

/** How often moments are tried again because somebody else has written the entry meanwhile. */
const attempts = 5;

/**
 * A storage that keeps entries in Memcached, shared by all processes that use the same servers and namespace.
 *
 * One entry is one item under `<namespace>:<key>`: an envelope of `@memo/serde` around what the SerDe wrote, in which the
 * lease of the key stands as well. A read is two GETs in one write: the item, and the generation by which the namespace is
 * cleared. Several servers share the keys among them; one that is dead costs only its own, also of many that are read at
 * once. Every operation ends within the deadline, and after five failures in a row a server is asked once a second only,
 * until it answers. Operations that cannot be carried out reject with a `StorageFailedError`.
 */
export class MemcachedCacheStorage implements CacheStorage {
  readonly shared = true;
  /** Milliseconds that one operation may take. */
  readonly deadline: number;
  readonly #serde: SerDe;
  readonly #serdeAccess: SerDeAccess;
  readonly #largestEntry: number;
  readonly #clock: Clock;
  readonly #items: Items;
  readonly #reads: GatheredReads;
  readonly #leases: Leases;

  /**
   * @param servers - where they are, or a client of memjs that knows it. The storage opens connections of its own, which
   *   keep no process alive, and leaves those of the client alone.
   * @throws InvalidCallError when it is neither.
   * @throws InvalidOptionError
   */
  constructor(servers: MemjsClient | MemcachedServers, options: MemcachedCacheStorageOptions = {}) {
    const { namespace, deadline, maxEntryBytes, clock } = memcachedStorageSettings(options);
    this.#serde = options.serde ?? new MsgpackSerDe();
    this.#serdeAccess = new SerDeAccess({ deadline, clock });
    this.#largestEntry = maxEntryBytes;
    this.#clock = clock;
    this.deadline = deadline;
    this.#items = new Items(addressesOf(servers), {
      namespace,
      deadline,
      clock,
      asksTime: options.clock === undefined,
    });
    this.#reads = new GatheredReads(this.#items, {
      turnFor: (found) => this.#serdeAccess.turnFor(bytesOf(found)),
      entryOf: (key, found) => this.#entryFound(key, found),
    });
    this.#leases = new Leases(this.#items, clock);
  }

  /**
   * The present moment by the servers' clock, epoch milliseconds: at first within a second, closer after a few minutes. Of
   * several servers the first by name counts that has told its time, for every process the same one.
   */
  now(): number {
    return this.#items.now();
  }

  /** What is asked for in one turn of the event loop goes to each server in one piece. Those who ask for one key share the entry. */
  get(key: string): Promise<CacheEntry | undefined> {
    return this.#reads.get(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (CacheEntry | Error | undefined)[]> {
    const question = { operation: 'getMany', since: steadyNow(this.#clock) };
    const found = findMany(this.#items, question, keys);
    const answers = found.map(async (finding, index) => {
      const one = await finding;
      await this.#serdeAccess.turnFor(bytesOf(one));
      return this.#entryFound(keys[index]!, one);
    });
    return Promise.all(answers.map((answer) => answer.catch((error: Error) => error)));
  }

  async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
    const held = lease && this.#leases.heldFor(key, lease);
    if (lease !== undefined && held === undefined) return 'declined';
    if (held?.isConnected === false) return held.decline();
    const began = steadyNow(this.#clock);
    const { generation, mostBytes } = await this.#items.termsFor('offer', key, began);
    const spent = steadyNow(this.#clock) - began;
    const packed = await this.#pack(key, entry, held?.mark ?? markOf(generation), mostBytes);
    if (packed === undefined) return 'declined';
    // The SerDe's time is not the server's.
    const since = steadyNow(this.#clock) - spent;
    return held === undefined ? this.#write(key, packed, since) : held.publish(packed, since);
  }

  set(key: string, entry: CacheEntry): Promise<OfferResult> {
    const write = new ExplicitWrite(this.#items, this.#clock, key, (mark, mostBytes) =>
      this.#pack(key, entry, mark, mostBytes),
    );
    return write.run();
  }

  lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
    const label = this.#items.labelOf(key);
    const unpack = (frame: Frame) => this.#serdeAccess.unpack(key, () => entryOfFrame(label, frame, this.#serde));
    return this.#leases.acquire(key, request, (frame) => unpack(frame).catch(() => undefined));
  }

  /** One item of its own, which ends 60 seconds after it was had. */
  lock(key: string): Lock {
    return new MemcachedLock(this.#items, this.#clock, key);
  }

  /** Does nothing: other processes may need the entry, and its lifetime ends on the server. */
  release(_key: string): Promise<void> {
    return Promise.resolve();
  }

  async invalidate(key: string): Promise<number | undefined> {
    const [found] = await this.#items.ask('invalidate', key, (place) => {
      // What there was is not worth failing for.
      const reading = read(place).catch(() => nothing);
      return Promise.all([reading, place.shard.server.delete(place.name)]);
    });
    return this.#items.valueFrameOf(key, found)?.expiresAfter;
  }

  async changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    const since = steadyNow(this.#clock);
    const keepUntil = keepUntilOf(moments);
    const block = momentsBlock({ ...moments, keepUntil });
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const found = await this.#items.find('changeMoments', key, since);
      const frame = this.#items.valueFrameOf(key, found);
      if (frame?.created !== expected.created || now >= frame.expiresAfter) return false;
      const changed = Uint8Array.from(found.item!.value);
      changed.set(block, envelopeLayout.moments);
      const write = ({ shard, name }: Place): Promise<WriteResult> => {
        const expires = shard.exptimeOf(Math.max(keepUntil - now, keptFor(frame.lease)));
        return shard.server.set(name, changed, { expires, cas: found.item!.cas });
      };
      const outcome = await this.#items.ask('changeMoments', key, write, since);
      if (outcome === 'missing') return false;
      if (outcome !== 'exists') return true;
    }
    throw new StorageFailedError('changeMoments', key, new ContendedItemError(attempts));
  }

  /**
   * Takes away every entry of this namespace whose key begins with `scope`, on all servers: each begins a new generation,
   * or notes that the scope was cleared. What was written before counts no more, nor does what is published under a lease
   * that was granted before. Memcached drops it when its lifetime is over or it needs room.
   */
  clear(scope: string): Promise<void> {
    return this.#items.clear(scope);
  }

  /** Closes the connections of this storage, after the answers that are still to come. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#items.close();
  }

  /** @throws UnreadableEntryError */
  #entryFound(key: string, found: Found): Awaitable<CacheEntry | undefined> {
    return this.#serdeAccess.entryNow(key, () => this.#items.readEntry(key, found, this.#serde));
  }

  /** The entry as it is sent; `undefined` where it is larger than the server takes. */
  async #pack(key: string, entry: CacheEntry, mark: Uint8Array, mostBytes: number): Promise<Packed | undefined> {
    const label = this.#items.labelOf(key);
    const envelope = await this.#serdeAccess.pack(key, () =>
      packEntry(label, entry, this.#serde, { generation: mark }),
    );
    if (envelope.length > Math.min(mostBytes, this.#largestEntry)) return undefined;
    return { envelope, mark, expires: this.#items.exptimeOf(this.#items.placeOf(key), keepUntilOf(entry)) };
  }

  /** Writes an entry whatever is there. */
  async #write(key: string, { envelope, mark, expires }: Packed, since: number): Promise<OfferResult> {
    const write = ({ shard, name }: Place) =>
      Promise.all([shard.generation.read(), shard.server.set(name, envelope, { expires })]);
    const [present] = await this.#items.ask('offer', key, write, since);
    // Cleared since this process last looked: what was loaded before that does not count.
    return present !== undefined && isValid(mark, key, present.generation) ? 'stored' : 'declined';
  }
}
