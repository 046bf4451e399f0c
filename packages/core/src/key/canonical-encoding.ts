import { InvalidKeyError } from '../errors.js';
import { encodeInstance, hasArrayPrototype, hasObjectPrototype } from './instance-encoding.js';
import { isNamedInKeys, memoKey, type NamedInKeys } from './memo-key.js';
import { sortedNames } from './property-shapes.js';
import {
  aQuote,
  aWhole,
  inBraces,
  inBrackets,
  inParentheses,
  nothing,
  openingBetween,
  type Punctuation,
  type Written,
} from './punctuation.js';
import { quote, standsAsItIs } from './quoted-text.js';
import { nameOfNumber } from './recent-numbers.js';
import { explainUnnameable } from './unnameable-place.js';
import { deepest, NestedTooDeep, Unnameable } from './unnameable.js';

/**
 * Names a list of arguments: equal lists get the same text, all others different ones.
 *
 * Equal means: of the same type and content. `-0` equals `0` and `NaN` itself. Trailing `undefined` arguments and
 * properties that are `undefined` count as absent; the order of properties does not count, the order in arrays, Maps
 * and Sets does. A hole in an array reads as `undefined`. An object without a prototype is a plain object. Content is
 * what is enumerable: of plain objects their properties, of arrays, Maps and other built-ins their elements only.
 * `toJSON` is not asked, `[memoKey]` is.
 *
 * The text is JSON with sorted properties where JSON can say it, but that control characters may stand as they are. What
 * JSON cannot say begins with `#`. A single string is its own name, unless it is empty, begins like another name or is no
 * well-formed Unicode:
 *
 * | arguments | text |
 * |---|---|
 * | `('42')` | `42` |
 * | `('(42)')`, `('')` | `("(42)")`, `("")` |
 * | `(42)`, `(null)`, `()` | `(42)`, `(null)`, `()` |
 * | `('a', 1n, undefined, 2)` | `("a",#1n,#undefined,2)` |
 * | `({ b: [1, NaN], a: undefined })` | `({"b":[1,#NaN]})` |
 * | `(new Date(5), new Set(['a']))` | `(#Date:5,#Set["a"])` |
 *
 * @param from - index of the first argument that counts.
 * @throws InvalidKeyError for what has no content to be named by: functions, symbols, instances of classes without a
 *   `[memoKey]` method or with one that returns `undefined`, invalid Dates, cycles, nesting deeper than 500 levels,
 *   properties that cannot be read.
 */
export function encodeArguments(args: readonly unknown[], from = 0): string {
  const end = countOf(args, from);
  if (end === from + 1) return encodeArgument(args[from], placeOfArgument(from));
  try {
    return encodeElements(inParentheses, args, { from, end, depth: 0 });
  } catch {
    throw refusalOf(args, from, end);
  }
}

/** How many arguments count: trailing ones that are `undefined` do not. */
export function countOf(args: readonly unknown[], from = 0): number {
  let end = args.length;
  while (end > from && args[end - 1] === undefined) end--;
  return end;
}

/**
 * Names a single argument as `encodeArguments` names a list of it.
 *
 * @param place - what it is called in messages.
 * @throws InvalidKeyError as `encodeArguments`.
 */
export function encodeArgument(argument: unknown, place = placeOfArgument(0)): string {
  if (typeof argument === 'string' && standsForItself(argument) && argument.isWellFormed()) return argument;
  if (typeof argument === 'number' && Number.isFinite(argument)) return nameOfNumber(argument);
  return encodeEnclosed(argument, place);
}

/**
 * Names one value by a text that says itself where it ends, so that anything may follow: as `encodeArguments` does where a
 * string is not its own name.
 *
 * @param place - what the value is called in messages.
 * @throws InvalidKeyError as `encodeArguments`.
 */
export function encodeEnclosed(value: unknown, place: string): string {
  if (value === undefined) return '()';
  try {
    return `(${encodeValue(value, 0)})`;
  } catch {
    throw explainUnnameable(value, place, encodeValue) ?? changing(place, value);
  }
}

const parenthesis = 40;
const equalsSign = 61;

/**
 * Whether `text` is no other arguments' name: those that begin with a parenthesis are lists, those that begin with `=` come
 * from the option `key`, and none is empty.
 */
export function standsForItself(text: string): boolean {
  const first = text.charCodeAt(0);
  return first !== parenthesis && first !== equalsSign && text !== '';
}

function placeOfArgument(index: number): string {
  return index === 0 ? 'arguments[0]' : `arguments[${index}]`;
}

function refusalOf(args: readonly unknown[], from: number, end: number): Error {
  for (let index = from; index < end; index++) {
    const error = explainUnnameable(args[index], placeOfArgument(index), encodeValue);
    if (error !== undefined) return error;
  }
  return changing('A list of arguments', args);
}

function changing(path: string, received: unknown): Error {
  return new InvalidKeyError(path, received, 'it changes while it is read');
}

const adviceForCall = `Let the option 'key' name the call without it.`;
const adviceForName = 'Return text, a number or plain data.';

/** Names one value so that nothing can follow the text and belong to it; `depth` counts the containers around it. */
function encodeValue(value: unknown, depth: number): string {
  // A switch would make a text of the type first, and compare that.
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : `#${value}`;
  if (typeof value === 'object') return value === null ? 'null' : encodeObject(value, depth);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'undefined') return '#undefined';
  if (typeof value === 'bigint') return `#${value}n`;
  if (typeof value === 'symbol') throw new Unnameable(value, 'a symbol has no content to be named by', adviceForCall);
  if (isNamedInKeys(value)) return encodeNamed(value, depth);
  throw new Unnameable(value, 'a function has no content to be named by', adviceForCall);
}

function encodeObject(value: object, depth: number): string {
  if (depth > deepest) throw new NestedTooDeep(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return encodeProperties(value as Properties, depth);
  if (prototype === Array.prototype && Array.isArray(value))
    return encodeElements(inBrackets, value, { from: 0, end: value.length, depth: depth + 1 });
  if (isNamedInKeys(value)) return encodeNamed(value, depth);
  if (hasObjectPrototype(value)) return encodeProperties(value as Properties, depth);
  if (hasArrayPrototype(value))
    return encodeElements(inBrackets, value, { from: 0, end: value.length, depth: depth + 1 });
  return encodeInstance(value, (element) => encodeValue(element, depth + 1));
}

function encodeNamed(value: NamedInKeys, depth: number): string {
  const name = value[memoKey]();
  // All objects whose name is not there yet would share their results.
  if (name === undefined) throw new Unnameable(value, 'its [memoKey]() names nothing', adviceForName);
  return `#memo:${encodeValue(name, depth + 1)}`;
}

interface Part {
  readonly from: number;
  readonly end: number;
  readonly depth: number;
}

function encodeElements(punctuation: Punctuation, elements: readonly unknown[], { from, end, depth }: Part): string {
  let text = '';
  let written: Written = nothing;
  for (let index = from; index < end; index++) {
    const element = elements[index];
    const inQuotes = typeof element === 'string' && standsAsItIs(element);
    const opening = punctuation.openings[openingBetween(written, inQuotes)]!;
    // One after the other: a text of pieces that are of pieces themselves takes longer to put together.
    text = text + opening + (inQuotes ? element : encodeValue(element, depth));
    written = inQuotes ? aQuote : aWhole;
  }
  return text + punctuation.closings[written];
}

type Properties = Readonly<Record<string, unknown>>;

function encodeProperties(object: Properties, depth: number): string {
  if (Object.getOwnPropertySymbols(object).length > 0) {
    if (isNamedInKeys(object)) return encodeNamed(object, depth);
    refuseEnumerableSymbols(object);
  }
  const names = Object.keys(object);
  const sorted = sortedNames(names);
  if (sorted === undefined) return encodeManyProperties(object, names.sort(), depth);
  let text = '';
  let written: Written = nothing;
  for (const property of sorted) {
    const value = object[property.name];
    if (value === undefined) continue;
    const inQuotes = typeof value === 'string' && standsAsItIs(value);
    const opening = property.opening(openingBetween(written, inQuotes));
    text = text + opening + (inQuotes ? value : encodeValue(value, depth + 1));
    written = inQuotes ? aQuote : aWhole;
  }
  return text + inBraces.closings[written];
}

function encodeManyProperties(object: Properties, sorted: readonly string[], depth: number): string {
  let text = '{';
  for (const name of sorted) {
    const value = object[name];
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${quote(name)}:${encodeValue(value, depth + 1)}`;
  }
  return text + '}';
}

function refuseEnumerableSymbols(object: Properties): void {
  for (const symbol of Object.getOwnPropertySymbols(object)) {
    if (Object.prototype.propertyIsEnumerable.call(object, symbol)) {
      throw new Unnameable(object, `its property ${String(symbol)} has a symbol for a name`, adviceForCall);
    }
  }
}
