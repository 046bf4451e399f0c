import { adviceForDataPointer } from './data-pointer-advice.js';
import { DataPointerError, InvalidOptionError } from './errors.js';

/** What a number that a data pointer finds means: a length of time in that unit, or a moment in seconds since 1970. */
export type DataPointerUnit = 'seconds' | 'milliseconds' | 'unix';

/** What stands where a data pointer points, or how far one comes. */
type Found =
  | { readonly there: true; readonly value: unknown }
  /** `place`: the part of the pointer that is the first to point to nothing. */
  | { readonly there: false; readonly place: string };

/** A path to a part of a value, such as `$.token.expiresAt`. */
export interface DataPointer {
  /** As it was written. */
  readonly text: string;
  /** What its suffix says of numbers. */
  readonly unit: DataPointerUnit | undefined;
  /** Whether it may point to nothing. */
  readonly ignoresMissing: boolean;
  /**
   * What stands there in `root`. `undefined` counts as nothing.
   *
   * @throws DataPointerError when a part of `root` cannot be read, such as where a getter throws.
   */
  find(root: unknown): Found;
}

/** Where a data pointer was written, for the message when it is wrong. */
export interface DataPointerOrigin {
  readonly call: string;
  readonly option: string;
}

/** Whether a text is meant as a data pointer, right or wrong. */
export function isDataPointerText(text: string): boolean {
  return text.trimStart().startsWith('$');
}

/**
 * Reads a data pointer written as text. After `$`, which is the value itself, come names after points and indexes or quoted
 * names in brackets: `$.token.expiresAt`, `$.items[0].ttl`, `$.items.0.ttl`, `$['a name with . : or spaces']`. Then, in any
 * order, come suffixes: the unit of a number, which is `:seconds`, `:milliseconds` or `:unix`, and `:ignore_missing`.
 *
 * In objects a name is that of an own property, or of one of the class, such as a getter, but not of a method or of what
 * every object has. In Maps it is a key that is this text, or this number.
 *
 * @throws InvalidOptionError when it is no data pointer.
 */
export function parseDataPointer(text: string, { call, option }: DataPointerOrigin): DataPointer {
  const outcome = readDataPointer(text);
  if ('find' in outcome) return outcome;
  throw new InvalidOptionError({
    call,
    option,
    expected: `a data pointer such as '$.token.expiresAt' or '$.items[0].ttl:seconds'`,
    received: text,
    advice: outcome.advice,
  });
}

/** The same; what is wrong is an answer. */
export function readDataPointer(text: string): DataPointer | { readonly advice: string } {
  const outcome = partsOf(text);
  if ('names' in outcome) return new PathIntoValue(text, outcome);
  return { advice: adviceForDataPointer(text, outcome.position, isDataPointer) };
}

/** What a pointer is made of. */
interface Parts {
  readonly names: readonly string[];
  /** Where each name ends in the text. */
  readonly ends: readonly number[];
  readonly unit: DataPointerUnit | undefined;
  readonly ignoresMissing: boolean;
}

/** Where the first character stands that is wrong. */
interface Fault {
  readonly position: number;
}

// No pattern here can match one character in two of its repetitions: matching is linear, whatever the text.
const name = /\.([^\s.:[\]'"*]+)|\[(0|[1-9]\d*)\]|\['([^']*)'\]|\["([^"]*)"\]/y;
const suffix = /:(?:(seconds|milliseconds|unix)|ignore_missing)(?![^\s:])/y;

function isDataPointer(text: string): boolean {
  return 'names' in partsOf(text);
}

function partsOf(text: string): Parts | Fault {
  const end = text.trimEnd().length;
  let position = text.length - text.trimStart().length;
  if (text[position] !== '$') return { position };
  position++;
  const names: string[] = [];
  const ends: number[] = [];
  for (let match = matchAt(name, text, position); match !== null; match = matchAt(name, text, position)) {
    names.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
    position += match[0].length;
    ends.push(position);
  }
  if (names.length === 0) return { position };
  let unit: DataPointerUnit | undefined;
  let ignoresMissing = false;
  for (let match = matchAt(suffix, text, position); match !== null; match = matchAt(suffix, text, position)) {
    const written = match[1] as DataPointerUnit | undefined;
    if (written === undefined ? ignoresMissing : unit !== undefined) return { position };
    if (written === undefined) ignoresMissing = true;
    else unit = written;
    position += match[0].length;
  }
  return position === end ? { names, ends, unit, ignoresMissing } : { position };
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

class PathIntoValue implements DataPointer {
  readonly text: string;
  readonly unit: DataPointerUnit | undefined;
  readonly ignoresMissing: boolean;
  readonly #names: readonly string[];
  readonly #ends: readonly number[];

  constructor(text: string, { names, ends, unit, ignoresMissing }: Parts) {
    this.text = text;
    this.unit = unit;
    this.ignoresMissing = ignoresMissing;
    this.#names = names;
    this.#ends = ends;
  }

  find(root: unknown): Found {
    let value = root;
    for (let index = 0; index < this.#names.length; index++) {
      try {
        value = partOf(value, this.#names[index]!);
      } catch (error) {
        throw new DataPointerError(this.text, `${this.#placeOf(index)} cannot be read`, { cause: error });
      }
      if (value === undefined) return { there: false, place: this.#placeOf(index) };
    }
    return { there: true, value };
  }

  #placeOf(index: number): string {
    return this.text.slice(0, this.#ends[index]).trimStart();
  }
}

/**
 * Whatever `value` keeps under a name, as a data pointer finds it; `undefined` when that is nothing. Reading it may throw.
 */
export function partOf(value: unknown, itsName: string): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  if (value instanceof Map) return valueInMap(value, itsName);
  if (Object.hasOwn(value, itsName)) return (value as Readonly<Record<string, unknown>>)[itsName];
  return inheritedPart(value, itsName);
}

function valueInMap(map: ReadonlyMap<unknown, unknown>, key: string): unknown {
  if (map.has(key)) return map.get(key);
  return String(Number(key)) === key ? map.get(Number(key)) : undefined;
}

/** Methods and constructors are no data, and what every object has says nothing of this one. */
function inheritedPart(value: object, itsName: string): unknown {
  for (
    let prototype = prototypeOf(value);
    prototype !== null && !isPrototypeOfAll(prototype);
    prototype = prototypeOf(prototype)
  ) {
    const property = Object.getOwnPropertyDescriptor(prototype, itsName);
    if (property === undefined) continue;
    if (typeof property.value === 'function') return undefined;
    return (value as Readonly<Record<string, unknown>>)[itsName];
  }
  return undefined;
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}

/** Also that of another realm. */
function isPrototypeOfAll(prototype: object): boolean {
  return prototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');
}
