import type { Awaitable, CacheEntry, SerDe } from '@memo/core';
import { isBytes, requireBytes } from './bytes.js';
import type { Codec, CodecSettings } from './codecs/codec.js';
import { compressions, encodings, type Encoding } from './codecs/encodings.js';
import {
  InvalidSerDeOptionError,
  OutputTooLargeError,
  SerDeError,
  UnfaithfulValueError,
  UnknownEncodingError,
  UnreadableBytesError,
} from './errors.js';
import { nearestName } from './nearest-name.js';
import { checkedInteger, checkedOptions } from './options.js';
import { whenThere } from './when-there.js';

/** Options of `EncodingSerDe`. */
export interface EncodingSerDeOptions {
  /** How hard a compression tries: 0 to 9, or -1 for its usual level. @defaultValue -1 */
  readonly level?: number;
  /**
   * Most bytes that the inner SerDe may write and that decoding may give; beyond it decoding stops.
   * @defaultValue 64 MiB
   */
  readonly maxOutputLength?: number;
  /**
   * More bytes than this are compressed and decompressed off the event loop, where there is `node:zlib`.
   * @defaultValue 16 KiB
   */
  readonly asyncAbove?: number;
}

const call = 'EncodingSerDe';
const mostBytes = 2 ** 31 - 1;

/**
 * A SerDe that encodes what another writes (py-memoize M113), such as `new EncodingSerDe(new JsonSerDe(), 'gzip')`. They
 * nest. What it writes is plain: `gzip -d` reads it. Small values are done at once, large ones asynchronously.
 */
export class EncodingSerDe implements SerDe {
  /** The inner SerDe's format and the encoding's name: `json+gzip`. */
  readonly format: string;
  readonly #serde: SerDe;
  readonly #codec: Codec;
  readonly #maxOutputLength: number;

  /**
   * @param encoding - the name of an encoding, or a codec of one's own.
   * @throws UnknownEncodingError
   * @throws InvalidSerDeOptionError
   */
  constructor(serde: SerDe, encoding: Encoding | Codec = 'zip', options: EncodingSerDeOptions = {}) {
    requireSerDe(serde);
    const settings = settingsOf(options);
    this.#codec = codecOf(encoding, settings);
    requireUse(options, this.#codec, encoding);
    this.#serde = serde;
    this.#maxOutputLength = settings.maxOutputLength;
    this.format = [serde.format, this.#codec.name].filter((name) => name !== undefined).join('+');
  }

  /** @throws UnfaithfulValueError - when there are more bytes than `maxOutputLength` would let be read again. */
  serialize(entry: CacheEntry): Awaitable<Uint8Array> {
    return whenThere(this.#serde.serialize(entry), (data) => {
      if (data.length > this.#maxOutputLength) throw this.#tooLong(data.length);
      return whenThere(this.#codec.encode(data), (encoded) => requireOutput(encoded, 'encode'));
    });
  }

  /** @throws UnreadableBytesError */
  deserialize(data: Uint8Array): Awaitable<CacheEntry> {
    return whenThere(this.#decode(requireBytes(data, this.#codec.name)), (decoded) => {
      if (decoded.length > this.#maxOutputLength) {
        throw new OutputTooLargeError(this.#codec.name, this.#maxOutputLength);
      }
      return this.#serde.deserialize(decoded);
    });
  }

  /** What a codec of someone else's throws is made an error of ours. */
  #decode(data: Uint8Array): Awaitable<Uint8Array> {
    const fail = (cause: unknown): never => {
      if (cause instanceof SerDeError) throw cause;
      throw new UnreadableBytesError(this.#codec.name, 'damaged', 'its codec cannot decode them', { cause });
    };
    try {
      const decoded = whenThere(this.#codec.decode(data), (output) => requireOutput(output, 'decode'));
      return isBytes(decoded) ? decoded : decoded.then((output) => output, fail);
    } catch (cause) {
      return fail(cause);
    }
  }

  #tooLong(length: number): UnfaithfulValueError {
    return new UnfaithfulValueError(
      call,
      'value',
      `it takes ${length} bytes, more than the ${this.#maxOutputLength} that decoding allows`,
      "Raise the option 'maxOutputLength', or keep it in several entries.",
    );
  }
}

function requireSerDe(serde: unknown): void {
  const { serialize, deserialize } = Object(serde) as Partial<SerDe>;
  if (typeof serialize === 'function' && typeof deserialize === 'function') return;
  throw new InvalidSerDeOptionError(call, 'serde', 'a SerDe with serialize and deserialize', serde);
}

function settingsOf(options: EncodingSerDeOptions): CodecSettings {
  const {
    level = -1,
    maxOutputLength = 64 * 1024 * 1024,
    asyncAbove = 16 * 1024,
  } = checkedOptions(call, options, ['level', 'maxOutputLength', 'asyncAbove']);
  return {
    level: checkedInteger(call, 'level', level, -1, 9),
    maxOutputLength: checkedInteger(call, 'maxOutputLength', maxOutputLength, 1, mostBytes),
    asyncAbove: checkedInteger(call, 'asyncAbove', asyncAbove, 0, mostBytes),
  };
}

function codecOf(encoding: unknown, settings: CodecSettings): Codec {
  if (typeof encoding === 'string' && Object.hasOwn(encodings, encoding)) {
    return encodings[encoding as Encoding](settings);
  }
  const { name, encode, decode } = Object(encoding) as Partial<Codec>;
  if (typeof encoding !== 'string' && typeof encode === 'function' && typeof decode === 'function') {
    if (typeof name === 'string' && name !== '') return encoding as Codec;
    throw new InvalidSerDeOptionError(call, 'encoding.name', 'text that is not empty', name);
  }
  const known = Object.keys(encodings);
  const nearest = typeof encoding === 'string' ? nearestName(encoding, known) : undefined;
  throw new UnknownEncodingError(call, known, encoding, nearest);
}

/** An option that does nothing was meant to do something. */
function requireUse({ level, asyncAbove }: EncodingSerDeOptions, { name }: Codec, encoding: unknown): void {
  if (typeof encoding === 'string' && compressions.includes(encoding)) return;
  for (const [option, value] of Object.entries({ level, asyncAbove })) {
    if (value === undefined) continue;
    const expected = `absent, since '${name}' has none of it`;
    throw new InvalidSerDeOptionError(call, option, expected, value);
  }
}

function requireOutput(output: unknown, method: string): Uint8Array {
  if (isBytes(output)) return output;
  throw new InvalidSerDeOptionError(call, 'encoding', `a Codec whose ${method} gives a Uint8Array`, output);
}
