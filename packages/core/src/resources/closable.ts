import { type DataPointer, type DataPointerOrigin, parseDataPointer } from '../data-pointer.js';
import type { Departure } from '../entry/entry-resource.js';
import { describe, InvalidOptionError, MissingResourceError, NotDisposableError } from '../errors.js';
import { disposeMethodOf } from './dispose-methods.js';

/** Something that is open, and how it is closed. */
export interface Closable {
  readonly object: unknown;
  /** May throw, or return a promise. */
  readonly close: (why: Departure) => unknown;
}

/** What of a value is to be closed, in the order in which it counts as opened. */
interface Closables {
  readonly list: readonly Closable[];
  /** What is wrong with the first part that is not in the list and should be. */
  readonly fault?: { readonly error: unknown };
}

/** Finds what of a value is to be closed. It never throws, and never changes the value. */
export type FindClosables = (value: unknown) => Closables;

/** The value itself. */
export const findItself: FindClosables = (value) => foundBy([() => disposable(value, 'the value')]);

/** Every member of a list or a Set, every value of a Map, every own value of an object. */
export const findMembers: FindClosables = (value) => {
  try {
    return foundBy(
      membersOf(value).map(
        ([place, member]) =>
          () =>
            disposable(member, place),
      ),
    );
  } catch (error) {
    return { list: [], fault: { error } };
  }
};

/**
 * The parts that pointers point to.
 *
 * @throws InvalidOptionError when one is no pointer, or says the unit of a number.
 */
export function partsFinder(texts: readonly string[], origin: DataPointerOrigin): FindClosables {
  const pointers = texts.map((text) => pointerToPart(text, origin));
  return (value) => foundBy(pointers.map((pointer) => () => partOf(value, pointer)));
}

function pointerToPart(text: string, origin: DataPointerOrigin): DataPointer {
  const pointer = parseDataPointer(text, origin);
  if (pointer.unit === undefined) return pointer;
  const expected = `a data pointer to what is to be closed, such as '$.clients.http'`;
  const advice = `':${pointer.unit}' is the unit of a number.`;
  throw new InvalidOptionError({ ...origin, expected, received: text, advice });
}

function partOf(value: unknown, pointer: DataPointer): Closable | undefined {
  const { ignoresMissing } = pointer;
  const found = pointer.find(value);
  if (!found.there && ignoresMissing) return undefined;
  if (!found.there) throw new MissingResourceError(pointer.text.trim(), found.place);
  if (found.value === null && ignoresMissing) return undefined;
  return disposable(found.value, pointer.text.trim());
}

/** What is `undefined` or `null` counts as absent. */
function membersOf(value: unknown): readonly (readonly [place: string, member: unknown])[] {
  const members = placedMembers(value);
  if (members === undefined) throw new NotDisposableError('*', value);
  return members.filter(([, member]) => member !== undefined && member !== null);
}

function placedMembers(value: unknown): readonly (readonly [place: string, member: unknown])[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return value.map((member: unknown, index) => [`$[${index}]`, member]);
  if (value instanceof Set) return [...value].map((member: unknown, index) => [`$[${index}]`, member]);
  if (value instanceof Map) return [...value].map(([key, member]: [unknown, unknown]) => [placeOf(key), member]);
  return Object.entries(value).map(([key, member]: [string, unknown]) => [placeOf(key), member]);
}

function placeOf(key: unknown): string {
  if (typeof key !== 'string') return `$[${describe(key)}]`;
  return /^[\w$]+$/.test(key) ? `$.${key}` : `$[${describe(key)}]`;
}

function disposable(object: unknown, place: string): Closable {
  const close = disposeMethodOf(object);
  if (close === undefined) throw new NotDisposableError(place, object);
  return { object, close };
}

/** Looks for all of them, though one fails. */
function foundBy(searches: readonly (() => Closable | undefined)[]): Closables {
  const list: Closable[] = [];
  let fault: Closables['fault'];
  for (const search of searches) {
    try {
      const closable = search();
      if (closable !== undefined) list.push(closable);
    } catch (error) {
      fault ??= { error };
    }
  }
  return fault === undefined ? { list } : { list, fault };
}
