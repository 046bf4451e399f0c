import type { CacheEntry, FailureRecord, SerDe } from '@memo/core';
import { requireBytes } from './bytes.js';
import { entryOfRecord, recordOfEntry } from './entry-record.js';
import { InvalidSerDeOptionError, UnfaithfulValueError, UnreadableBytesError } from './errors.js';
import { isPlainObject } from './inspection/inspection.js';
import { refuseUnlessJson } from './inspection/json-inspection.js';
import { checkedOptions } from './options.js';
import { textOf } from './utf-8.js';
import { verifyJson } from './verification/json-verification.js';
import { requireReadable } from './verification/memory-budget.js';

/** Options of `JsonSerDe`. */
export interface JsonSerDeOptions {
  /** Turns a value into one that JSON can say, before it is written. Comes with `reversibleReprToValue`. */
  readonly valueToReversibleRepr?: (value: unknown) => unknown;
  /** Turns what `valueToReversibleRepr` made into the value again, after it is read. */
  readonly reversibleReprToValue?: (repr: unknown) => unknown;
  /** Whether values may come back as JSON makes them: a Date as text, `undefined` as absent. @defaultValue false */
  readonly lossy?: boolean;
}

const call = 'JsonSerDe';
const subject = 'a JSON entry';
const encoder = new TextEncoder();

/**
 * A SerDe that writes JSON (py-memoize M112): `{"created":…,"updateAfter":…,"expiresAfter":…,"value":…}`, where the
 * moments are epoch milliseconds and `null` stands for never, `etag`, `failed` and `error` are there if the entry has
 * them, and `value` is absent when it is `undefined`.
 *
 * A value that JSON would change is refused with `UnfaithfulValueError`, unless the hooks convert it or it is `lossy`.
 * An error as a remembered failure comes back with its name, message, stack, `code` and cause, not with its class.
 * What is contained twice comes back as two. The hooks are for values, and never see a failure that memo remembers.
 */
export class JsonSerDe implements SerDe {
  /** `json`, or `json~hooks` where hooks convert: who has none must not take what they made for the value. */
  readonly format: string;
  readonly #toRepr: (value: unknown) => unknown;
  readonly #toValue: (repr: unknown) => unknown;
  readonly #lossy: boolean;

  /** @throws InvalidSerDeOptionError */
  constructor(options: JsonSerDeOptions = {}) {
    const { valueToReversibleRepr, reversibleReprToValue, lossy } = checkedOptions(call, options, [
      'valueToReversibleRepr',
      'reversibleReprToValue',
      'lossy',
    ]);
    requireKind('valueToReversibleRepr', valueToReversibleRepr, 'function');
    requireKind('reversibleReprToValue', reversibleReprToValue, 'function');
    requireKind('lossy', lossy, 'boolean');
    this.format = (valueToReversibleRepr ?? reversibleReprToValue) === undefined ? 'json' : 'json~hooks';
    this.#lossy = lossy ?? false;
    if (!this.#lossy) requirePair(valueToReversibleRepr, reversibleReprToValue);
    this.#toRepr = valueToReversibleRepr ?? ((value) => value);
    this.#toValue = reversibleReprToValue ?? ((repr) => repr);
  }

  /** @throws UnfaithfulValueError */
  serialize(entry: CacheEntry): Uint8Array {
    const record = recordOfEntry(entry, call);
    if (record.error !== undefined) return encoder.encode(JSON.stringify(record));
    const repr = isRememberedFailure(record) ? record.value : this.#reprOf(record.value);
    if (!this.#lossy) refuseUnlessJson(repr, call);
    const data = encoder.encode(written({ ...record, value: repr }));
    requireReadable(call, data, (written) => verifyJson(written, subject));
    return data;
  }

  /** @throws UnreadableBytesError */
  deserialize(data: Uint8Array): CacheEntry {
    verifyJson(requireBytes(data, subject), subject);
    const entry = entryOfRecord(read(textOf(data, subject)), subject);
    if (isRememberedFailure(entry)) return entry;
    const value = this.#valueOf(entry.value);
    return value === entry.value ? entry : { ...entry, value };
  }

  #reprOf(value: unknown): unknown {
    try {
      return this.#toRepr(value);
    } catch (cause) {
      const advice = "Mend the hook 'valueToReversibleRepr'.";
      throw new UnfaithfulValueError(call, 'value', "the hook 'valueToReversibleRepr' failed", advice, { cause });
    }
  }

  #valueOf(repr: unknown): unknown {
    try {
      return this.#toValue(repr);
    } catch (cause) {
      throw new UnreadableBytesError(subject, 'foreign', "the hook 'reversibleReprToValue' failed", { cause });
    }
  }
}

/** JSON writes an infinite moment as `null` of itself. */
function written(record: object): string {
  try {
    return JSON.stringify(record);
  } catch (cause) {
    const advice = 'MsgpackSerDe keeps bigints and cycles; very large values do better in several entries.';
    throw new UnfaithfulValueError(call, 'value', 'JSON cannot say it', advice, { cause });
  }
}

function read(text: string): unknown {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw new UnreadableBytesError(subject, 'foreign', 'they are not JSON', { cause });
  }
  if (isPlainObject(record)) endless(record);
  return record;
}

/** Puts the moments in place that JSON cannot say. */
function endless(record: { updateAfter?: unknown; expiresAfter?: unknown }): void {
  if (record.updateAfter === null) record.updateAfter = Infinity;
  if (record.expiresAfter === null) record.expiresAfter = Infinity;
}

/** Whether the value of an entry is what memo remembers of a failure, which JSON can say as it is. */
function isRememberedFailure({ failed, value }: Partial<CacheEntry>): boolean {
  if (failed === undefined) return false;
  if (!isPlainObject(value)) return value instanceof Error;
  const { failure } = value as { readonly failure?: Partial<FailureRecord> };
  return isPlainObject(failure) && failure.memo === 1;
}

function requireKind(option: string, received: unknown, kind: 'function' | 'boolean'): void {
  if (received === undefined || typeof received === kind) return;
  throw new InvalidSerDeOptionError(call, option, `a ${kind}`, received);
}

function requirePair(toRepr: unknown, toValue: unknown): void {
  if ((toRepr === undefined) === (toValue === undefined)) return;
  const [missing, given] =
    toRepr === undefined
      ? ['valueToReversibleRepr', 'reversibleReprToValue']
      : ['reversibleReprToValue', 'valueToReversibleRepr'];
  const advice = 'Without it values would come back changed.';
  throw new InvalidSerDeOptionError(call, missing, `given together with '${given}'`, undefined, advice);
}
