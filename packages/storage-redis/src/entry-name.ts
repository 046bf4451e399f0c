import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { RedisKey } from './redis-client.js';

/** Longest key that is a name as it is, in bytes of UTF-8. */
const longestPlainKey = 512;
/** How many characters of a longer key its name begins with. */
const headLength = 200;
/** No byte of UTF-8, so that no name with a hash is ever the name of another key. */
const beforeHash = Buffer.of(0xff);

/**
 * Names the entries of a namespace on the server: `<namespace>:<key>`. No two keys share a name, nor do two namespaces:
 * colons in a namespace are written `%3A`.
 *
 * A key that is longer than 512 bytes, or no well-formed Unicode, is named by its beginning and its SHA-256:
 * `<namespace>:<beginning>\xff<hash>`.
 */
export class EntryNames {
  /** The channel on which those who wait for a lease are told the names of entries. */
  readonly channel: string;
  readonly #prefix: string;
  readonly #lockPrefix: string;

  constructor(namespace: string) {
    const escaped = namespace.replaceAll('%', '%25').replaceAll(':', '%3A');
    this.#prefix = `${escaped}:`;
    // A percent sign that no namespace and no entry has at this place.
    this.#lockPrefix = `${escaped}%~lock:`;
    this.channel = `${escaped}%~leases`;
  }

  nameOf(key: string): RedisKey {
    return nameAfter(this.#prefix, key);
  }

  /** A name that begins as those of entries, and is that of none: many of them, for all slots of a cluster. */
  nameOfNothing(number: number): RedisKey {
    return Buffer.concat([Buffer.from(this.#prefix), beforeHash, Buffer.from(String(number))]);
  }

  /** Where the lock of a key is kept, beside its entry and not cleared with it. */
  lockNameOf(key: string): RedisKey {
    return nameAfter(this.#lockPrefix, key);
  }

  /**
   * What the names of all keys begin with that begin with `scope`. Other names may begin with it, too, unless the scope is
   * `exact`: then ask `keyOf`, and where that does not know, the entry.
   */
  beginningOf(scope: string): { readonly text: string; readonly exact: boolean } {
    const head = headOf(scope);
    return { text: this.#prefix + head, exact: head === scope };
  }

  /** How an envelope calls the key: by itself, or as JSON where it is no well-formed Unicode. */
  labelOf(key: string): string {
    return key.isWellFormed() ? key : JSON.stringify(key);
  }

  /** The key that an envelope under `name` calls `label`. */
  keyOfLabel(label: string, name: Buffer): string {
    const nameOfLabel = this.nameOf(label);
    return name.equals(Buffer.from(nameOfLabel as string)) ? label : String(JSON.parse(label));
  }

  /** The key that `name` is the name of; `undefined` when only its entry knows. */
  keyOf(name: Buffer): string | undefined {
    if (name.includes(beforeHash)) return undefined;
    return name.toString().slice(this.#prefix.length);
  }
}

function nameAfter(prefix: string, key: string): RedisKey {
  if (!isPlain(key)) return Buffer.concat([Buffer.from(prefix + headOf(key)), beforeHash, hashOf(key)]);
  return prefix + key;
}

function isPlain(key: string): boolean {
  // No character takes more than three bytes: most keys need not be measured.
  return (key.length * 3 <= longestPlainKey || Buffer.byteLength(key) <= longestPlainKey) && key.isWellFormed();
}

/** The beginning of a key as far as it is well-formed, so that it can be written in UTF-8. */
function headOf(key: string): string {
  const head = key.slice(0, headLength);
  const broken = head.search(/\p{Surrogate}/u);
  return broken < 0 ? head : head.slice(0, broken);
}

function hashOf(key: string): Buffer {
  return Buffer.from(createHash('sha256').update(Buffer.from(key, 'utf16le')).digest('base64url'));
}
