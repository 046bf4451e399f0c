import { describe, UnreadableBytesError } from './errors.js';

/** Whether something is a `Uint8Array`, a `Buffer` included, of whatever realm. */
export function isBytes(something: unknown): something is Uint8Array {
  // Those of this realm are told at once.
  if (ArrayBuffer.isView(something) && something instanceof Uint8Array) return true;
  return Object.prototype.toString.call(something) === '[object Uint8Array]';
}

/** The bytes as they are, if they are bytes. @throws UnreadableBytesError */
export function requireBytes(data: unknown, subject: string): Uint8Array {
  if (isBytes(data)) return data;
  throw new UnreadableBytesError(subject, 'foreign', `expected a Uint8Array, got ${describe(data)}`);
}

/** The same bytes as an exact `Uint8Array`: what Node hands out as `Buffer` behaves differently where it is sliced. */
export function plainView(data: Uint8Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
