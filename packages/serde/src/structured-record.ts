import type { CacheEntry } from '@memo/core';
import { entryOfRecord, recordOfEntry, type EntryRecord } from './entry-record.js';
import { isError } from './error-record.js';
import { UnreadableBytesError } from './errors.js';
import { isPlainObject } from './inspection/inspection.js';
import { inspectStructured, type StructuredLimits } from './inspection/structured-inspection.js';

/**
 * An entry as plain data for formats that keep references. What they change about an object stands beside the value, with
 * a reference to the object, and is put back after reading.
 */
interface StructuredRecord extends EntryRecord {
  readonly errors?: readonly ErrorParts[];
  /** Objects without a prototype. */
  readonly bare?: readonly object[];
}

/** The properties that such a record has beyond those of an entry. */
const mendings = ['errors', 'bare'] as const;

/** What structured clone loses of an error. */
interface ErrorParts {
  readonly error: Error;
  readonly stack?: string;
  /** Its cause as the only element. */
  readonly cause?: readonly [unknown];
  /** Properties that are enumerable. */
  readonly properties?: object;
}

/** The record of an entry. @throws UnfaithfulValueError - for what the format would change beyond mending. */
export function structuredRecordOf(entry: CacheEntry, limits: StructuredLimits): StructuredRecord {
  const record = recordOfEntry(entry, limits.call);
  if (record.error !== undefined) return record;
  const { errors, bare } = inspectStructured(record.value, limits);
  return {
    ...record,
    ...(errors.length > 0 && { errors: errors.map(partsOf) }),
    ...(bare.length > 0 && { bare }),
  };
}

function partsOf(error: Error): ErrorParts {
  const { stack, cause } = error;
  const properties = Object.fromEntries(Object.entries(error));
  return {
    error,
    ...(typeof stack === 'string' && { stack }),
    ...(Object.hasOwn(error, 'cause') && { cause: [cause] }),
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}

/** The entry of a record that was read. @throws UnreadableBytesError */
export function entryOfStructuredRecord(record: unknown, subject: string): CacheEntry {
  const entry = entryOfRecord(record, subject, mendings);
  const { errors, bare } = record as Readonly<Record<(typeof mendings)[number], unknown>>;
  if (errors === undefined && bare === undefined) return entry;
  mendAll(errors ?? [], bare ?? [], subject);
  return entry;
}

function mendAll(errors: unknown, bare: unknown, subject: string): void {
  const mended = new Set<unknown>();
  try {
    for (const parts of listOf(errors)) mend(partsIn(parts), mended);
    for (const object of listOf(bare)) Reflect.setPrototypeOf(requirePlain(object), null);
  } catch (cause) {
    throw new UnreadableBytesError(subject, 'damaged', 'what they say about errors and objects does not fit', {
      cause,
    });
  }
}

/** @param mended - what was taken already: nothing is taken twice, or few bytes would mend the same for hours. */
function mend({ error, stack, cause, properties = {} }: ErrorParts, mended: Set<unknown>): void {
  for (const part of [error, properties]) {
    if (mended.has(part)) throw new Error('an error, or what belongs to it, is there twice');
    mended.add(part);
  }
  for (const name of Reflect.ownKeys(error)) if (name !== 'message') Reflect.deleteProperty(error, name);
  const hidden = { writable: true, configurable: true, enumerable: false };
  if (stack !== undefined) Object.defineProperty(error, 'stack', { ...hidden, value: stack });
  if (cause !== undefined) Object.defineProperty(error, 'cause', { ...hidden, value: cause[0] });
  Object.defineProperties(error, Object.getOwnPropertyDescriptors(properties));
}

function partsIn(something: unknown): ErrorParts {
  const { error, stack, cause, properties } = requirePlain(something) as Partial<Record<keyof ErrorParts, unknown>>;
  const areParts =
    isError(error) &&
    (stack === undefined || typeof stack === 'string') &&
    (cause === undefined || (Array.isArray(cause) && cause.length === 1)) &&
    (properties === undefined || isPlainObject(properties));
  if (!areParts) throw new Error('the parts of an error are none');
  return something as ErrorParts;
}

function listOf(something: unknown): readonly unknown[] {
  if (Array.isArray(something)) return something;
  throw new Error('a list is none');
}

function requirePlain(something: unknown): object {
  if (isPlainObject(something)) return something;
  throw new Error('an object is none, or is there twice');
}
