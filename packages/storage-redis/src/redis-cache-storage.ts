/// <reference lib="esnext.disposable" preserve="true" />
import { Buffer } from 'node:buffer';
import {
  StorageFailedError,
  UnreadableEntryError,
  withinDeadline,
  type CacheEntry,
  type CacheStorage,
  type Clock,
  type EntryMoments,
  type OfferResult,
  type SerDe,
} from '@memo/core';
import {
  remoteStorageSettings,
  SerDeAccess,
  ServerAccess,
  ServerTime,
  type RemoteStorageOptions,
} from '@memo/core/remote';
import {
  entryOfFrame,
  envelopeFlags,
  envelopeLayout,
  momentsBlock,
  MsgpackSerDe,
  open,
  packEntry,
  readMoments,
} from '@memo/serde';
import { clear } from './clear.js';
import { connect, type OwnClient, type RedisConnectionOptions } from './connection.js';
import { EntryNames } from './entry-name.js';
import { isReply, timeOf, type RedisClient, type RedisKey } from './redis-client.js';
import { changeMomentsScript, run } from './scripts.js';
import { addressOf } from './servers.js';

/** Redis counts lifetimes in 64 bits of milliseconds; what is longer than any date lasts for ever. */
const longestLifetime = 8.64e15;

/** What a `RedisCacheStorage` may be told beside its client. */
export type RedisCacheStorageOptions = RemoteStorageOptions;

/**
 * A storage that keeps entries in Redis, shared by all processes that use the same server and namespace.
 *
 * One entry is one string under `<namespace>:<key>`: an envelope of `@memo/serde` around what the SerDe wrote. A read is
 * one GET. Every operation ends within the deadline, whatever the client is set to, and after five failures in a row a
 * server is asked once a second only, until it answers. Operations that cannot be carried out reject with a
 * `StorageFailedError`.
 */
export class RedisCacheStorage implements CacheStorage {
  readonly shared = true;
  /** Milliseconds that one operation may take. */
  readonly deadline: number;
  readonly #client: RedisClient;
  /** The client again, if this storage opened it. */
  readonly #ownClient: OwnClient | undefined;
  readonly #serde: SerDe;
  readonly #serdeAccess: SerDeAccess;
  readonly #names: EntryNames;
  readonly #largestEntry: number;
  readonly #clock: Clock;
  /** Absent where a test has injected a clock, which replaces the server's. */
  readonly #serverTime: ServerTime | undefined;
  readonly #access: ServerAccess;

  /**
   * @param connectable - a client of ioredis 5.11 or 6 (`Redis` or `Cluster`), which stays yours to close; or a URL or the
   *   options of `new Redis(…)` for a client of the storage's own.
   * @throws InvalidCallError when it is neither, or a client that is closed.
   * @throws InvalidOptionError
   */
  constructor(connectable: RedisClient | string | RedisConnectionOptions, options: RedisCacheStorageOptions = {}) {
    const settings = remoteStorageSettings('new RedisCacheStorage', options);
    const { deadline, clock } = settings;
    const { client, own } = connect(connectable);
    this.#client = client;
    this.#ownClient = own;
    this.#serde = options.serde ?? new MsgpackSerDe();
    this.#serdeAccess = new SerDeAccess({ deadline, clock });
    this.#names = new EntryNames(settings.namespace);
    this.#largestEntry = settings.maxEntryBytes;
    this.#clock = clock;
    this.#serverTime = options.clock === undefined ? new ServerTime() : undefined;
    this.deadline = deadline;
    this.#access = new ServerAccess({ deadline, clock, isAnswer: isReply });
    // So that the server's time is known when the first entry is dated; a client that is to connect later is left alone.
    if (client.status !== 'wait') this.#serverTime?.compare(() => timeOf(client));
  }

  /** The present moment by the server's clock, within the time that an answer takes; epoch milliseconds. */
  now(): number {
    return this.#serverTime?.now() ?? this.#clock.now();
  }

  async get(key: string): Promise<CacheEntry | undefined> {
    const bytes = await this.#read(key);
    if (bytes === null) return undefined;
    return this.#serdeAccess.unpack(key, () => {
      const frame = open(bytes);
      return frame.placeholder ? undefined : entryOfFrame(this.#names.labelOf(key), frame, this.#serde);
    });
  }

  async offer(key: string, entry: CacheEntry): Promise<OfferResult> {
    const label = this.#names.labelOf(key);
    const envelope = asBuffer(await this.#serdeAccess.pack(key, () => packEntry(label, entry, this.#serde)));
    if (envelope.length > this.#largestEntry) return 'declined';
    const lifetime = lifetimeOf(entry, this.now());
    await this.#ask('offer', key, (name) =>
      lifetime === undefined ? this.#client.set(name, envelope) : this.#client.set(name, envelope, 'PX', lifetime),
    );
    return 'stored';
  }

  /** Does nothing: other processes may need the entry, and its lifetime ends on the server. */
  release(_key: string): Promise<void> {
    return Promise.resolve();
  }

  async invalidate(key: string): Promise<number | undefined> {
    const header = await this.#ask('invalidate', key, (name) => takeAway(this.#client, name));
    return header && expiryIn(header);
  }

  async changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    const block = momentsBlock({ ...moments, keepUntil: moments.expiresAfter });
    const values = [doubleOf(expected.created), String(now), asBuffer(block), lifetimeOf(moments, now) ?? 0];
    try {
      const changed = await this.#ask('changeMoments', key, (name) =>
        run(this.#client, changeMomentsScript, name, ...values),
      );
      return Number(changed) === 1;
    } catch (error) {
      if (isWrongType(error)) return false;
      throw error;
    }
  }

  /**
   * Takes away every entry of this namespace whose key begins with `scope`, on all servers, by SCAN. It takes as long as
   * the servers have keys; every step of it has the deadline.
   */
  async clear(scope: string): Promise<void> {
    const keyInside = (name: Buffer): Promise<string | undefined> => this.#keyInside(name);
    await clear({ client: this.#client, access: this.#access, names: this.#names, keyInside }, scope);
  }

  /** Closes the client that the storage opened, after its pending commands; never a client that it was given. */
  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#ownClient;
    if (client === undefined || client.status === 'end') return;
    const deadline = { milliseconds: this.deadline, operation: 'quit', clock: this.#clock };
    await withinDeadline(deadline, () => client.quit()).catch(() => undefined);
    client.disconnect();
  }

  #read(key: string): Promise<Buffer | null> {
    return this.#ask('get', key, (name) => this.#client.getBuffer(name)).catch((error: unknown) => {
      throw isWrongType(error) ? new UnreadableEntryError(key, 'it is no string of Redis', { cause: error }) : error;
    });
  }

  /** The key in the envelope under `name`; `undefined` when there is none that can be read. */
  async #keyInside(name: Buffer): Promise<string | undefined> {
    const read = (): Promise<Buffer | null> => this.#client.getBuffer(name);
    const bytes = await this.#access.ask(addressOf(this.#client, name), { operation: 'clear' }, read);
    try {
      return bytes === null ? undefined : this.#names.keyOfLabel(open(bytes).key, name);
    } catch {
      return undefined;
    }
  }

  #ask<R>(operation: string, key: string, send: (name: RedisKey) => Promise<R>): Promise<R> {
    const name = this.#names.nameOf(key);
    return this.#access.ask(addressOf(this.#client, name), { operation, key }, () => {
      this.#serverTime?.compare(() => timeOf(this.#client));
      return send(name);
    });
  }
}

/**
 * Reads the header of an entry and takes the entry away, in one round trip. Plain commands: a full or restricted server
 * refuses transactions where it still lets go, and what the header says is not worth failing for.
 *
 * @returns `undefined` if there is no header that can be read.
 */
async function takeAway(client: RedisClient, name: RedisKey): Promise<Buffer | undefined> {
  const reading = client.getrangeBuffer(name, 0, envelopeLayout.headerLength - 1).catch(() => undefined);
  await client.unlink(name);
  return reading;
}

/** When the entry of a header expires; `undefined` if there is no entry, or none that can be read. */
function expiryIn(header: Buffer): number | undefined {
  try {
    const { expiresAfter } = readMoments(header);
    return (header[envelopeLayout.flags] ?? 0) & envelopeFlags.value ? expiresAfter : undefined;
  } catch {
    return undefined;
  }
}

/** How many whole milliseconds Redis has to keep the entry from `now` on, rounded up; `undefined` for ever. */
function lifetimeOf({ expiresAfter }: EntryMoments, now: number): number | undefined {
  const lifetime = Math.max(1, Math.ceil(expiresAfter - now));
  return lifetime > longestLifetime ? undefined : lifetime;
}

function isWrongType(error: unknown): boolean {
  return StorageFailedError.isInstance(error) && isReply(error.cause, 'WRONGTYPE');
}

/** A number as it stands in an envelope. */
function doubleOf(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** The same bytes, without a copy, as ioredis takes them. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
