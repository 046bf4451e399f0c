import { InvalidKeyError, quoted } from '../errors.js';
import { accessTo } from '../identifier.js';
import { isNamedInKeys, memoKey } from './memo-key.js';
import { deepest, NestedTooDeep, Unnameable } from './unnameable.js';

type Encode = (value: unknown, depth: number) => string;

interface Place {
  readonly path: string;
  readonly value: unknown;
}

/** A value inside another one. */
interface Child {
  readonly path: string;
  read(): unknown;
}

/**
 * Finds what keeps `value` from being encoded, and says where it stands; `undefined` when nothing does. It encodes again
 * and again on its way down, so that encoding itself need not remember where it is.
 */
export function explainUnnameable(value: unknown, path: string, encode: Encode): InvalidKeyError | undefined {
  const { failure } = outcomeOf(() => encode(value, 0));
  return failure && explain(failure, { path, value }, [], encode);
}

function explain(
  failure: Failure,
  { path, value }: Place,
  around: readonly unknown[],
  encode: Encode,
): InvalidKeyError {
  if (around.includes(value)) {
    return new InvalidKeyError(path, value, 'it contains itself', `Let the option 'key' name it by a part of it.`);
  }
  if (isItself(failure, value) || around.length > deepest) return asInvalidKey(failure, path);
  for (const child of childrenOf(value, path)) {
    const { value: inside, failure: unreadable } = outcomeOf(() => child.read());
    if (unreadable) return asInvalidKey(unreadable, child.path);
    const { failure: itsFailure } = outcomeOf(() => encode(inside, around.length + 1));
    if (itsFailure) return explain(itsFailure, { path: child.path, value: inside }, [...around, value], encode);
  }
  return asInvalidKey(failure, path);
}

/** Whether `value` is at fault and nothing inside it. */
function isItself({ thrown }: Failure, value: unknown): boolean {
  return thrown instanceof Unnameable && thrown.value === value && !(thrown instanceof NestedTooDeep);
}

interface Failure {
  readonly thrown: unknown;
}

function outcomeOf<T>(action: () => T): { readonly value?: T; readonly failure?: Failure } {
  try {
    return { value: action() };
  } catch (thrown) {
    return { failure: { thrown } };
  }
}

function asInvalidKey({ thrown }: Failure, fullPath: string): InvalidKeyError {
  const path = fullPath.length > 120 ? `${fullPath.slice(0, 117)}...` : fullPath;
  if (thrown instanceof Unnameable) return new InvalidKeyError(path, thrown.value, thrown.why, thrown.advice);
  return whatReadingThrew(thrown, path);
}

/** The error for a part of an argument that cannot even be read. */
export function whatReadingThrew(thrown: unknown, path: string): InvalidKeyError {
  const why = thrown instanceof Error ? `reading it threw ${quoted(thrown.message)}` : 'reading it threw';
  return new InvalidKeyError(path, thrown, why);
}

function childrenOf(value: unknown, path: string): readonly Child[] {
  return outcomeOf(() => (isObject(value) ? readChildren(value, path) : [])).value ?? [];
}

function readChildren(value: object, path: string): readonly Child[] {
  if (isNamedInKeys(value)) return [{ path: `${path}[memoKey]()`, read: () => value[memoKey]() }];
  if (Array.isArray(value)) return childrenOfArray(value, path);
  if (value instanceof Map) return [...value].flatMap(([key, its], index) => childrenOfPair(key, its, path, index));
  if (value instanceof Set) return [...value].map((element, index) => childAt(`${path}.values[${index}]`, element));
  const properties = value as Readonly<Record<string, unknown>>;
  return Object.keys(value).map((name) => ({ path: path + accessTo(name), read: () => properties[name] }));
}

function childrenOfArray(elements: readonly unknown[], path: string): readonly Child[] {
  return Array.from(elements, (_, index) => ({ path: `${path}[${index}]`, read: () => elements[index] }));
}

function childrenOfPair(key: unknown, value: unknown, path: string, index: number): readonly Child[] {
  return [childAt(`${path}.entries[${index}].key`, key), childAt(`${path}.entries[${index}].value`, value)];
}

function childAt(path: string, value: unknown): Child {
  return { path, read: () => value };
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
