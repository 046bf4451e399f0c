import { UnreadableBytesError, type UnreadableReason } from '../errors.js';
import { deepestRecord } from './deepest-record.js';
import { MemoryBudget, memoryOf } from './memory-budget.js';

/**
 * Refuses bytes that are not one value as `node:v8` writes it for `PickleSerDe`, before V8 reads them. Goes from tag to
 * tag once and makes nothing of them. The format is told by V8's `src/objects/value-serializer.cc`.
 *
 * V8 believes how long an array is said to be: a few bytes of sparse arrays, or of arrays within one another, take
 * gigabytes. Here all lengths together are no more than there are bytes, and an array has all its elements. What only
 * browsers or earlier versions write is refused as well.
 *
 * @throws UnreadableBytesError
 */
export function verifyV8(data: Uint8Array, subject: string): void {
  new V8Verification(data, subject).verify();
}

/** The version of the format that the oldest Node writes which memo runs on; whether one is too new V8 knows. */
const oldestVersion = 15;

/** Tags that end containers. */
const ends = { object: 0x7b, array: 0x24, sparseArray: 0x40, map: 0x3a, set: 0x2c, error: 0x2e } as const;

const integer = 0x49;
const otherElements = 'an array has other elements than it says';

/** An open container. */
interface Container {
  readonly end: number;
  /** How many elements it should have, for arrays. */
  readonly length: number;
  /** How many values it has, keys and elements alike; for errors, the causes and their announcements. */
  contents: number;
}

class V8Verification {
  readonly #data: Uint8Array;
  readonly #subject: string;
  readonly #budget: MemoryBudget;
  /** May be beyond the end, which is noticed where the next byte is looked for. */
  #at = 0;
  /** The innermost open container, and those around it. */
  #container: Container = { end: -1, length: 0, contents: 0 };
  readonly #outer: Container[] = [];
  /** How many elements all arrays together should have. */
  #elements = 0;

  constructor(data: Uint8Array, subject: string) {
    this.#data = data;
    this.#subject = subject;
    this.#budget = new MemoryBudget(subject);
  }

  verify(): void {
    if (this.#byte() !== 0xff || this.#byte() < oldestVersion) this.#refuse('they do not begin like one', 'foreign');
    this.#value(this.#tag());
    while (this.#outer.length > 0) this.#goOn(this.#container);
    const rest = this.#data.length - this.#at;
    if (rest < 0) this.#endsTooEarly();
    if (rest > 0) this.#refuse(`${rest} bytes follow after its end`, 'length');
  }

  #goOn(container: Container): void {
    const isEven = container.contents % 2 === 0;
    if (container.end === ends.error) return isEven ? this.#partOfError(container) : this.#oneOf(container);
    if (container.end !== ends.sparseArray) return this.#allOf(container);
    if (isEven) this.#index(container);
    else this.#oneOf(container);
  }

  /** The values of a container, until it ends or another begins in it. */
  #allOf(container: Container): void {
    do {
      const tag = this.#tag();
      if (tag === container.end) return this.#close(container);
      container.contents += 1;
      if (tag === integer) this.#number();
      else this.#value(tag);
    } while (this.#container === container);
  }

  #oneOf(container: Container): void {
    container.contents += 1;
    this.#value(this.#tag());
  }

  #value(tag: number): void {
    switch (tag) {
      case integer:
      case 0x55: // U: an integer without a sign
      case 0x5e: // ^: a reference
        this.#number();
        return;
      case 0x22: // ": text of one byte a character
      case 0x63: // c: of two bytes
        return this.#skip(this.#number());
      case 0x5f: // undefined
      case 0x30: // null
      case 0x54: // true
      case 0x46: // false
        return;
      case 0x4e: // N: a number
        return this.#skip(8);
      case 0x5a: // Z: a bigint, its sign and length in one number
        return this.#skip((this.#number() & 0x7fff_ffff) >>> 1);
      case 0x6f: // o: an object
        return this.#begin(ends.object, 0, memoryOf.structure);
      case 0x41: // A: an array
        return this.#begin(ends.array, this.#number(), memoryOf.structure);
      case 0x61: // a: an array with holes, or made as if it could have some
        return this.#begin(ends.sparseArray, this.#number(), memoryOf.structure);
      case 0x3b: // ;: a Map
        return this.#begin(ends.map, 0, memoryOf.instance);
      case 0x27: // ': a Set
        return this.#begin(ends.set, 0, memoryOf.instance);
      case 0x72: // r
        return this.#begin(ends.error, 0, memoryOf.instance);
      default:
        this.#instance(tag);
    }
  }

  #instance(tag: number): void {
    this.#budget.spend(memoryOf.instance);
    switch (tag) {
      case 0x44: // D: a date
        return this.#skip(8);
      case 0x42: // B: an ArrayBuffer
        return this.#skip(this.#number());
      case 0x5c: // \: a view as Node writes it, its kind and its bytes
        this.#number();
        return this.#skip(this.#number());
      case 0x52: // R: a pattern, its source and flags
        this.#text();
        this.#number();
        return;
      default:
        this.#refuse('nothing begins like this');
    }
  }

  #begin(end: number, length: number, memory: number): void {
    this.#elements += length;
    if (this.#elements > this.#data.length) this.#endsTooEarly();
    this.#budget.spend(memory);
    if (this.#outer.push(this.#container) > deepestRecord) this.#refuse('they are nested too deep');
    this.#container = { end, length, contents: 0 };
  }

  /** The end of a container says again how much it has. */
  #close({ end, length, contents }: Container): void {
    if (end === ends.array || end === ends.sparseArray) {
      const properties = this.#number();
      const isWhole = end === ends.array ? properties === 0 && contents === length : contents === 2 * length;
      if (!isWhole) this.#refuse(otherElements);
    }
    this.#number();
    this.#leave(contents);
  }

  #leave(contents: number): void {
    this.#budget.spend(contents * memoryOf.value);
    this.#container = this.#outer.pop()!;
  }

  /** An element of a sparse array comes after its index; none may be missing. */
  #index(container: Container): void {
    const tag = this.#tag();
    if (tag === ends.sparseArray) return this.#close(container);
    // An integer stands there doubled, as it has a sign; and so do the contents, as each element has an index.
    if (tag !== integer || this.#number() !== container.contents) this.#refuse(otherElements);
    container.contents += 1;
  }

  #partOfError(error: Container): void {
    switch (this.#byte()) {
      case 0x45: // E, R, F, S, T, U: its class
      case 0x52:
      case 0x46:
      case 0x53:
      case 0x54:
      case 0x55:
        return;
      case 0x6d: // m: message
      case 0x73: // s: stack
        return this.#text();
      case 0x63: // c: a cause follows
        error.contents += 1;
        return;
      case ends.error:
        return this.#leave(error.contents);
      default:
        this.#refuse('an error has a part that is unknown');
    }
  }

  #text(): void {
    const tag = this.#tag();
    if (tag !== 0x22 && tag !== 0x63) this.#refuse('there is no text where one belongs');
    this.#skip(this.#number());
  }

  /** Texts of two bytes a character have zeros before their tag, so that they begin at an even place. */
  #tag(): number {
    let tag = this.#byte();
    while (tag === 0) tag = this.#byte();
    return tag;
  }

  #byte(): number {
    if (this.#at >= this.#data.length) this.#endsTooEarly();
    return this.#data[this.#at++]!;
  }

  /** A number of at most 32 bits, seven in each byte, the lowest first. */
  #number(): number {
    let number = this.#byte();
    if (number < 0x80) return number;
    number &= 0x7f;
    for (let factor = 2 ** 7; factor <= 2 ** 28; factor *= 2 ** 7) {
      const byte = this.#byte();
      number += (byte & 0x7f) * factor;
      if (byte < 0x80) return number < 2 ** 32 ? number : this.#refuse('a number is too large');
    }
    return this.#refuse('a number is too large');
  }

  #skip(bytes: number): void {
    this.#at += bytes;
  }

  #endsTooEarly(): never {
    this.#refuse('they end too early', 'length');
  }

  #refuse(why: string, reason: UnreadableReason = 'damaged'): never {
    const where = reason === 'damaged' ? ` (before the byte at ${this.#at})` : '';
    throw new UnreadableBytesError(this.#subject, reason, `${why}${where}`);
  }
}
