import type { CacheEntry } from '@memo/core';
import { entryOfRecord, recordOfEntry, type EntryRecord } from './entry-record.js';
import { isError } from './error-record.js';
import { UnreadableBytesError } from './errors.js';
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
  const entry = entryOfRecord(record, subject, ['errors', 'bare']);
  const { errors, bare } = record as StructuredRecord;
  try {
    for (const parts of errors ?? []) mend(parts, subject);
    for (const object of bare ?? []) Reflect.setPrototypeOf(object, null);
  } catch (cause) {
    throw new UnreadableBytesError(subject, 'damaged', 'what they say about errors and objects does not fit', {
      cause,
    });
  }
  return entry;
}

function mend({ error, stack, cause, properties }: ErrorParts, subject: string): void {
  if (!isError(error)) throw new UnreadableBytesError(subject, 'damaged', 'an error is none');
  for (const name of Reflect.ownKeys(error)) if (name !== 'message') Reflect.deleteProperty(error, name);
  const hidden = { writable: true, configurable: true, enumerable: false };
  if (stack !== undefined) Object.defineProperty(error, 'stack', { ...hidden, value: stack });
  if (cause !== undefined) Object.defineProperty(error, 'cause', { ...hidden, value: cause[0] });
  Object.defineProperties(error, Object.getOwnPropertyDescriptors(properties ?? {}));
}
