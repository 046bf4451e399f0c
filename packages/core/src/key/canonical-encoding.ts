import { InvalidKeyError } from '../errors.js';
import { encodeInstance, hasArrayPrototype, hasObjectPrototype } from './instance-encoding.js';
import { isNamedInKeys, memoKey, type NamedInKeys } from './memo-key.js';
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
 * The text is JSON with sorted properties where JSON can say it; what it cannot say begins with `#`. A single string is
 * its own name, unless it is empty, begins like another name or is no well-formed Unicode:
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
 * @param placeOf - what the argument of an index is called in messages.
 * @throws InvalidKeyError for what has no content to be named by: functions, symbols, instances of classes without a
 *   `[memoKey]` method or with one that returns `undefined`, invalid Dates, cycles, nesting deeper than 500 levels,
 *   properties that cannot be read.
 */
export function encodeArguments(args: readonly unknown[], from = 0, placeOf = placeOfArgument): string {
  let end = args.length;
  while (end > from && args[end - 1] === undefined) end--;
  if (end === from + 1) {
    const argument = args[from];
    if (typeof argument === 'string' && isItsOwnName(argument)) return argument;
  }
  return encodeInParentheses(args, from, end, placeOf);
}

/** Names a single argument as `encodeArguments` names a list of it. @throws InvalidKeyError as `encodeArguments`. */
export function encodeArgument(argument: unknown): string {
  if (typeof argument === 'string' && isItsOwnName(argument)) return argument;
  return encodeInParentheses([argument], 0, argument === undefined ? 0 : 1, placeOfArgument);
}

/**
 * Names one value by a text that says itself where it ends, so that anything may follow: as `encodeArguments` does where a
 * string is not its own name.
 *
 * @param place - what the value is called in messages.
 * @throws InvalidKeyError as `encodeArguments`.
 */
export function encodeEnclosed(value: unknown, place: string): string {
  return encodeInParentheses([value], 0, value === undefined ? 0 : 1, () => place);
}

function encodeInParentheses(
  args: readonly unknown[],
  from: number,
  end: number,
  placeOf: (index: number) => string,
): string {
  try {
    return encodeList(args, from, end);
  } catch {
    throw refusal(args, from, end, placeOf);
  }
}

const parenthesis = 40;
const equalsSign = 61;

/** Texts that begin with a parenthesis are lists; those that begin with `=` come from the option `key`; none is empty. */
function isItsOwnName(text: string): boolean {
  const first = text.charCodeAt(0);
  return first !== parenthesis && first !== equalsSign && text !== '' && text.isWellFormed();
}

function encodeList(args: readonly unknown[], from: number, end: number): string {
  let text = '(';
  for (let index = from; index < end; index++) {
    text += (index > from ? ',' : '') + encodeValue(args[index], 0);
  }
  return text + ')';
}

function placeOfArgument(index: number): string {
  return `arguments[${index}]`;
}

function refusal(args: readonly unknown[], from: number, end: number, placeOf: (index: number) => string): Error {
  for (let index = from; index < end; index++) {
    const error = explainUnnameable(args[index], placeOf(index), encodeValue);
    if (error !== undefined) return error;
  }
  return new InvalidKeyError('A list of arguments', args, 'it changes while it is read');
}

const adviceForCall = `Let the option 'key' name the call without it.`;
const adviceForName = 'Return text, a number or plain data.';

/** Names one value so that nothing can follow the text and belong to it; `depth` counts the containers around it. */
function encodeValue(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isFinite(value) ? `${value}` : `#${value}`;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return `#${value}n`;
    case 'undefined':
      return '#undefined';
    case 'object':
      return value === null ? 'null' : encodeObject(value, depth);
    case 'function':
      if (isNamedInKeys(value)) return encodeNamed(value, depth);
      throw new Unnameable(value, 'a function has no content to be named by', adviceForCall);
    case 'symbol':
      throw new Unnameable(value, 'a symbol has no content to be named by', adviceForCall);
  }
}

const escaped = /["\\\p{Cc}\p{Cs}]/u;

function quote(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function encodeObject(value: object, depth: number): string {
  if (depth > deepest) throw new NestedTooDeep(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return encodeProperties(value as Properties, depth);
  if (prototype === Array.prototype && Array.isArray(value)) return encodeElements(value, depth);
  if (isNamedInKeys(value)) return encodeNamed(value, depth);
  if (hasObjectPrototype(value)) return encodeProperties(value as Properties, depth);
  if (hasArrayPrototype(value)) return encodeElements(value, depth);
  return encodeInstance(value, (element) => encodeValue(element, depth + 1));
}

function encodeNamed(value: NamedInKeys, depth: number): string {
  const name = value[memoKey]();
  // All objects whose name is not there yet would share their results.
  if (name === undefined) throw new Unnameable(value, 'its [memoKey]() names nothing', adviceForName);
  return `#memo:${encodeValue(name, depth + 1)}`;
}

function encodeElements(elements: readonly unknown[], depth: number): string {
  let text = '[';
  for (let index = 0; index < elements.length; index++) {
    text += (index > 0 ? ',' : '') + encodeValue(elements[index], depth + 1);
  }
  return text + ']';
}

type Properties = Readonly<Record<string, unknown>>;

function encodeProperties(properties: Properties, depth: number): string {
  if (Object.getOwnPropertySymbols(properties).length > 0) {
    if (isNamedInKeys(properties)) return encodeNamed(properties, depth);
    refuseEnumerableSymbols(properties);
  }
  let text = '{';
  for (const name of sort(Object.keys(properties))) {
    const value = properties[name];
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += quoteName(name);
    text += encodeValue(value, depth + 1);
  }
  return text + '}';
}

function refuseEnumerableSymbols(properties: Properties): void {
  for (const symbol of Object.getOwnPropertySymbols(properties)) {
    if (Object.prototype.propertyIsEnumerable.call(properties, symbol)) {
      throw new Unnameable(properties, `its property ${String(symbol)} has a symbol for a name`, adviceForCall);
    }
  }
}

/** Sorts by code unit, in place. `Array.prototype.sort` takes four times as long over the few names that objects have. */
function sort(names: string[]): string[] {
  if (names.length > 12) return names.sort();
  for (let index = 1; index < names.length; index++) {
    const name = names[index] ?? '';
    let place = index;
    while (place > 0) {
      const before = names[place - 1] ?? '';
      if (before <= name) break;
      names[place] = before;
      place--;
    }
    names[place] = name;
  }
  return names;
}

/** The same few property names come again and again: looked up, they cost a third of being quoted. */
const quotedNames = new Map<string, string>();
const mostQuotedNames = 1_000;
const longestQuotedName = 40;

function quoteName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const quoted = `${quote(name)}:`;
  if (name.length <= longestQuotedName) {
    if (quotedNames.size >= mostQuotedNames) quotedNames.clear();
    quotedNames.set(name, quoted);
  }
  return quoted;
}
