import { Buffer } from 'node:buffer';
import { open, seal, UnreadableBytesError } from '@memo/serde';

/**
 * Which entries of a namespace are valid on one server, as plain data. Memcached cannot list its keys; so what is cleared
 * stays where it is and counts no more, because it was written before.
 */
export interface Generation {
  /** 16 random hexadecimal digits. An entry of another generation is not valid. */
  readonly id: string;
  /** How often keys of this generation have been cleared. An entry carries the number that it was written under. */
  readonly sequence: number;
  /** The scopes that were cleared, each with the sequence that began then: older entries in it are not valid. */
  readonly cleared: readonly (readonly [scope: string, sequence: number])[];
}

/** The format of the payload, as the envelope names it. */
const format = 'generation/1';
/** More scopes, or longer ones, would have to be read with every entry: then all is cleared instead. */
const mostScopes = 64;
const mostScopeCharacters = 4_096;
const idLength = 8;
const markLength = idLength + 4;
const digitZero = 0x30;
const letterA = 0x61;

/** A generation that no entry belongs to yet. */
export function newGeneration(): Generation {
  return {
    id: Buffer.from(crypto.getRandomValues(new Uint8Array(idLength))).toString('hex'),
    sequence: 0,
    cleared: [],
  };
}

/** The generation after every key that begins with `scope` is cleared; maybe more keys, never fewer. */
export function generationWithout(scope: string, { id, sequence, cleared }: Generation): Generation {
  const next = sequence + 1;
  const kept = cleared.filter(([earlier]) => !earlier.startsWith(scope));
  const all: Generation['cleared'] = [...kept, [scope, next]];
  if (scope === '' || isTooMuch(all) || next > 0xffff_ffff) return newGeneration();
  return { id, sequence: next, cleared: all };
}

/** The bytes by which an entry says when it was written: for `isValid`. */
export function markOf({ id, sequence }: Generation): Uint8Array {
  const mark = Buffer.alloc(markLength);
  mark.write(id, 'hex');
  mark.writeUInt32BE(sequence, idLength);
  return mark;
}

/** Whether the entry of `key` that carries `mark` has not been cleared since it was written. */
export function isValid(mark: Uint8Array | undefined, key: string, { id, sequence, cleared }: Generation): boolean {
  if (mark?.length !== markLength || !beginsWith(mark, id)) return false;
  const written = ((mark[8]! << 24) | (mark[9]! << 16) | (mark[10]! << 8) | mark[11]!) >>> 0;
  // What is from the future is from a generation that the server has lost.
  return written <= sequence && cleared.every(([scope, since]) => written >= since || !key.startsWith(scope));
}

/** Whether a mark has this id, which is hexadecimal, at its beginning. Each hit asks, so nothing is made for it. */
function beginsWith(mark: Uint8Array, id: string): boolean {
  for (let index = 0; index < idLength; index++) {
    if (mark[index] !== digitAt(id, 2 * index) * 16 + digitAt(id, 2 * index + 1)) return false;
  }
  return true;
}

/** What a hexadecimal digit in lower case stands for. */
function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code - (code < letterA ? digitZero : letterA - 10);
}

/** Whether an entry of `key` that is older than the generation's last change, and does not say how old, may be cleared. */
export function mayBeCleared(key: string, { cleared }: Generation): boolean {
  return cleared.length === 0 || cleared.some(([scope]) => key.startsWith(scope));
}

/** A generation as it is kept in the item of that name: JSON in an envelope, whose checksum finds what has been damaged. */
export function packGeneration(name: string, generation: Generation): Uint8Array {
  return seal({
    key: name,
    payload: Buffer.from(JSON.stringify(generation)),
    format,
    failed: false,
    started: 0,
    created: 0,
    updateAfter: Infinity,
    expiresAfter: Infinity,
    keepUntil: Infinity,
    version: crypto.getRandomValues(new Uint8Array(8)),
  });
}

/** @throws UnreadableBytesError */
export function unpackGeneration(name: string, bytes: Uint8Array): Generation {
  const frame = open(bytes);
  if (frame.key !== name || frame.format !== format) {
    throw new UnreadableBytesError('a generation', 'mismatch', `they were written as '${frame.format}'`);
  }
  return generationOf(JSON.parse(Buffer.from(frame.payload).toString()));
}

function generationOf(read: unknown): Generation {
  const { id, sequence, cleared } = Object(read) as Partial<Record<keyof Generation, unknown>>;
  if (typeof id === 'string' && /^[0-9a-f]{16}$/.test(id) && isCount(sequence) && isListOfScopes(cleared, sequence)) {
    return { id, sequence, cleared };
  }
  throw new UnreadableBytesError('a generation', 'foreign', 'they hold something else');
}

function isListOfScopes(value: unknown, sequence: number): value is Generation['cleared'] {
  if (!Array.isArray(value) || value.length > mostScopes) return false;
  return (
    value.every((pair) => Array.isArray(pair) && isScope(pair as unknown[], sequence)) && !isTooMuch(value as never)
  );
}

function isTooMuch(cleared: Generation['cleared']): boolean {
  return cleared.length > mostScopes || cleared.reduce((sum, [scope]) => sum + scope.length, 0) > mostScopeCharacters;
}

/** What was cleared in the future would never be valid again. */
function isScope([scope, since, ...others]: readonly unknown[], sequence: number): boolean {
  return typeof scope === 'string' && isCount(since) && since <= sequence && others.length === 0;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
