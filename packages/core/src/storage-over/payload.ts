import type { Payload } from './stored-record.js';

/** How many bytes become characters in one step: each is an argument of a call, of which there is a limit. */
const stride = 8_192;

const encoder = new TextEncoder();
// Without ignoreBOM a byte order mark at the beginning would be taken away.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text. What is text already, such as JSON, stays readable. */
export function payloadOf(bytes: Uint8Array, format: string): Payload {
  try {
    return { format, text: decoder.decode(bytes) };
  } catch {
    return { format, base64: btoa(charactersOf(bytes)) };
  }
}

/** The bytes of a payload. @throws where it is no base64. */
export function bytesOf(payload: Payload): Uint8Array {
  if ('text' in payload) return encoder.encode(payload.text);
  const characters = charactersIn(payload.base64);
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index);
  return bytes;
}

function charactersIn(base64: string): string {
  try {
    return atob(base64);
  } catch (cause) {
    // Every runtime says it in its own words.
    throw new Error('its payload is no base64.', { cause });
  }
}

/** A character for each byte. */
function charactersOf(bytes: Uint8Array): string {
  let characters = '';
  for (let from = 0; from < bytes.length; from += stride) {
    characters += String.fromCharCode(...bytes.subarray(from, from + stride));
  }
  return characters;
}
