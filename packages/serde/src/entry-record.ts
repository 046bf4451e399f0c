import type { CacheEntry } from '@memo/core';
import { errorOf, isError, isErrorRecord, recordOfError, type ErrorRecord } from './error-record.js';
import { describe, UnfaithfulValueError, UnreadableBytesError } from './errors.js';
import { isPlainObject } from './inspection/inspection.js';

/** An entry as plain data, the way every SerDe of this package writes it. Moments are epoch milliseconds. */
export interface EntryRecord {
  readonly created: number;
  readonly updateAfter: number;
  readonly expiresAfter: number;
  readonly etag?: string;
  readonly failed?: true;
  /** The remembered failure, where it is an error. */
  readonly error?: ErrorRecord;
  /** The value; absent for `undefined` and where there is an `error`. */
  readonly value?: unknown;
}

const properties = ['created', 'updateAfter', 'expiresAfter', 'etag', 'failed', 'error', 'value'];

/** The record of an entry. @throws UnfaithfulValueError - for moments that are none, and etags that have no UTF-8. */
export function recordOfEntry(entry: CacheEntry, call: string): EntryRecord {
  const { value, created, updateAfter, expiresAfter, etag, failed } = entry;
  requireMoment(call, 'created', created, Infinity);
  requireMoment(call, 'updateAfter', updateAfter);
  requireMoment(call, 'expiresAfter', expiresAfter);
  if (etag !== undefined) requireEtag(call, etag);
  return {
    created,
    updateAfter,
    expiresAfter,
    ...(etag !== undefined && { etag }),
    ...(failed && { failed }),
    ...(failed && isError(value) ? { error: recordOfError(value) } : value !== undefined && { value }),
  };
}

function requireMoment(call: string, path: string, moment: unknown, before?: number): void {
  if (isMoment(moment) && moment !== before) return;
  throw new UnfaithfulValueError(
    call,
    path,
    `${describe(moment)} is not a moment in epoch milliseconds`,
    'It is the entry builder that dates entries.',
  );
}

function isMoment(moment: unknown): moment is number {
  return typeof moment === 'number' && moment > -Infinity;
}

function requireEtag(call: string, etag: unknown): void {
  if (typeof etag === 'string' && etag.isWellFormed()) return;
  const why = typeof etag === 'string' ? 'text with a lone surrogate has no UTF-8' : `${describe(etag)} is not text`;
  throw new UnfaithfulValueError(call, 'etag', why, 'An etag is well-formed text.');
}

/**
 * The entry of a record that was read; unknown properties make it unreadable, for they would change its meaning.
 *
 * @param others - properties that the format has beyond those of an entry.
 * @throws UnreadableBytesError
 */
export function entryOfRecord(record: unknown, subject: string, others: readonly string[] = []): CacheEntry {
  const { created, updateAfter, expiresAfter, etag, failed, error, value } = verified(record, subject, others);
  const entry: { -readonly [Part in keyof CacheEntry]: CacheEntry[Part] } = {
    value: error === undefined ? value : errorOf(error),
    created,
    updateAfter,
    expiresAfter,
  };
  if (etag !== undefined) entry.etag = etag;
  if (failed) entry.failed = failed;
  return entry;
}

function verified(record: unknown, subject: string, others: readonly string[]): EntryRecord {
  if (!isPlainObject(record)) {
    throw new UnreadableBytesError(subject, 'foreign', `they hold ${describe(record)}, not an entry`);
  }
  for (const name of Object.keys(record)) {
    if (properties.includes(name) || others.includes(name)) continue;
    throw new UnreadableBytesError(subject, 'foreign', `an entry has no property ${describe(name)}`);
  }
  const { created, updateAfter, expiresAfter, etag, failed, error } = record as Partial<
    Record<keyof EntryRecord, unknown>
  >;
  if (!isMoment(created) || created === Infinity) throw wrong(subject, 'created', created);
  if (!isMoment(updateAfter)) throw wrong(subject, 'updateAfter', updateAfter);
  if (!isMoment(expiresAfter)) throw wrong(subject, 'expiresAfter', expiresAfter);
  if (etag !== undefined && typeof etag !== 'string') throw wrong(subject, 'etag', etag);
  if (failed !== undefined && failed !== true) throw wrong(subject, 'failed', failed);
  if (error !== undefined && !isErrorRecord(error)) throw wrong(subject, 'error', error);
  return record as EntryRecord;
}

function wrong(subject: string, name: string, received: unknown): UnreadableBytesError {
  return new UnreadableBytesError(subject, 'foreign', `${name} of the entry is ${describe(received)}`);
}
