import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/** Longest name of an item in Memcached, in bytes. */
const longestName = 250;
/** Longest namespace as it is written in names, in bytes; it leaves room for a piece of the key and a hash. */
export const longestNamespace = 100;
/** Stands in no name as it is: there two hexadecimal digits follow every percent sign. */
const mark = '%~';

/**
 * Names the items of a namespace: `<namespace>:<key>`, at most 250 bytes without blanks and control characters, which
 * Memcached's text protocol and its tools cannot say. No two keys share a name, nor do two namespaces.
 *
 * Blanks, control characters and percent signs are written as `%20`, in a namespace colons, too. A key that is too long
 * then, or no well-formed Unicode, is named by its beginning and its SHA-256: `<namespace>:<beginning>%~<hash>`.
 */
export class SafeKeys {
  /** Name of the item that holds the namespace's generation; no key has it, as there is no colon. */
  readonly generationName: string;
  readonly #prefix: string;
  readonly #lockPrefix: string;

  /** @param namespace - at most 100 bytes as it is written in names. */
  constructor(namespace: string) {
    const written = writtenNamespace(namespace);
    this.generationName = `${written}${mark}generation`;
    this.#prefix = `${written}:`;
    this.#lockPrefix = `${written}${mark}lock:`;
  }

  nameOf(key: string): string {
    return nameWith(this.#prefix, key);
  }

  /** Name of the item that is the lock of a key; no entry has it, as there is no colon before the mark. */
  lockNameOf(key: string): string {
    return nameWith(this.#lockPrefix, key);
  }

  /** How an envelope calls the key: by itself, or as JSON where it is no well-formed Unicode. */
  labelOf(key: string): string {
    return key.isWellFormed() ? key : JSON.stringify(key);
  }
}

function nameWith(prefix: string, key: string): string {
  if (key.isWellFormed()) {
    const name = prefix + escaped(key);
    if (isShort(name)) return name;
  }
  return beginningOf(prefix, key) + mark + hashOf(key);
}

/** As much of a name as leaves room for the hash; the hash alone tells keys apart. */
function beginningOf(prefix: string, key: string): string {
  const room = longestName - mark.length - hashLength;
  const name = prefix + escaped(key.slice(0, room).toWellFormed());
  const bytes = Buffer.from(name).subarray(0, room);
  // A character that is cut in two is left out.
  return new TextDecoder().decode(bytes, { stream: true });
}

/** The namespace as it is written in names. */
export function writtenNamespace(namespace: string): string {
  return escaped(namespace).replaceAll(':', '%3A');
}

/** Most keys are to be written as they are. */
const plain = /^[!-$&-~\u0080-\uffff]*$/;

function escaped(text: string): string {
  if (plain.test(text)) return text;
  return text.replaceAll(/[^!-$&-~\u0080-\uffff]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

function isShort(name: string): boolean {
  // No character takes more than three bytes: most names need not be measured.
  return name.length * 3 <= longestName || Buffer.byteLength(name) <= longestName;
}

const hashLength = 43;

function hashOf(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'utf16le')).digest('base64url');
}
