import { UnfaithfulValueError, UnreadableBytesError } from './errors.js';

const encoder = new TextEncoder();
// Without ignoreBOM a byte order mark at the beginning would be taken away.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text as UTF-8. Throws `UnfaithfulValueError` for lone surrogates, which UTF-8 cannot say.
 *
 * @param path - what the text is, for the message.
 */
export function utf8Of(text: string, call: string, path: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new UnfaithfulValueError(
      call,
      path,
      'text with a lone surrogate has no UTF-8',
      'Keep text well-formed (String.prototype.toWellFormed) or as bytes.',
    );
  }
  return encoder.encode(text);
}

/** Text from UTF-8, to the letter. Throws `UnreadableBytesError` for what is not UTF-8. */
export function textOf(data: Uint8Array, subject: string): string {
  try {
    return decoder.decode(data);
  } catch (cause) {
    throw new UnreadableBytesError(subject, 'damaged', 'they are not UTF-8', { cause });
  }
}

/** Whether `text`, of ASCII only, is what the bytes from `start` up to `end` say. */
export function isAsciiAt(data: Uint8Array, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) {
    const code = data[start + index]!;
    if (code !== text.charCodeAt(index) || code >= 0x80) return false;
  }
  return true;
}
