import { UnreadableBytesError } from '../errors.js';
import { deepestRecord } from './deepest-record.js';
import { MemoryBudget, memoryOf } from './memory-budget.js';

/**
 * Refuses bytes that are not one MessagePack value as msgpackr writes it for `MsgpackSerDe`, before msgpackr reads them.
 * Goes from token to token once and makes nothing of them.
 *
 * msgpackr trusts what it reads in ways that let few bytes take minutes or all memory, or reach into its own tables: it
 * makes text of whatever stands where text should be, and JSON of what it read when bytes are left over; it takes texts
 * out of bundles as often as it is told to; it makes functions of whatever stands where the names of a record should be;
 * it finds the classes of errors by any name that objects have. Where every extension has what belongs to it, none of
 * this is left.
 *
 * @throws UnreadableBytesError
 */
export function verifyMsgpack(data: Uint8Array, subject: string): void {
  new MsgpackVerification(data, subject).verify();
}

/** Types of extensions: the one of dates is MessagePack's, the others are msgpackr's. */
const types = {
  undefined: 0x00,
  bigint: 0x42,
  error: 0x65,
  identity: 0x69,
  reference: 0x70,
  record: 0x72,
  set: 0x73,
  memory: 0x74,
  pattern: 0x78,
  date: 0xff,
} as const;

/** An extension of one byte, which is how those begin that have values behind them. */
const tagged = 0xd4;
/** An extension of four bytes, which is how identities and references to them are written. */
const numbered = 0xd6;

/** Names that would be found in msgpackr's table of errors and are none that `MsgpackSerDe` writes. */
const foreignErrors = new Set([...Object.getOwnPropertyNames(Object.prototype), 'AggregateError']);
const decoder = new TextDecoder();

/** Stands in the table of widths for a token that is more than a value of fixed width. */
const structured = 0xff;
/** How many bytes follow a token and belong to it. */
const widths = widthsOfTokens();

function widthsOfTokens(): Uint8Array {
  const result = new Uint8Array(256);
  result.fill(structured, 0x40, 0xa0);
  // Short texts.
  for (let token = 0xa0; token < 0xc0; token++) result[token] = token - 0xa0;
  // null, false and true have nothing, numbers their bytes; integers below zero have nothing again.
  result.fill(structured, 0xc0, 0xe0);
  result.set([0], 0xc0);
  result.set([0, 0], 0xc2);
  result.set([4, 8, 1, 2, 4, 8, 1, 2, 4, 8], 0xca);
  return result;
}

class MsgpackVerification {
  readonly #data: Uint8Array;
  readonly #subject: string;
  readonly #budget: MemoryBudget;
  /** May be beyond the end, which is noticed where the next byte is looked for. */
  #at = 0;
  /** How many values the innermost open structure lacks, and those around it. */
  #lacking = 1;
  readonly #outer: number[] = [];
  /** How many values all structures together have, names of records among them. */
  #values = 0;
  /** How many names a record has, by the token that stands for it. */
  readonly #records: number[] = [];
  /** How many names a list of names has that may be referred to, by its identity; -1 for any other value. */
  readonly #identities = new Map<number, number>();

  constructor(data: Uint8Array, subject: string) {
    this.#data = data;
    this.#subject = subject;
    this.#budget = new MemoryBudget(subject);
  }

  verify(): void {
    do {
      while (this.#lacking > 0) {
        this.#lacking -= 1;
        const token = this.#byte();
        const width = widths[token]!;
        if (width === structured) this.#structured(token);
        else this.#at += width;
      }
      this.#lacking = this.#outer.pop() ?? 0;
    } while (this.#lacking > 0 || this.#outer.length > 0);
    const rest = this.#data.length - this.#at;
    if (rest < 0) this.#endsTooEarly();
    if (rest > 0) throw new UnreadableBytesError(this.#subject, 'length', `${rest} bytes follow after its end`);
  }

  #structured(token: number): void {
    if (token < 0x80) this.#expect(this.#records[token] ?? this.#refuse('a record is not defined'));
    else if (token < 0x90) this.#map(token - 0x80);
    else if (token < 0xa0) this.#expect(token - 0x90);
    else this.#longer(token);
  }

  #longer(token: number): void {
    switch (token) {
      case 0xc4: // bytes 8, 16, 32
      case 0xc5:
      case 0xc6:
        return this.#instance(this.#number(1 << (token - 0xc4)));
      case 0xd9: // text 8, 16, 32
      case 0xda:
      case 0xdb:
        return this.#skip(this.#number(1 << (token - 0xd9)));
      case 0xdc: // array 16, 32
      case 0xdd:
        return this.#expect(this.#number(2 << (token - 0xdc)));
      case 0xde: // map 16, 32
      case 0xdf:
        return this.#map(this.#number(2 << (token - 0xde)));
      case tagged:
        return this.#tagged(this.#byte(), this.#byte());
      case numbered:
        return this.#numbered(this.#byte());
      case 0xd5: // extension of 2, 8, 16 bytes
      case 0xd7:
      case 0xd8:
        return this.#content(this.#byte(), 1 << (token - tagged));
      case 0xc7: // extension 8, 16, 32
      case 0xc8:
      case 0xc9: {
        const length = this.#number(1 << (token - 0xc7));
        return this.#content(this.#byte(), length);
      }
      default:
        this.#refuse('nothing begins like this');
    }
  }

  #tagged(type: number, label: number): void {
    switch (type) {
      case types.record:
        return this.#record(label);
      case types.error:
        return this.#error();
      case types.set:
        this.#budget.spend(memoryOf.instance);
        return this.#expect(this.#arrayLength());
      case types.pattern:
        if (this.#arrayLength() !== 2) this.#refuse('a pattern has other parts than source and flags');
        this.#text();
        this.#text();
        return this.#instance(0);
      case types.undefined:
        return;
      default:
        this.#at -= 1;
        this.#content(type, 1);
    }
  }

  /** The definition of a record, which the values of the first one follow. */
  #record(token: number): void {
    if (token < 0x40 || token >= 0x80) this.#refuse('a record is defined that nothing could stand for');
    const names = this.#names();
    this.#records[token] = names;
    this.#expect(names);
  }

  /** The names of a record, or a reference to them where the record was defined before and has been forgotten. */
  #names(): number {
    if (this.#data[this.#at] !== numbered) return this.#listOfNames();
    this.#at += 1;
    const type = this.#byte();
    const identity = this.#number(4);
    if (type === types.reference) return this.#requireNames(this.#identities.get(identity));
    if (type !== types.identity) this.#refuse('a record has names that are none');
    const names = this.#listOfNames();
    this.#identify(identity, names);
    return names;
  }

  #requireNames(names: number | undefined): number {
    return names === undefined || names < 0 ? this.#refuse('a record has names that are none') : names;
  }

  #listOfNames(): number {
    const names = this.#arrayLength();
    this.#spendOn(names);
    for (let index = 0; index < names; index++) this.#text();
    return names;
  }

  #error(): void {
    if (this.#arrayLength() !== 3) this.#refuse('an error has other parts than name, message and cause');
    if (foreignErrors.has(this.#shortText())) this.#refuse('an error has a name that is none of an error');
    this.#text();
    this.#budget.spend(memoryOf.error);
    this.#expect(1);
  }

  /** A text, as far as is needed to tell whether it is one of a few short ones. */
  #shortText(): string {
    const length = this.#text();
    const start = this.#at - length;
    return decoder.decode(this.#data.subarray(start, start + Math.min(length, 100)));
  }

  #numbered(type: number): void {
    if (type === types.reference) {
      if (this.#identities.get(this.#number(4)) !== -1) this.#refuse('a reference leads nowhere');
    } else if (type === types.identity) {
      this.#identify(this.#number(4), -1);
      this.#requireNoReference();
      this.#budget.spend(memoryOf.instance);
      this.#expect(1);
    } else this.#content(type, 4);
  }

  /** Each identity of a value would cost a copy of it. */
  #requireNoReference(): void {
    const [token, type] = [this.#data[this.#at], this.#data[this.#at + 1]];
    if (token === numbered && (type === types.identity || type === types.reference)) {
      this.#refuse('a value has two identities');
    }
  }

  #identify(identity: number, names: number): void {
    if (this.#identities.has(identity)) this.#refuse('two values have one identity');
    this.#identities.set(identity, names);
  }

  /** An extension that is nothing but its bytes. */
  #content(type: number, length: number): void {
    if (type !== types.bigint && type !== types.memory && type !== types.date) {
      this.#refuse('an extension is unknown or in the wrong place');
    }
    this.#instance(length);
  }

  #arrayLength(): number {
    const token = this.#byte();
    if (token >= 0x90 && token < 0xa0) return token - 0x90;
    if (token === 0xdc || token === 0xdd) return this.#number(2 << (token - 0xdc));
    return this.#refuse('there is no list where one belongs');
  }

  /** A text, of which so many bytes are the last that were read. */
  #text(): number {
    const token = this.#byte();
    const length = token >= 0xa0 && token < 0xc0 ? token - 0xa0 : this.#lengthOfLongText(token);
    this.#skip(length);
    return length;
  }

  #lengthOfLongText(token: number): number {
    if (token < 0xd9 || token > 0xdb) this.#refuse('there is no text where one belongs');
    return this.#number(1 << (token - 0xd9));
  }

  #map(length: number): void {
    this.#budget.spend(memoryOf.instance);
    this.#expect(2 * length);
  }

  /** Something that is made of so many bytes. */
  #instance(length: number): void {
    this.#budget.spend(memoryOf.instance);
    this.#skip(length);
  }

  /** A structure opens that so many values belong to; each takes a byte or more. */
  #expect(values: number): void {
    this.#spendOn(values);
    if (values === 0) return;
    if (this.#outer.push(this.#lacking) > deepestRecord) this.#refuse('they are nested too deep');
    this.#lacking = values;
  }

  #spendOn(values: number): void {
    this.#values += values;
    if (this.#values > this.#data.length) this.#endsTooEarly();
    this.#budget.spend(memoryOf.structure + values * memoryOf.value);
  }

  #byte(): number {
    if (this.#at >= this.#data.length) this.#endsTooEarly();
    return this.#data[this.#at++]!;
  }

  /** A big-endian number of so many bytes. */
  #number(bytes: number): number {
    let number = 0;
    for (let index = 0; index < bytes; index++) number = number * 256 + this.#byte();
    return number;
  }

  #skip(bytes: number): void {
    this.#at += bytes;
  }

  #endsTooEarly(): never {
    throw new UnreadableBytesError(this.#subject, 'length', 'they end too early');
  }

  #refuse(why: string): never {
    throw new UnreadableBytesError(this.#subject, 'damaged', `${why} (before the byte at ${this.#at})`);
  }
}
