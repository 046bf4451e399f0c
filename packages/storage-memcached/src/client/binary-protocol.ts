// Whoever compiles these sources, also from another package, has to find the types of memjs.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./memjs-modules.d.ts" />
import { Buffer } from 'node:buffer';
import { Utils } from 'memjs';
import { errors } from 'memjs/lib/memjs/protocol.js';

/*
 * The binary protocol of memcached, as far as it is used here:
 * https://github.com/memcached/memcached/wiki/BinaryProtocolRevamped
 */

/** How many bytes of an answer come before its body. */
export const headerLength = 24;
/** Where in the header the number of the item stands. */
const casStart = 16;
/** With which byte every answer begins. */
const answerMagic = 0x81;
/** With which byte every request begins. */
const requestMagic = 0x80;

/** The numbers of the commands. */
export const opcodes = {
  get: 0x00,
  set: 0x01,
  add: 0x02,
  delete: 0x04,
  /** A GET that is not answered where nothing is there. */
  getQuietly: 0x09,
  stats: 0x10,
  authenticate: 0x21,
} as const;

/** The numbers by which a server says how a command ended. */
export const statuses = { done: 0x00, missing: 0x01, exists: 0x02, unauthenticated: 0x20 } as const;

/** What a server is asked to do. */
export interface Command {
  readonly opcode: number;
  readonly key: Buffer | string;
  readonly extras?: Buffer;
  readonly value?: Uint8Array | string;
  /** Eight bytes: do it only to the item that has this number. */
  readonly cas?: Buffer | undefined;
}

/** What stands before the body of an answer. */
export interface AnswerHeader {
  readonly magic: number;
  readonly opcode: number;
  readonly keyLength: number;
  readonly extrasLength: number;
  readonly status: number;
  readonly totalBodyLength: number;
  readonly opaque: number;
  /** Where it stands: from `start` in `memory`. */
  readonly memory: Buffer;
  readonly start: number;
}

/** One answer of a server. Its bytes are views of what was read. */
export interface Answer {
  readonly status: number;
  readonly key: Buffer;
  readonly value: Buffer;
  /** Eight bytes: the number of the item as it is now. */
  readonly cas: Buffer;
}

/**
 * The bytes of a request.
 *
 * @param opaque - unsigned 32-bit number that the answer repeats.
 */
export function requestBytes({ opcode, key, extras, value, cas }: Command, opaque: number): Buffer {
  const bytes = Utils.makeRequestBuffer(opcode, key, extras ?? '', asBuffer(value ?? ''), opaque);
  cas?.copy(bytes, casStart);
  return bytes;
}

/** The same bytes, without a copy, as memjs takes them. */
function asBuffer(value: Uint8Array | string): Buffer | string {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/**
 * The bytes of GETs for keys, to be sent in one piece. All but the last are quiet: what is not there they pass over, which
 * the answer to the last says.
 *
 * @param opaque - of the first; each one after it has the next number.
 */
export function getsBytes(keys: readonly string[], opaque: number): Buffer {
  const lengths = keys.map((key) => Buffer.byteLength(key));
  const bytes = Buffer.alloc(lengths.reduce((sum, length) => sum + headerLength + length, 0));
  let at = 0;
  for (let index = 0; index < keys.length; index++) {
    const length = lengths[index]!;
    bytes[at] = requestMagic;
    bytes[at + 1] = index < keys.length - 1 ? opcodes.getQuietly : opcodes.get;
    bytes.writeUInt16BE(length, at + 2);
    bytes.writeUInt32BE(length, at + 8);
    bytes.writeUInt32BE((opaque + index) >>> 0, at + 12);
    bytes.write(keys[index]!, at + headerLength);
    at += headerLength + length;
  }
  return bytes;
}

/** The header that stands at `start`. */
export function readHeader(memory: Buffer, start = 0): AnswerHeader {
  return {
    magic: memory[start]!,
    opcode: memory[start + 1]!,
    keyLength: memory.readUInt16BE(start + 2),
    extrasLength: memory[start + 4]!,
    status: memory.readUInt16BE(start + 6),
    totalBodyLength: memory.readUInt32BE(start + 8),
    opaque: memory.readUInt32BE(start + 12),
    memory,
    start,
  };
}

/** What an answer must repeat of its request, which is one command, or quiet GETs and the last after them. */
export interface Asked {
  /** Of the last command. */
  readonly opcode: number;
  /** Of the last command; those before it have the numbers before that. */
  readonly opaque: number;
  /** How many quiet GETs right before it may still be answered. */
  readonly quiet: number;
}

/**
 * What is wrong with the header of an answer; `undefined` when nothing is.
 *
 * @param asked - the request that the answer should belong to, if there is one.
 * @param largest - bytes of the largest body that is allowed.
 */
export function violationIn(header: AnswerHeader, asked: Asked | undefined, largest: number): string | undefined {
  const { magic, keyLength, extrasLength, totalBodyLength } = header;
  if (magic !== answerMagic) return `an answer began with ${textOf(header)} instead of the byte ${hex(answerMagic)}`;
  if (asked === undefined) return 'an answer came that nobody had asked for';
  const mistaken = mistakenIn(header, asked);
  if (mistaken !== undefined) return mistaken;
  if (extrasLength + keyLength > totalBodyLength) {
    return `extras of ${extrasLength} and a key of ${keyLength} bytes were announced in ${totalBodyLength} bytes`;
  }
  if (totalBodyLength > largest) return `an answer of ${totalBodyLength} bytes was announced, more than ${largest}`;
  return undefined;
}

/** What is wrong where an answer belongs to no command of the request that may still be answered. */
function mistakenIn(header: AnswerHeader, asked: Asked): string | undefined {
  const left = commandsLeftAfter(header, asked);
  if (left > asked.quiet) return `the request ${header.opaque} was answered instead of ${asked.opaque}`;
  const opcode = left === 0 ? asked.opcode : opcodes.getQuietly;
  if (header.opcode === opcode) return undefined;
  return `the command ${hex(header.opcode)} was answered instead of ${hex(opcode)}`;
}

/** How many commands of its request come after the one that an answer belongs to. */
export function commandsLeftAfter({ opaque }: AnswerHeader, asked: Asked): number {
  // Unsigned, as numbers start again after the largest.
  return (asked.opaque - opaque) >>> 0;
}

/** What does not speak the binary protocol mostly says in words what is wrong. */
function textOf({ memory, start }: AnswerHeader): string {
  return JSON.stringify(memory.toString('latin1', start, start + headerLength));
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

/**
 * The answer with this header that stands in memory from `start`, header included. Nothing is copied, and what nobody
 * looks at is not even made a view of: of most answers only the value is.
 */
export function answerOf(header: AnswerHeader, memory: Buffer, start: number): Answer {
  return new AnswerInMemory(header, memory, start);
}

class AnswerInMemory implements Answer {
  readonly status: number;
  readonly #header: AnswerHeader;
  readonly #memory: Buffer;
  readonly #start: number;

  constructor(header: AnswerHeader, memory: Buffer, start: number) {
    this.status = header.status;
    this.#header = header;
    this.#memory = memory;
    this.#start = start;
  }

  get key(): Buffer {
    const start = this.#start + headerLength + this.#header.extrasLength;
    return this.#memory.subarray(start, start + this.#header.keyLength);
  }

  get value(): Buffer {
    const { extrasLength, keyLength, totalBodyLength } = this.#header;
    const start = this.#start + headerLength;
    return this.#memory.subarray(start + extrasLength + keyLength, start + totalBodyLength);
  }

  get cas(): Buffer {
    return this.#memory.subarray(this.#start + casStart, this.#start + headerLength);
  }
}

/** What the status of an answer means, for messages: by the protocol, else as the server itself puts it. */
export function meaningOf({ status, value }: Answer): string {
  const said = value.toString('latin1', 0, 200).replace(/\.$/, '');
  return errors[status] ?? (said === '' ? 'it did not say why' : said);
}

/** The body of a request for authentication by name and password (SASL, mechanism PLAIN; RFC 4616). */
export function plainAuthentication({ username = '', password = '' }): Command {
  return { opcode: opcodes.authenticate, key: 'PLAIN', value: `\0${username}\0${password}` };
}
