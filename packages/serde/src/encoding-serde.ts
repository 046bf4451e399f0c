import type { Awaitable, CacheEntry, SerDe } from '@memo/core';
import { isBytes, requireBytes } from './bytes.js';
import type { Codec } from './codecs/codec.js';
import { encodings, otherNames, type Encoding, type EncodingDefinition } from './codecs/encodings.js';
import {
  describe,
  InvalidSerDeOptionError,
  OutputTooLargeError,
  SerDeError,
  UnfaithfulValueError,
  UnknownEncodingError,
  UnreadableBytesError,
} from './errors.js';
import { nearestName } from './nearest-name.js';
import { checkedInteger, checkedOptions } from './options.js';
import { whenFailing, whenThere } from './when-there.js';

/** Options of `EncodingSerDe`. */
export interface EncodingSerDeOptions {
  /**
   * How hard a compression tries: for `zip`, `gzip` and `deflate` -1 to 9, for `bz2` 1 to 9, for `brotli` 0 to 11, for
   * `zstd` 1 to 22.
   * @defaultValue -1, which is zlib's own choice; for `bz2` 9, for `brotli` 4, for `zstd` 3
   */
  readonly level?: number;
  /**
   * Fewer bytes than this are not encoded: one byte is written before them, by which they are known when they are read,
   * whatever the threshold is then. For codecs with an `unusedFirstByte`, which all compressions have.
   * @defaultValue 0, everything is encoded
   */
  readonly threshold?: number;
  /**
   * Most bytes that the inner SerDe may write and that decoding may give; beyond it decoding stops.
   * @defaultValue 64 MiB
   */
  readonly maxOutputLength?: number;
  /**
   * More bytes than this are compressed and decompressed off the event loop by `node:zlib`, and in steps by `bz2`.
   * @defaultValue 16 KiB
   */
  readonly asyncAbove?: number;
}

const call = 'EncodingSerDe';
const mostBytes = 2 ** 31 - 1;

/**
 * A SerDe that encodes what another writes (py-memoize M113), such as `new EncodingSerDe(new JsonSerDe(), 'gzip')`. They
 * nest. What it encodes is plain: `gzip -d` reads it. Small values are done at once, large ones asynchronously.
 */
export class EncodingSerDe implements SerDe {
  /** The inner SerDe's format and the encoding's name: `json+gzip`. */
  readonly format: string;
  readonly #serde: SerDe;
  readonly #codec: Codec;
  readonly #threshold: number;
  readonly #maxOutputLength: number;

  /**
   * @param encoding - the name of an encoding, or a codec of one's own.
   * @throws UnknownEncodingError
   * @throws InvalidSerDeOptionError
   * @throws UnavailableSerDeError - when this runtime lacks what the encoding needs.
   */
  constructor(serde: SerDe, encoding: Encoding | Codec = 'zip', options: EncodingSerDeOptions = {}) {
    requireSerDe(serde);
    checkedOptions(call, options, ['level', 'threshold', 'maxOutputLength', 'asyncAbove']);
    this.#maxOutputLength = boundOf(options);
    this.#codec = isEncoding(encoding) ? namedCodec(encoding, options) : ownCodec(encoding, options);
    this.#threshold = thresholdOf(options, this.#codec);
    this.#serde = serde;
    this.format = [serde.format, this.#codec.name].filter((name) => name !== undefined).join('+');
  }

  /** @throws UnfaithfulValueError - when there are more bytes than `maxOutputLength` would let be read again. */
  serialize(entry: CacheEntry): Awaitable<Uint8Array> {
    return whenThere(this.#serde.serialize(entry), (data) => {
      if (!isBytes(data)) throw notBytes(data);
      if (data.length > this.#maxOutputLength) throw this.#tooLong(data.length);
      return this.#encode(data);
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

  #encode(data: Uint8Array): Awaitable<Uint8Array> {
    const { unusedFirstByte: mark } = this.#codec;
    if (mark !== undefined && data.length < this.#threshold) return marked(mark, data);
    return whenThere(this.#codec.encode(data), (output) => {
      const encoded = requireOutput(output, 'encode');
      if (mark === undefined || encoded[0] !== mark) return encoded;
      // It would be read as it is, without decoding.
      const expected = 'a byte with which nothing that is encoded begins';
      throw new InvalidSerDeOptionError(call, 'encoding.unusedFirstByte', expected, mark);
    });
  }

  /** What a codec of someone else's throws is made an error of ours. */
  #decode(data: Uint8Array): Awaitable<Uint8Array> {
    const { name, unusedFirstByte: mark } = this.#codec;
    if (mark !== undefined && data[0] === mark) return data.subarray(1);
    return whenFailing(
      () => whenThere(this.#codec.decode(data), (output) => requireOutput(output, 'decode')),
      (cause) => {
        if (cause instanceof SerDeError) throw cause;
        throw new UnreadableBytesError(name, 'damaged', 'its codec cannot decode them', { cause });
      },
    );
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

/** What is not encoded, behind the byte by which that is known. */
function marked(mark: number, data: Uint8Array): Uint8Array {
  const output = new Uint8Array(data.length + 1);
  output[0] = mark;
  output.set(data, 1);
  return output;
}

function requireSerDe(serde: unknown): void {
  const { serialize, deserialize } = Object(serde) as Partial<SerDe>;
  if (typeof serialize === 'function' && typeof deserialize === 'function') return;
  throw new InvalidSerDeOptionError(call, 'serde', 'a SerDe with serialize and deserialize', serde);
}

/** A SerDe of someone else's may hand over anything, of which codecs would make other bytes. */
function notBytes(data: unknown): UnfaithfulValueError {
  return new UnfaithfulValueError(
    call,
    'value',
    `the inner SerDe made ${describe(data)} of it`,
    'A SerDe gives a Uint8Array.',
  );
}

function isEncoding(encoding: unknown): encoding is Encoding {
  return typeof encoding === 'string' && Object.hasOwn(encodings, encoding);
}

function namedCodec(encoding: Encoding, options: EncodingSerDeOptions): Codec {
  const { codec, levels }: EncodingDefinition = encodings[encoding];
  if (levels === undefined) requireUse(options, encoding);
  const { least, most, usual } = levels ?? { least: 0, most: 0, usual: 0 };
  const { level = usual, asyncAbove = 16 * 1024 } = options;
  return codec({
    level: checkedInteger(call, 'level', level, least, most),
    maxOutputLength: boundOf(options),
    asyncAbove: checkedInteger(call, 'asyncAbove', asyncAbove, 0, mostBytes),
  });
}

function ownCodec(encoding: unknown, options: EncodingSerDeOptions): Codec {
  const { name, encode, decode, unusedFirstByte } = Object(encoding) as Partial<Codec>;
  if (typeof encoding === 'string' || typeof encode !== 'function' || typeof decode !== 'function') {
    throw unknownEncoding(encoding);
  }
  if (typeof name !== 'string' || name === '') {
    throw new InvalidSerDeOptionError(call, 'encoding.name', 'text that is not empty', name);
  }
  if (unusedFirstByte !== undefined) checkedInteger(call, 'encoding.unusedFirstByte', unusedFirstByte, 0, 255);
  requireUse(options, name);
  return encoding as Codec;
}

function unknownEncoding(encoding: unknown): UnknownEncodingError {
  const known = Object.keys(encodings);
  const nearest =
    typeof encoding === 'string' ? (otherNames.get(encoding.toLowerCase()) ?? nearestName(encoding, known)) : undefined;
  return new UnknownEncodingError(call, known, encoding, nearest);
}

/** An option that does nothing was meant to do something. */
function requireUse({ level, asyncAbove }: EncodingSerDeOptions, name: string): void {
  for (const [option, value] of Object.entries({ level, asyncAbove })) {
    if (value === undefined) continue;
    const expected = `absent, since '${name}' has none of it`;
    throw new InvalidSerDeOptionError(call, option, expected, value);
  }
}

function boundOf({ maxOutputLength = 64 * 1024 * 1024 }: EncodingSerDeOptions): number {
  return checkedInteger(call, 'maxOutputLength', maxOutputLength, 1, mostBytes);
}

function thresholdOf({ threshold }: EncodingSerDeOptions, { name, unusedFirstByte }: Codec): number {
  if (threshold === undefined) return 0;
  if (unusedFirstByte !== undefined) return checkedInteger(call, 'threshold', threshold, 0, mostBytes);
  const expected = `absent, since '${name}' has no 'unusedFirstByte' to mark what is not encoded`;
  throw new InvalidSerDeOptionError(call, 'threshold', expected, threshold);
}

function requireOutput(output: unknown, method: string): Uint8Array {
  if (isBytes(output)) return output;
  throw new InvalidSerDeOptionError(call, 'encoding', `a Codec whose ${method} gives a Uint8Array`, output);
}
