import { types } from 'node:util';
import type { CacheEntry } from '@memo/core';
import { UnreadableBytesError } from '../../src/index.js';
import { difference } from '../support/difference.js';

/** What became of hostile bytes: refused as they should be, read, read as what they were; or what is wrong. */
export type Verdict = 'refused' | 'read' | 'unchanged' | { readonly wrong: string };

/** What is to be said of an error that reading threw. */
export function verdictOnError(error: unknown): Verdict {
  if (!(error instanceof UnreadableBytesError)) return { wrong: `threw ${textOf(error)}` };
  if (!UnreadableBytesError.isInstance(error)) return { wrong: 'threw an error without its brand' };
  if (error.message.length > longestMessage) return { wrong: `a message of ${error.message.length} characters` };
  return 'refused';
}

/** An event that somebody logs must not become a flood. */
const longestMessage = 1_000;

/** What is to be said of an entry that was read, whose bytes were once those of `original`. */
export function verdictOnEntry(entry: CacheEntry, original: CacheEntry | undefined): Verdict {
  const wrong = wrongOfEntry(entry) ?? wrongOfValue(entry.value);
  if (wrong !== undefined) return { wrong };
  return original !== undefined && differenceOfEntries(entry, original) === undefined ? 'unchanged' : 'read';
}

/** Where an entry differs from what it was, as a path; in which order it has its properties does not count. */
export function differenceOfEntries(found: CacheEntry, expected: CacheEntry): string | undefined {
  const sorted = (entry: CacheEntry): object =>
    Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
  return difference(sorted(found), sorted(expected), 'entry');
}

const properties = new Set([
  'value',
  'created',
  'started',
  'updateAfter',
  'expiresAfter',
  'etag',
  'failed',
  'keepUntil',
]);

function wrongOfEntry(entry: CacheEntry): string | undefined {
  if (typeof entry !== 'object' || Object.getPrototypeOf(entry) !== Object.prototype)
    return 'an entry that is no object';
  const other = Reflect.ownKeys(entry).find((name) => typeof name === 'symbol' || !properties.has(name));
  if (other !== undefined) return `an entry with ${String(other)}`;
  const {
    created,
    started = created,
    updateAfter,
    expiresAfter,
    etag,
    failed,
    keepUntil = Infinity,
  } = entry as Record<keyof CacheEntry, unknown>;
  if (!isMoment(created)) return `created ${textOf(created)}`;
  if (!isMoment(started)) return `started ${textOf(started)}`;
  if (!isMoment(updateAfter)) return `updateAfter ${textOf(updateAfter)}`;
  if (!isMoment(expiresAfter)) return `expiresAfter ${textOf(expiresAfter)}`;
  if (!isMoment(keepUntil)) return `keepUntil ${textOf(keepUntil)}`;
  if (etag !== undefined && typeof etag !== 'string') return `etag ${textOf(etag)}`;
  if (failed !== undefined && failed !== true) return `failed ${textOf(failed)}`;
  return undefined;
}

/** Whether it is a moment as entries have them: a number that a comparison with another one decides upon. */
export function isMoment(moment: unknown): boolean {
  return typeof moment === 'number' && !Number.isNaN(moment);
}

/** The classes that values may be of, and how to tell that an object is really one. */
const classes = new Map<unknown, (value: unknown) => boolean>([
  [Object.prototype, isPlain],
  [Array.prototype, Array.isArray],
  [Map.prototype, types.isMap],
  [Set.prototype, types.isSet],
  [Date.prototype, types.isDate],
  [RegExp.prototype, types.isRegExp],
  [ArrayBuffer.prototype, types.isArrayBuffer],
  [DataView.prototype, types.isDataView],
  [Buffer.prototype, types.isUint8Array],
]);
for (const Class of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
  classes.set(Class.prototype, types.isNativeError);
}
for (const Class of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array]) {
  classes.set(Class.prototype, types.isTypedArray);
}
for (const Class of [Float32Array, Float64Array, BigInt64Array, BigUint64Array]) {
  classes.set(Class.prototype, types.isTypedArray);
}

const most = 50_000;

/** What is wrong with a value: a prototype that nobody gave it, or a kind of value that no bytes stand for. */
function wrongOfValue(value: unknown): string | undefined {
  const seen = new Set<object>();
  const waiting = [value];
  while (waiting.length > 0 && seen.size < most) {
    const next = waiting.pop();
    if (typeof next === 'function' || typeof next === 'symbol') return `a ${typeof next}`;
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const prototype: unknown = Object.getPrototypeOf(next);
    const isOfItsClass = prototype === null ? isPlain : classes.get(prototype);
    if (isOfItsClass?.(next) !== true) return `an object of an unexpected prototype: ${textOf(next)}`;
    waiting.push(...contentsOf(next));
  }
  return undefined;
}

function isPlain(value: unknown): boolean {
  return !(
    Array.isArray(value) ||
    ArrayBuffer.isView(value) ||
    types.isMap(value) ||
    types.isSet(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isNativeError(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isBoxedPrimitive(value) ||
    types.isPromise(value) ||
    types.isProxy(value)
  );
}

function contentsOf(value: object): readonly unknown[] {
  if (ArrayBuffer.isView(value)) return [];
  if (types.isMap(value)) return [...value.keys(), ...value.values()].slice(0, most);
  if (types.isSet(value)) return [...value.values()].slice(0, most);
  return Object.values(Object.getOwnPropertyDescriptors(value))
    .slice(0, most)
    .flatMap((property) => [property.value as unknown, property.get, property.set]);
}

function textOf(thing: unknown): string {
  try {
    return String(thing).slice(0, 200);
  } catch {
    return Object.prototype.toString.call(thing);
  }
}
