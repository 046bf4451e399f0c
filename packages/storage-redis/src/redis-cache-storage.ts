/// <reference lib="esnext.disposable" preserve="true" />
import { Buffer } from 'node:buffer';
import {
  keepUntilOf,
  StorageFailedError,
  StorageTimeoutError,
  steadyNow,
  UnreadableEntryError,
  withinDeadline,
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
import {
  remoteStorageSettings,
  SerDeAccess,
  ServerAccess,
  ServerTime,
  type Question,
  type RemoteStorageOptions,
} from '@memo/core/remote';
import {
  envelopeFlags,
  envelopeLayout,
  momentsBlock,
  MsgpackSerDe,
  open,
  packEntry,
  readEntry,
  readMoments,
} from '@memo/serde';
import { asBuffer, doubleOf } from './bytes.js';
import { clear } from './clear.js';
import { connect, type OwnClient, type RedisConnectionOptions } from './connection.js';
import { EntryNames } from './entry-name.js';
import { GatheredReads } from './gathered-reads.js';
import { LeaseWatches, scopeMessage } from './lease-watches.js';
import { canSubscribe, isReply, timeOf, type RedisClient, type RedisKey } from './redis-client.js';
import { createdIn, RedisLeases, type KeyQuestion, type RedisLeaseRequest } from './redis-leases.js';
import { readMany } from './read-many.js';
import { RedisLock } from './redis-lock.js';
import { RedisReads, type Found } from './redis-reads.js';
import { changeMomentsScript } from './scripts/change-moments-script.js';
import { invalidateScript, overwriteScript } from './scripts/overriding-scripts.js';
import { run, type Script, type ScriptValue } from './scripts/script.js';
import { addressOf, withKeyPrefix } from './servers.js';
import { UnexpectedAnswerError } from './unexpected-answer.js';

/** Redis counts lifetimes in 64 bits of milliseconds; what is longer than any date lasts for ever. */
const longestLifetime = 8.64e15;

/** A question of an operation that is told when it began. */
type TimedQuestion = KeyQuestion & { readonly since: number };

/** What a `RedisCacheStorage` may be told beside its client. */
export type RedisCacheStorageOptions = RemoteStorageOptions;

/**
 * A storage that keeps entries in Redis, shared by all processes that use the same server and namespace.
 *
 * One entry is one string under `<namespace>:<key>`: an envelope of `@memo/serde` around what the SerDe wrote. A read is
 * one GET; all reads that are asked for in one turn of the event loop are one MGET, and who asks for the same key in it is
 * handed the same entry. Every operation ends within the deadline, whatever the client is set to, and after five
 * failures in a row a server is asked once a second only, until it answers. Operations that cannot be carried out reject
 * with a `StorageFailedError`.
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
  /** On which scripts tell that a lease has ended. */
  readonly #channel: string;
  /** Absent where the client cannot open another connection. */
  readonly #watches: LeaseWatches | undefined;
  readonly #leases: RedisLeases;
  readonly #reads: RedisReads;
  readonly #gathered: GatheredReads;

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
    this.#access = new ServerAccess({ deadline, clock, isAnswer });
    this.#channel = String(withKeyPrefix(client, this.#names.channel));
    this.#watches = canSubscribe(client) ? new LeaseWatches(client, this.#channel, clock) : undefined;
    this.#leases = new RedisLeases({
      names: this.#names,
      run: (question, script, ...values) => this.#run(question, script, ...values),
      presentMoment: () => this.#presentMoment(),
      channel: this.#channel,
      watches: this.#watches,
    });
    this.#reads = new RedisReads(client);
    this.#gathered = new GatheredReads({
      reads: this.#reads,
      nameOf: (key) => this.#names.nameOf(key),
      isDown: (address) => this.#access.isDown(address),
      ask: (address, send) => this.#askServer(address, { operation: 'get' }, send),
      turnFor: (bytes) => this.#serdeAccess.turnFor(bytes),
      entryIn: (key, found) => this.#entryIn('get', key, found),
    });
    // So that the server's time is known when the first entry is dated; a client that is to connect later is left alone.
    if (client.status !== 'wait') this.#serverTime?.compare(() => timeOf(client));
  }

  /** The present moment by the server's clock, within the time that an answer takes; epoch milliseconds. */
  now(): number {
    return this.#serverTime?.now() ?? this.#clock.now();
  }

  get(key: string): Promise<CacheEntry | undefined> {
    return this.#gathered.get(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (CacheEntry | Error | undefined)[]> {
    const question = { operation: 'getMany', since: steadyNow(this.#clock) };
    const names = keys.map((key) => this.#names.nameOf(key));
    const ask = <R>(address: string, send: () => Promise<R>): Promise<R> => this.#askServer(address, question, send);
    return readMany({ reads: this.#reads, ask }, names, async (found, place) => {
      try {
        if (found !== null && !(found instanceof Error)) await this.#serdeAccess.turnFor(found.length);
        return await this.#entryIn('getMany', keys[place]!, found);
      } catch (error) {
        return error as Error;
      }
    });
  }

  async offer(key: string, entry: CacheEntry, lease?: Lease): Promise<OfferResult> {
    const envelope = await this.#pack(key, entry);
    if (envelope === undefined) return 'declined';
    if (lease !== undefined) {
      const lifetime = lifetimeOf(entry, this.now());
      return (await this.#leases.publish(key, lease, envelope, lifetime ?? 0)) ? 'stored' : 'declined';
    }
    const values = [...this.#presentMoment(), String(Infinity), ...this.#overwriteValues(entry, envelope)];
    await this.#run({ operation: 'offer', key }, overwriteScript, ...values);
    return 'stored';
  }

  async lease(key: string, request: LeaseRequest): Promise<LeaseAnswer> {
    const since = steadyNow(this.#clock);
    let { seen }: RedisLeaseRequest = request;
    for (;;) {
      const answer = await this.#leases.acquire(key, { ...request, seen }, since);
      if (answer.state !== 'present') return answer;
      const entry = await this.#readable(key, answer.envelope);
      if (entry !== undefined) return { state: 'present', entry };
      // What cannot be read is as good as seen.
      seen = createdIn(answer.envelope);
    }
  }

  async set(key: string, entry: CacheEntry): Promise<OfferResult> {
    const since = steadyNow(this.#clock);
    const envelope = await this.#pack(key, entry);
    if (envelope === undefined) return 'declined';
    await this.#writeInTime(
      { operation: 'set', key, since },
      overwriteScript,
      ...this.#overwriteValues(entry, envelope),
    );
    return 'stored';
  }

  /** Does nothing: other processes may need the entry, and its lifetime ends on the server. */
  release(_key: string): Promise<void> {
    return Promise.resolve();
  }

  async invalidate(key: string): Promise<number | undefined> {
    const header = await this.#run({ operation: 'invalidate', key }, invalidateScript, this.#channel);
    return header === null ? undefined : expiryIn(header as Buffer);
  }

  async changeMoments(key: string, expected: CacheEntry, moments: EntryMoments, now: number): Promise<boolean> {
    const block = momentsBlock({ ...moments, keepUntil: keepUntilOf(moments) });
    const values = [doubleOf(expected.created), String(now), asBuffer(block), lifetimeOf(moments, now) ?? 0];
    const question = { operation: 'changeMoments', key, since: steadyNow(this.#clock) };
    const changed = await this.#writeInTime(question, changeMomentsScript, ...values);
    return Number(changed) === 1;
  }

  lock(key: string): Lock {
    return new RedisLock({
      client: this.#client,
      clock: this.#clock,
      name: this.#names.lockNameOf(key),
      ask: (operation, send) => this.#ask({ operation, key }, send, this.#names.lockNameOf(key)),
    });
  }

  /**
   * Takes away every entry of this namespace whose key begins with `scope`, on all servers, by SCAN. It takes as long as
   * the servers have keys; every step of it has the deadline.
   */
  async clear(scope: string): Promise<void> {
    const keyInside = (name: Buffer): Promise<string | undefined> => this.#keyInside(name);
    await clear({ client: this.#client, access: this.#access, names: this.#names, keyInside }, scope);
    this.#wakeScope(scope);
  }

  /** Closes the connections that the storage opened, its client after the pending commands; never one that it was given. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watches?.close();
    const client = this.#ownClient;
    if (client === undefined || client.status === 'end') return;
    const deadline = { milliseconds: this.deadline, operation: 'quit', clock: this.#clock };
    await withinDeadline(deadline, () => client.quit()).catch(() => undefined);
    client.disconnect();
  }

  /** What the script that writes whatever is there is told beside the moments. */
  #overwriteValues(entry: CacheEntry, envelope: Buffer): ScriptValue[] {
    return [this.#channel, envelope, lifetimeOf(entry, this.now()) ?? 0];
  }

  /**
   * Carries a script out that has no effect later than the deadline after the operation began, when nobody waits for it
   * any more and others may have been confirmed. It is told the present moment and the last one first; that it came too
   * late it says by a text.
   */
  async #writeInTime(question: TimedQuestion, script: Script, ...values: ScriptValue[]): Promise<unknown> {
    const { operation, key, since } = question;
    const writeUntil = (moment: number): Promise<unknown> =>
      this.#run(question, script, ...this.#presentMoment(), String(moment), ...values);
    const timeLeft = (): number => this.deadline - (steadyNow(this.#clock) - since);
    const answer = await writeUntil(this.#earliestNow() + timeLeft());
    if (!Buffer.isBuffer(answer)) return answer;
    // The server's time was not known, or its clock was set. What it told it told at some moment since the beginning.
    const secondAnswer = await writeUntil(Number(answer) + timeLeft());
    if (!Buffer.isBuffer(secondAnswer)) return secondAnswer;
    throw new StorageFailedError(operation, key, new StorageTimeoutError(operation, this.deadline));
  }

  /** Whoever does not hear of it asks again by himself. */
  #wakeScope(scope: string): void {
    const message = scopeMessage(withKeyPrefix(this.#client, this.#names.beginningOf(scope).text));
    new Promise((settle) => settle(this.#client.publish(this.#channel, message))).catch(() => undefined);
  }

  /**
   * The entry in what was found under the name of a key, `undefined` if there is none yet.
   *
   * @throws StorageFailedError @throws UnreadableEntryError or rejects with it.
   */
  #entryIn(operation: string, key: string, found: Found): Awaitable<CacheEntry | undefined> {
    if (found === null) return undefined;
    if (!(found instanceof Error)) return this.#unpack(key, found);
    const cause = StorageFailedError.isInstance(found) ? found.cause : found;
    throw readingError(key, new StorageFailedError(operation, key, cause));
  }

  /** The entry in an envelope, `undefined` if it has none yet. @throws UnreadableEntryError or rejects with it. */
  #unpack(key: string, envelope: Buffer): Awaitable<CacheEntry | undefined> {
    return this.#serdeAccess.entryNow(key, () => readEntry(this.#names.labelOf(key), envelope, this.#serde));
  }

  /** The same; `undefined` also for what cannot be read. */
  async #readable(key: string, envelope: Buffer): Promise<CacheEntry | undefined> {
    try {
      return await this.#unpack(key, envelope);
    } catch {
      return undefined;
    }
  }

  /** The envelope of an entry, `undefined` if it is too large. @throws UnstorableValueError */
  async #pack(key: string, entry: CacheEntry): Promise<Buffer | undefined> {
    const label = this.#names.labelOf(key);
    const envelope = asBuffer(await this.#serdeAccess.pack(key, () => packEntry(label, entry, this.#serde)));
    return envelope.length > this.#largestEntry ? undefined : envelope;
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

  /** What scripts are told of the present moment: whose clock counts, and what this process knows of it. */
  #presentMoment(): readonly [clock: 'server' | 'own', moment: string] {
    return [this.#serverTime === undefined ? 'own' : 'server', String(this.now())];
  }

  /** A moment that has come by the server's clock, and is not long ago. */
  #earliestNow(): number {
    return this.#serverTime?.earliest() ?? this.#clock.now();
  }

  #run(question: KeyQuestion, script: Script, ...values: ScriptValue[]): Promise<unknown> {
    return this.#ask(question, (name, address) => run(this.#client, address, script, name, ...values));
  }

  #ask<R>(
    question: KeyQuestion,
    send: (name: RedisKey, address: string) => Promise<R>,
    name: RedisKey = this.#names.nameOf(question.key),
  ): Promise<R> {
    const address = addressOf(this.#client, name);
    return this.#askServer(address, question, () => send(name, address));
  }

  #askServer<R>(address: string, question: Question, send: () => Promise<R>): Promise<R> {
    return this.#access.ask(address, question, () => {
      this.#serverTime?.compare(() => timeOf(this.#client));
      return send();
    });
  }
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
function lifetimeOf(moments: EntryMoments, now: number): number | undefined {
  const lifetime = Math.max(1, Math.ceil(keepUntilOf(moments) - now));
  return lifetime > longestLifetime ? undefined : lifetime;
}

/** Whether the server is there, whatever it has answered. */
function isAnswer(error: unknown): boolean {
  return isReply(error) || error instanceof UnexpectedAnswerError;
}

/** What is under the key is no string: that is not the server's fault. */
function readingError(key: string, failure: StorageFailedError): StorageFailedError | UnreadableEntryError {
  if (!isReply(failure.cause, 'WRONGTYPE')) return failure;
  return new UnreadableEntryError(key, 'it is no string of Redis', { cause: failure });
}
