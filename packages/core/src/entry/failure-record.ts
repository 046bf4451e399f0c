import { describe, markAsMemoError, memoKindsOf, quoted, UnkeptFailureError, UnreadableEntryError } from '../errors.js';
import { plainDataIn, type PlainDataLimits } from './plain-data.js';

/** What was thrown as plain data, which JSON and every SerDe keep: the value of a failure in a shared storage. */
export interface FailureRecord {
  /** The version of the record, which tells it from other data. */
  readonly memo: typeof version;
  readonly thrown: ThrownRecord;
}

/** An error; or another value, where it is plain data; or what it was, in words. None of them: it was `undefined`. */
interface ThrownRecord {
  readonly error?: ErrorRecord;
  readonly value?: unknown;
  readonly described?: string;
}

interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly cause?: ThrownRecord;
  readonly errors?: readonly ThrownRecord[];
  /** Of an error of memo: its classes, and those of its properties that are plain data. */
  readonly memo?: { readonly kinds: readonly string[]; readonly properties: object };
}

const version = 1;

/** Most characters of a message, and of any other text that is told of an error. */
const longestText = 10_000;
/** Most characters of all texts in a record. */
const mostCharacters = 50_000;
/** Errors within errors, and errors in all: causes may lead back to where they began. */
const [deepest, mostErrors] = [8, 32];
const plainData: PlainDataLimits = { depth: 16, values: 1_000, characters: mostCharacters };

const classes = new Map<string, ErrorConstructor>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [type.name, type]),
);

/**
 * The record of what was thrown. Of an error it keeps name, message, `code`, the chain of causes and the errors of an
 * `AggregateError`; what is too long is cut, what nests too deep or contains itself left out. What is no error is kept
 * where it is plain data. Anything may have been thrown; this never throws.
 */
export function failureRecord(thrown: unknown): FailureRecord {
  const recording = new Recording();
  return { memo: version, thrown: attempt(() => recording.of(thrown)) ?? recording.described(thrown) };
}

/** One record in the making: how much it holds already. */
class Recording {
  readonly #open = new Set<unknown>();
  #errors = 0;
  #charactersLeft = mostCharacters;

  /** `undefined` where it cannot be told, or is too much. */
  of(thrown: unknown): ThrownRecord | undefined {
    if (thrown === undefined) return {};
    if (typeof thrown === 'string') return { value: this.#text(thrown) };
    if (isError(thrown)) return this.#error(thrown);
    const plain = plainDataIn(thrown, { ...plainData, characters: this.#charactersLeft });
    if (plain !== undefined) return { value: plain.copy };
    // Errors of another realm, and what libraries throw that is like an error.
    if (typeof propertyOf(thrown, 'message') === 'string') return this.#error(thrown);
    return this.described(thrown);
  }

  described(thrown: unknown): ThrownRecord {
    return { described: this.#text(describe(thrown)) };
  }

  #error(error: unknown): ThrownRecord | undefined {
    if (this.#open.has(error) || this.#open.size === deepest || this.#errors === mostErrors) return undefined;
    this.#errors++;
    this.#open.add(error);
    const [name, message, code] = [propertyOf(error, 'name'), propertyOf(error, 'message'), propertyOf(error, 'code')];
    const record = {
      name: typeof name === 'string' && name !== '' ? this.#text(name) : 'Error',
      message: typeof message === 'string' ? this.#text(message) : '',
      ...(typeof code === 'string' && { code: this.#text(code) }),
      ...(isPlainNumber(code) && { code }),
      ...this.#memo(error),
      ...this.#cause(error),
      ...this.#errorsIn(error),
    };
    this.#open.delete(error);
    return { error: record };
  }

  #memo(error: unknown): Pick<ErrorRecord, 'memo'> {
    const kinds = plainDataIn(memoKindsOf(error), plainData)?.copy as readonly string[] | undefined;
    if (kinds === undefined) return {};
    const context = plainPropertiesOf(propertyOf(error, 'context'));
    return { memo: { kinds, properties: { ...plainPropertiesOf(error), context } } };
  }

  #cause(error: unknown): Pick<ErrorRecord, 'cause'> {
    const cause = propertyOf(error, 'cause');
    const record = cause === undefined ? undefined : this.of(cause);
    return record === undefined ? {} : { cause: record };
  }

  #errorsIn(error: unknown): Pick<ErrorRecord, 'errors'> {
    const hasErrors = isAggregate(error) || memoKindsOf(error) !== undefined;
    const errors = hasErrors ? listIn(propertyOf(error, 'errors')) : undefined;
    if (errors === undefined) return {};
    return { errors: errors.map((each) => this.of(each)).filter((record) => record !== undefined) };
  }

  /** A text that every format keeps, and not too long. It is told rather than refused. */
  #text(text: string): string {
    const longest = Math.min(longestText, this.#charactersLeft);
    const cut = text.length > longest ? `${text.slice(0, Math.max(0, longest - 3))}...` : text;
    this.#charactersLeft = Math.max(0, this.#charactersLeft - cut.length);
    return cut.toWellFormed().replace(/^\ufeff+/, '');
  }
}

function isError(thrown: unknown): boolean {
  return attempt(() => thrown instanceof Error) ?? false;
}

function isAggregate(error: unknown): boolean {
  return (attempt(() => error instanceof AggregateError) ?? false) || propertyOf(error, 'name') === 'AggregateError';
}

/** The first elements of a list; `undefined` for what is none. */
function listIn(something: unknown): readonly unknown[] | undefined {
  return attempt(() => (Array.isArray(something) ? Array.from(something.slice(0, mostErrors)) : undefined));
}

/** Those properties of an object that are plain data. */
function plainPropertiesOf(object: unknown): Readonly<Record<string, unknown>> {
  const properties = attempt(() => Object.entries(Object(object) as Record<string, unknown>)) ?? [];
  const kept = properties.flatMap(([name, value]): [string, unknown][] => {
    const plain = plainDataIn({ [name]: value }, { ...plainData, characters: longestText });
    return plain === undefined ? [] : Object.entries(plain.copy as object);
  });
  return Object.fromEntries(kept);
}

function propertyOf(something: unknown, name: string): unknown {
  return attempt(() => (Object(something) as Readonly<Record<string, unknown>>)[name]);
}

function isPlainNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0);
}

/** What looks at something hostile, `undefined` where that throws. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/**
 * What was thrown, made of its record: an `Error` with that name, message, `code` and cause, of the language's own class
 * where it was; one of memo is one by `isInstance`. Of what is no record, an `UnreadableEntryError`.
 */
export function failureFrom(record: unknown, key: string): unknown {
  if (isFailureRecord(record)) return thrownFrom(record.thrown, key);
  return new UnreadableEntryError(key, `it should be the record of a failure, and is ${describe(record)}.`);
}

function thrownFrom({ error, value, described }: ThrownRecord, key: string): unknown {
  if (error !== undefined) return errorFrom(error, key);
  return described === undefined ? value : new UnkeptFailureError(key, described);
}

function errorFrom(record: ErrorRecord, key: string): Error {
  const { name, message, code, memo } = record;
  const error = newError(record, key);
  if (error.name !== name) define(error, 'name', name);
  define(
    error,
    'stack',
    `${name}: ${message}\n    from the cache, under key ${quoted(key)}: where it was thrown is not kept`,
  );
  if (code !== undefined) Object.assign(error, { code });
  if (memo !== undefined) {
    Object.defineProperties(error, Object.getOwnPropertyDescriptors(memo.properties));
    markAsMemoError(error, memo.kinds);
  }
  return error;
}

function newError({ name, message, cause, errors, memo }: ErrorRecord, key: string): Error {
  const options = cause && { cause: thrownFrom(cause, key) };
  const contained = errors?.map((each) => thrownFrom(each, key));
  if (contained === undefined) return new (classes.get(name) ?? Error)(message, options);
  if (memo === undefined) return new AggregateError(contained, message, options);
  return Object.assign(new Error(message, options), { errors: contained });
}

function define(error: Error, property: 'name' | 'stack', value: string): void {
  Object.defineProperty(error, property, { value, writable: true, configurable: true, enumerable: false });
}

/** Whether something that was read is the record of a failure. */
export function isFailureRecord(something: unknown): something is FailureRecord {
  const { memo, thrown } = partsOf<FailureRecord>(something);
  return memo === version && isThrownRecord(thrown);
}

function isThrownRecord(something: unknown): something is ThrownRecord {
  if (typeof something !== 'object' || something === null) return false;
  const { error, described } = partsOf<ThrownRecord>(something);
  return (error === undefined || isErrorRecord(error)) && (described === undefined || typeof described === 'string');
}

function isErrorRecord(something: unknown): something is ErrorRecord {
  const { name, message, code, cause, errors, memo } = partsOf<ErrorRecord>(something);
  return (
    typeof name === 'string' &&
    typeof message === 'string' &&
    ['undefined', 'string', 'number'].includes(typeof code) &&
    (cause === undefined || isThrownRecord(cause)) &&
    (errors === undefined || (Array.isArray(errors) && errors.every(isThrownRecord))) &&
    (memo === undefined || isOfMemo(memo))
  );
}

function isOfMemo(something: unknown): boolean {
  const { kinds, properties } = partsOf<NonNullable<ErrorRecord['memo']>>(something);
  const areKinds = Array.isArray(kinds) && kinds.every((kind) => typeof kind === 'string');
  return areKinds && typeof properties === 'object' && properties !== null;
}

function partsOf<R extends object>(something: unknown): Partial<Record<keyof R, unknown>> {
  return Object(something) as Partial<Record<keyof R, unknown>>;
}
