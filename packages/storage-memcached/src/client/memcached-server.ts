import { Buffer } from 'node:buffer';
import { InvalidCallError } from '@memo/core';
import { ItemsWithoutNumbersError, ServerReplyError } from '../errors.js';
import { meaningOf, opcodes, statuses, type Answer, type Command } from './binary-protocol.js';
import { Connection, type ConnectionOptions } from './connection.js';
import type { ServerAddress } from './server-address.js';

/**
 * The number of a write (CAS), by which an item is known as the one that was read. It means something on the connection
 * on which it was told: a server that was started anew counts from the beginning.
 */
export interface WriteNumber {
  /** Eight bytes; later writes have larger ones. */
  readonly bytes: Buffer;
  readonly connection: number | undefined;
}

/** What a server keeps under a key. */
export interface Item {
  readonly value: Buffer;
  readonly cas: WriteNumber;
}

/** What is found under one of several keys: the error is why the server refused it. */
export type TakenItem = Item | ServerReplyError | undefined;

/** The item in an answer. Few look at its number, which is read where they do. */
class ItemIn implements Item {
  readonly value: Buffer;
  readonly #answer: Answer;
  readonly #connection: number | undefined;

  constructor(answer: Answer, connection: number | undefined) {
    this.value = answer.value;
    this.#answer = answer;
    this.#connection = connection;
  }

  get cas(): WriteNumber {
    return { bytes: this.#answer.cas, connection: this.#connection };
  }
}

/** How an item is kept. */
export interface Keeping {
  /** When it goes: seconds from now up to 30 days, above that a Unix time in seconds; 0 for never. Unsigned 32-bit. */
  readonly expires: number;
}

/** How an item is set. */
export interface Setting extends Keeping {
  /** Only if the item is still the one that was read with this number, on the same connection. */
  readonly cas?: WriteNumber | undefined;
}

/** An answer whose number is known by its connection. */
interface Reply extends Item {
  readonly status: number;
}

/** The bytes that every write begins with: flags, which are not used, and when the item goes. */
const extrasLength = 8;
const longestKey = 250;
/** What a server says that numbers no items; as a condition it would be none. */
const noNumber = Buffer.alloc(8);

/** One memcached server: the commands that memo has for it. Each is one request, and none is sent twice. */
export class MemcachedServer {
  readonly #connection: Connection;

  constructor(address: ServerAddress, options: ConnectionOptions) {
    this.#connection = new Connection(address, options);
  }

  /** `host:port`, or the path of a Unix socket. */
  get name(): string {
    return this.#connection.name;
  }

  /** The number of the connection there is; `undefined` while there is none. What a server said of itself holds for one. */
  get connection(): number | undefined {
    return this.#connection.current;
  }

  /** Stays the same as long as what is asked for is sent together with what was asked for last. */
  get writes(): number {
    return this.#connection.writes;
  }

  /** The item under a key; `undefined` if there is none. Its bytes are views of what was read. */
  async get(key: Buffer | string): Promise<Item | undefined> {
    const { status, value, cas } = await this.#ask('get', key, {}, statuses.missing);
    return status === statuses.missing ? undefined : { value, cas };
  }

  /**
   * The items under keys, asked for in one piece.
   *
   * @param keys - at least one.
   * @param take - is told of each key by its place, in their order and as they come: the item, `undefined` where there is
   *   none, the error where the server refuses it. It does not throw.
   * @returns resolves after the last.
   */
  async getEach(keys: readonly string[], take: (place: number, item: TakenItem) => void): Promise<void> {
    for (const key of keys) checkKey('getEach', key);
    const answering = this.#connection.askForItems(keys, (place, answer) => {
      take(place, answer && this.#itemIn(answer, connection));
    });
    // The one that is asked; when the answers are there, there may be another one.
    const { connection } = this;
    await answering;
  }

  /**
   * Keeps a value, whatever was there; with `cas` only if nobody has touched the item since it was read.
   *
   * @returns the number of the write, or why there was none: the item is another one (`exists`) or gone.
   */
  async set(key: Buffer | string, value: Uint8Array, { expires, cas }: Setting): Promise<WriteResult> {
    const extras = extrasOf('set', expires);
    if (this.#isOfThePast(cas)) return 'exists';
    return writeResult(await this.#ask('set', key, { extras, value, cas }, statuses.exists, statuses.missing));
  }

  /** Keeps a value if nothing is there. */
  async add(key: Buffer | string, value: Uint8Array, { expires }: Keeping): Promise<AddResult> {
    const answer = await this.#ask('add', key, { extras: extrasOf('add', expires), value }, statuses.exists);
    return answer.status === statuses.exists ? 'exists' : { cas: answer.cas };
  }

  /** Takes an item away; with `cas` only if it is still the one that was read. */
  async delete(key: Buffer | string, cas?: WriteNumber): Promise<'deleted' | 'missing' | 'exists'> {
    if (this.#isOfThePast(cas)) return 'exists';
    const { status } = await this.#ask('delete', key, { cas }, statuses.exists, statuses.missing);
    if (status === statuses.missing) return 'missing';
    return status === statuses.exists ? 'exists' : 'deleted';
  }

  /** What the server tells about itself, such as `version` or, in the group `settings`, `item_size_max`. */
  async stats(group = ''): Promise<ReadonlyMap<string, string>> {
    const command = { opcode: opcodes.stats, key: group };
    const isLast = ({ status, key }: Answer): boolean => status !== statuses.done || key.length === 0;
    const answers = await this.#connection.askForMany(command, isLast);
    this.#check('stats', answers.at(-1)!);
    return new Map(answers.slice(0, -1).map(({ key, value }) => [key.toString(), value.toString()]));
  }

  /**
   * Refuses what rests on the numbers of items where the server gives none.
   *
   * @param what - what is to be done, for the message.
   * @param cas - what it gave as the number of an item.
   * @throws ItemsWithoutNumbersError
   */
  requireNumbers(what: string, cas: WriteNumber): void {
    if (cas.bytes.equals(noNumber)) throw new ItemsWithoutNumbersError(this.name, what);
  }

  /** Refuses further commands, waits for the answers to those that were given, and closes the connection. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Refuses further commands and breaks the connection off: those that were given fail at once. */
  destroy(): void {
    this.#connection.destroy();
  }

  /** Whether a number was told on another connection, so that it may be that of another item by now. */
  #isOfThePast(cas: WriteNumber | undefined): boolean {
    return cas !== undefined && cas.connection !== this.connection;
  }

  /** @param expected - with which statuses the command may end beside success. */
  async #ask(
    name: 'get' | 'set' | 'add' | 'delete',
    key: Buffer | string,
    { cas, ...command }: Omit<Command, 'opcode' | 'key' | 'cas'> & { readonly cas?: WriteNumber | undefined },
    ...expected: number[]
  ): Promise<Reply> {
    checkKey(name, key);
    if (cas !== undefined) this.requireNumbers(name, cas);
    const answering = this.#connection.ask({ opcode: opcodes[name], key, cas: cas?.bytes, ...command });
    // The one that is asked; when the answer is there, there may be another one.
    const { connection } = this;
    const answer = await answering;
    if (!expected.includes(answer.status)) this.#check(name, answer);
    return { status: answer.status, value: answer.value, cas: { bytes: answer.cas, connection } };
  }

  /** What a server says to one of several GETs. */
  #itemIn(answer: Answer, connection: number | undefined): TakenItem {
    const { status } = answer;
    if (status === statuses.done) return new ItemIn(answer, connection);
    return status === statuses.missing ? undefined : this.#refusal('get', answer);
  }

  #check(command: string, answer: Answer): void {
    if (answer.status !== statuses.done) throw this.#refusal(command, answer);
  }

  #refusal(command: string, answer: Answer): ServerReplyError {
    return new ServerReplyError(this.name, command, answer.status, meaningOf(answer));
  }
}

/** The number of the write, or why there was none: the item is another one, or there is none. */
export type WriteResult = { readonly cas: WriteNumber } | 'exists' | 'missing';

/** The number of the write, or that there was an item. */
export type AddResult = { readonly cas: WriteNumber } | 'exists';

function writeResult({ status, cas }: Reply): WriteResult {
  if (status === statuses.missing) return 'missing';
  return status === statuses.exists ? 'exists' : { cas };
}

function checkKey(command: string, key: Buffer | string): void {
  const length = Buffer.byteLength(key);
  if (length >= 1 && length <= longestKey) return;
  const expected = `a key of 1 to ${longestKey} bytes`;
  const advice = 'The server would hang up, or never answer.';
  throw new InvalidCallError(`MemcachedServer.${command}`, expected, `${length} bytes`, advice);
}

function extrasOf(command: string, expires: number): Buffer {
  if (expires !== expires >>> 0) {
    throw new InvalidCallError(`MemcachedServer.${command}`, 'expires as an unsigned 32-bit integer', expires);
  }
  const extras = Buffer.alloc(extrasLength);
  extras.writeUInt32BE(expires, 4);
  return extras;
}
