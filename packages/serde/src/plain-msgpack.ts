import type { Buffer } from 'node:buffer';
import { doubleAt, int32At, uint16At, uint32At } from './big-endian.js';
import { builtinModule } from './builtin-module.js';
import { isAsciiAt, textOf } from './utf-8.js';
import { isAffordable } from './verification/memory-budget.js';

/** Stands for what `plainMsgpack` does not read. Made once, as nobody sees it, it costs nothing to throw. */
export const notPlain = new Error('It is more than plain data.');

/** Levels of structures within structures; more are left to those who count them better. */
const deepest = 100;
/** Up to so many bytes a text is looked through for what is not ASCII. */
const shortText = 64;
/** Longer pieces of a text are no copies in V8, and would keep the whole text in memory. */
const longestCopy = 12;
const mostWhole = 8 * 1_024;
/** Types of extensions. */
const [undefinedType, recordType, dateType] = [0x00, 0x72, 0xff];
/** The first of the tokens that stand for records. */
const firstRecord = 0x40;
const byteOrderMark = 0xfeff;

const BufferOfNode = builtinModule('node:buffer')?.Buffer;

/**
 * What MessagePack as msgpackr writes it holds, where that is plain data: texts, numbers, booleans, null, undefined,
 * dates, arrays and objects. `notPlain` where it is more than that, very much, or damaged: others find out which, and how.
 *
 * What is read is verified at the same time, so that most entries are gone through once. And every object is put together
 * at once: msgpackr compiles a function for what it meets a few times, which takes longer than to read a whole entry.
 */
export function plainMsgpack(data: Uint8Array): unknown {
  if (!isAffordable(data)) return notPlain;
  try {
    return new PlainReading(data).whole();
  } catch (thrown) {
    if (thrown === notPlain) return notPlain;
    throw thrown;
  }
}

class PlainReading {
  readonly #data: Uint8Array;
  #at = 0;
  #depth = 0;
  /** The names of each record, by the token that stands for it. */
  #records: string[][] | undefined;
  /** Whether the bytes are so few that they are worth to be made text of as a whole, and can be; and that text. */
  readonly #isSmall: boolean;
  #whole: string | undefined;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#isSmall = BufferOfNode !== undefined && data.length <= mostWhole;
  }

  whole(): unknown {
    const value = this.#value();
    if (this.#at !== this.#data.length) throw notPlain;
    return value;
  }

  #value(): unknown {
    const token = this.#data[this.#take(1)]!;
    if (token < 0x40) return token;
    if (token < 0x80) return this.#object(this.#records?.[token - firstRecord]);
    if (token < 0x90) throw notPlain;
    if (token < 0xa0) return this.#list(token - 0x90);
    if (token < 0xc0) return this.#text(token - 0xa0);
    if (token >= 0xe0) return token - 0x100;
    return this.#longer(token);
  }

  #longer(token: number): unknown {
    switch (token) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xcb:
        return doubleAt(this.#data, this.#take(8));
      case 0xcc:
        return this.#data[this.#take(1)];
      case 0xcd:
        return uint16At(this.#data, this.#take(2));
      case 0xce:
        return uint32At(this.#data, this.#take(4));
      case 0xd0:
        return (this.#data[this.#take(1)]! << 24) >> 24;
      case 0xd1:
        return (uint16At(this.#data, this.#take(2)) << 16) >> 16;
      case 0xd2:
        return int32At(this.#data, this.#take(4));
      case 0xd4:
        return this.#tagged();
      case 0xd6:
        return this.#date(4);
      case 0xd7:
        return this.#date(8);
      case 0xd9:
        return this.#text(this.#data[this.#take(1)]!);
      case 0xda:
        return this.#text(uint16At(this.#data, this.#take(2)));
      case 0xdb:
        return this.#text(uint32At(this.#data, this.#take(4)));
      case 0xdc:
        return this.#list(uint16At(this.#data, this.#take(2)));
      case 0xdd:
        return this.#list(uint32At(this.#data, this.#take(4)));
      default:
        throw notPlain;
    }
  }

  /** `undefined`, or an object after the names that it and others have. */
  #tagged(): unknown {
    const at = this.#take(2);
    const type = this.#data[at]!;
    if (type === undefinedType) return undefined;
    const label = this.#data[at + 1]!;
    if (type !== recordType || label < firstRecord || label >= 0x80) throw notPlain;
    const names = this.#names();
    this.#records ??= [];
    this.#records[label - firstRecord] = names;
    return this.#object(names);
  }

  /** Seconds, or nanoseconds in 30 bits and seconds in 34. */
  #date(length: number): Date {
    const at = this.#take(1 + length) + 1;
    if (this.#data[at - 1] !== dateType) throw notPlain;
    if (length === 4) return new Date(uint32At(this.#data, at) * 1_000);
    const [high, low] = [uint32At(this.#data, at), uint32At(this.#data, at + 4)];
    return new Date((high >>> 2) / 1_000_000 + ((high & 3) * 2 ** 32 + low) * 1_000);
  }

  #names(): string[] {
    const names = new Array<string>(this.#countOfNames());
    for (let index = 0; index < names.length; index++) names[index] = this.#name();
    return names;
  }

  #countOfNames(): number {
    const token = this.#data[this.#take(1)]!;
    if (token >= 0x90 && token < 0xa0) return token - 0x90;
    if (token !== 0xdc) throw notPlain;
    return this.#within(uint16At(this.#data, this.#take(2)));
  }

  #name(): string {
    const token = this.#data[this.#take(1)]!;
    if (token < 0xa0 || token >= 0xc0) throw notPlain;
    const length = token - 0xa0;
    const start = this.#take(length);
    const place = placeOf(this.#data, start, length);
    const known = knownNames[place]!;
    if (isAsciiAt(this.#data, start, start + length, known)) return known;
    const name = textAt(this.#data, start, start + length);
    // It would be no property, but what the object inherits from.
    if (name === '__proto__') throw notPlain;
    knownNames[place] = name;
    return name;
  }

  #object(names: readonly string[] | undefined): object {
    if (names === undefined) throw notPlain;
    this.#enter();
    const object: Record<string, unknown> = {};
    for (const name of names) object[name] = this.#value();
    this.#depth--;
    return object;
  }

  #list(length: number): unknown[] {
    this.#enter();
    const list = new Array<unknown>(this.#within(length));
    for (let index = 0; index < length; index++) list[index] = this.#value();
    this.#depth--;
    return list;
  }

  #enter(): void {
    if (++this.#depth > deepest) throw notPlain;
  }

  #text(length: number): string {
    const start = this.#take(length);
    const end = start + length;
    if (length > longestCopy || !this.#isSmall || !isAscii(this.#data, start, end))
      return textAt(this.#data, start, end);
    this.#whole ??= asBuffer(this.#data).latin1Slice(0, this.#data.length);
    return this.#whole.slice(start, end);
  }

  /** So many values, if there can be as many: each takes a byte or more. */
  #within(count: number): number {
    if (count > this.#data.length - this.#at) throw notPlain;
    return count;
  }

  /** Where the next bytes stand, of which there are so many. */
  #take(length: number): number {
    const start = this.#at;
    this.#at = start + length;
    if (this.#at > this.#data.length) throw notPlain;
    return start;
  }
}

/** Names of properties that were read before: most entries have the same. */
const knownNames: string[] = new Array<string>(1_024).fill('');

function placeOf(data: Uint8Array, start: number, length: number): number {
  if (length === 0) return 0;
  const first = data[start]!;
  const middle = data[start + (length >> 1)]!;
  const last = data[start + length - 1]!;
  return (length * 7 + first * 31 + middle * 131 + last * 521) & (knownNames.length - 1);
}

function textAt(data: Uint8Array, start: number, end: number): string {
  if (BufferOfNode !== undefined && end - start <= shortText && isAscii(data, start, end)) {
    return asBuffer(data).latin1Slice(start, end);
  }
  return longTextAt(data, start, end);
}

function isAscii(data: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (data[index]! >= 0x80) return false;
  return true;
}

/** What is not UTF-8, or begins in a way that decoders differ on, is not plain. */
function longTextAt(data: Uint8Array, start: number, end: number): string {
  let text: string;
  try {
    text = textOf(data.subarray(start, end), '');
  } catch {
    throw notPlain;
  }
  if (text.charCodeAt(0) === byteOrderMark) throw notPlain;
  return text;
}

/** Node has faster ways from bytes to text than the language. */
function asBuffer(data: Uint8Array): Buffer & { latin1Slice(start: number, end: number): string } {
  return (
    data instanceof BufferOfNode! ? data : BufferOfNode!.from(data.buffer, data.byteOffset, data.byteLength)
  ) as never;
}
