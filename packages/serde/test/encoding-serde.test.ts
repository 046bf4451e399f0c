import type { CacheEntry, SerDe } from '@memo/core';
import { gunzipSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodings } from '../src/codecs/encodings.js';
import {
  EncodingSerDe,
  InvalidSerDeOptionError,
  JsonSerDe,
  MsgpackSerDe,
  OutputTooLargeError,
  UnfaithfulValueError,
  UnknownEncodingError,
  UnreadableBytesError,
  type Codec,
  type Encoding,
} from '../src/index.js';
import { thrownBy } from './support/thrown-by.js';

const entry: CacheEntry = { value: { name: 'value' }, created: 1, updateAfter: 2, expiresAfter: 3 };
const json = new JsonSerDe();

/** A codec of one's own. */
const reversed: Codec = {
  name: 'reversed',
  encode: (data) => data.slice().reverse(),
  decode: (data) => data.slice().reverse(),
};

describe('EncodingSerDe', () => {
  it('names its format after what it is made of', () => {
    expect(new EncodingSerDe(json, 'gzip').format).toBe('json+gzip');
    expect(new EncodingSerDe(new EncodingSerDe(new MsgpackSerDe()), 'base64').format).toBe('msgpack+zip+base64');
    const { serialize, deserialize } = json;
    expect(new EncodingSerDe({ serialize, deserialize }, reversed).format).toBe('reversed');
  });

  it('encodes as zip unless told otherwise', () => {
    const data = new EncodingSerDe(json).serialize(entry) as Uint8Array;
    expect(inflateSync(data)).toStrictEqual(Buffer.from(json.serialize(entry)));
  });

  it('leaves what it writes plain', () => {
    const data = new EncodingSerDe(json, 'gzip').serialize(entry) as Uint8Array;
    expect(gunzipSync(data).toString()).toBe('{"created":1,"updateAfter":2,"expiresAfter":3,"value":{"name":"value"}}');
    expect(new TextDecoder().decode(new EncodingSerDe(json, 'hex').serialize(entry) as Uint8Array)).toMatch(/^7b2263/);
  });

  it('nests', () => {
    const nested = new EncodingSerDe(new EncodingSerDe(json, 'gzip'), 'base64');
    const data = nested.serialize(entry) as Uint8Array;
    expect(JSON.parse(gunzipSync(Buffer.from(new TextDecoder().decode(data), 'base64')).toString())).toStrictEqual(
      entry,
    );
    expect(nested.deserialize(data)).toStrictEqual(entry);
  });

  it('takes codecs of anyone', () => {
    const serde = new EncodingSerDe(json, reversed);
    const data = serde.serialize(entry) as Uint8Array;
    expect(new TextDecoder().decode(data)).toMatch(/\{$/);
    expect(serde.deserialize(data)).toStrictEqual(entry);
  });

  it('waits for what is asynchronous, and only for that', async () => {
    const later: SerDe = {
      serialize: async (given) => json.serialize(given),
      deserialize: async (data) => json.deserialize(data),
    };
    const codec: Codec = {
      ...reversed,
      encode: async (data) => data.slice(1),
      decode: async (data) => new Uint8Array([123, ...data]),
    };
    for (const serde of [
      new EncodingSerDe(later, 'hex'),
      new EncodingSerDe(json, codec),
      new EncodingSerDe(later, codec),
    ]) {
      const data = serde.serialize(entry);
      expect(data).toBeInstanceOf(Promise);
      const restored = serde.deserialize(await data);
      expect(restored).toBeInstanceOf(Promise);
      expect(await restored).toStrictEqual(entry);
    }
  });

  it('does large values off the event loop', async () => {
    const serde = new EncodingSerDe(json, 'gzip');
    const large = { ...entry, value: Array.from({ length: 20_000 }, (_, index) => index ** 3) };
    const data = serde.serialize(large);
    expect(data).toBeInstanceOf(Promise);
    const restored = serde.deserialize(await data);
    expect(restored).toBeInstanceOf(Promise);
    expect(await restored).toStrictEqual(large);
    const atOnce = new EncodingSerDe(json, 'gzip', { asyncAbove: 10_000_000, level: 1 });
    expect(atOnce.deserialize(atOnce.serialize(large) as Uint8Array)).toStrictEqual(large);
  });
});

describe('the threshold of EncodingSerDe', () => {
  const text = '{"created":1,"updateAfter":2,"expiresAfter":3,"value":{"name":"value"}}';

  it.each<[Encoding, number]>([
    ['zip', 0x00],
    ['gzip', 0x00],
    ['deflate', 0x07],
    ['bz2', 0x00],
    ['brotli', 0x11],
    ['zstd', 0x00],
  ])('%s: fewer bytes are not encoded, but marked by the byte %i', async (encoding, mark) => {
    const serde = new EncodingSerDe(json, encoding, { threshold: text.length + 1 });
    const data = serde.serialize(entry) as Uint8Array;
    expect([data[0], new TextDecoder().decode(data.subarray(1))]).toStrictEqual([mark, text]);
    expect(serde.deserialize(data)).toStrictEqual(entry);
    const encoded = await new EncodingSerDe(json, encoding, { threshold: text.length }).serialize(entry);
    expect(encoded).toStrictEqual(await new EncodingSerDe(json, encoding).serialize(entry));
    expect(await serde.deserialize(encoded)).toStrictEqual(entry);
  });

  it('is not needed to read what was marked', () => {
    const data = new TextEncoder().encode(`\0${text}`);
    for (const options of [{}, { threshold: 0 }, { threshold: 5 }, { threshold: 1_000 }]) {
      expect(new EncodingSerDe(json, 'gzip', options).deserialize(data)).toStrictEqual(entry);
    }
  });

  it('is of use for codecs of anyone that have an unused first byte', () => {
    const codec: Codec = { ...reversed, unusedFirstByte: 0x00 };
    const data = new EncodingSerDe(json, codec, { threshold: 1_000 }).serialize(entry);
    expect(new TextDecoder().decode(data as Uint8Array)).toBe(`\0${text}`);
    expect(new EncodingSerDe(json, codec).deserialize(data as Uint8Array)).toStrictEqual(entry);
  });

  it('bounds what is not encoded too', () => {
    const data = new EncodingSerDe(json, 'gzip', { threshold: 1_000 }).serialize(entry) as Uint8Array;
    const bound = new EncodingSerDe(json, 'gzip', { maxOutputLength: text.length - 1 });
    expect(thrownBy(() => bound.deserialize(data))).toBeInstanceOf(OutputTooLargeError);
    expect(new EncodingSerDe(json, 'gzip', { maxOutputLength: text.length }).deserialize(data)).toStrictEqual(entry);
  });

  it('does not let a codec write what would be taken for something that is not encoded', () => {
    const wrong: Codec = { ...reversed, unusedFirstByte: 0x7d };
    const error = thrownBy(() => new EncodingSerDe(json, wrong).serialize(entry));
    expect(error).toBeInstanceOf(InvalidSerDeOptionError);
    expect((error as Error).message).toBe(
      `EncodingSerDe: option 'encoding.unusedFirstByte' should be a byte with which nothing that is encoded begins, got 125.`,
    );
  });
});

describe('the bound of EncodingSerDe', () => {
  const value = 'x'.repeat(10_000);

  it('refuses to write what it would not read', () => {
    const error = thrownBy(() =>
      new EncodingSerDe(json, 'gzip', { maxOutputLength: 5_000 }).serialize({ ...entry, value }),
    );
    expect(error).toBeInstanceOf(UnfaithfulValueError);
    expect((error as Error).message).toBe(
      'EncodingSerDe cannot keep value: it takes 10057 bytes, more than the 5000 that decoding allows. ' +
        "Raise the option 'maxOutputLength', or keep it in several entries.",
    );
  });

  it.each<Encoding | Codec>(['zip', 'hex', reversed])('stops what decodes to more: %o', (encoding) => {
    const written = new EncodingSerDe(json, encoding).serialize({ ...entry, value }) as Uint8Array;
    const name = typeof encoding === 'string' ? encoding : encoding.name;
    const bound = new EncodingSerDe(json, encoding, { maxOutputLength: 5_000 });
    const error = thrownBy(() => bound.deserialize(written));
    expect(error).toBeInstanceOf(OutputTooLargeError);
    expect((error as Error).message).toBe(
      `The bytes cannot be read as ${name}: decoded they are more than 5000 bytes, the option 'maxOutputLength' of EncodingSerDe.`,
    );
  });
});

describe('what EncodingSerDe cannot read', () => {
  it('is said by an error of ours, whatever the codec throws', async () => {
    const cause = new Error('from elsewhere');
    const throwing: Codec = {
      ...reversed,
      decode() {
        throw cause;
      },
    };
    const rejecting: Codec = { ...reversed, decode: () => Promise.reject(cause) };
    const expected = {
      message: 'The bytes cannot be read as reversed: its codec cannot decode them.',
      cause,
    };
    const thrown = thrownBy(() => new EncodingSerDe(json, throwing).deserialize(new Uint8Array(1)));
    expect(thrown).toBeInstanceOf(UnreadableBytesError);
    expect(thrown).toMatchObject(expected);
    await expect(new EncodingSerDe(json, rejecting).deserialize(new Uint8Array(1))).rejects.toMatchObject(expected);
  });

  it('is text instead of bytes', () => {
    expect(() => new EncodingSerDe(json, 'gzip').deserialize('text' as never)).toThrow(
      'The bytes cannot be read as gzip: expected a Uint8Array, got "text".',
    );
  });

  it('is what a codec gives that gives no bytes', () => {
    const text: Codec = { ...reversed, encode: () => 'text' as never, decode: () => 'text' as never };
    const serde = new EncodingSerDe(json, text);
    expect(() => serde.serialize(entry)).toThrow(
      `EncodingSerDe: option 'encoding' should be a Codec whose encode gives a Uint8Array, got "text".`,
    );
    expect(() => serde.deserialize(new Uint8Array(1))).toThrow(
      `EncodingSerDe: option 'encoding' should be a Codec whose decode gives a Uint8Array, got "text".`,
    );
  });
});

describe('the arguments of EncodingSerDe', () => {
  const known = `one of ${Object.keys(encodings)
    .map((name) => `'${name}'`)
    .join(', ')} or a Codec`;

  it('names every encoding there is', () => {
    expect(known).toBe(`one of 'zip', 'gzip', 'deflate', 'bz2', 'brotli', 'zstd', 'base64', 'hex' or a Codec`);
  });

  it.each<[unknown, string]>([
    ['gzpi', `EncodingSerDe: option 'encoding' should be ${known}, got "gzpi". Did you mean 'gzip'?`],
    ['GZIP', `EncodingSerDe: option 'encoding' should be ${known}, got "GZIP". Did you mean 'gzip'?`],
    ['zlib', `EncodingSerDe: option 'encoding' should be ${known}, got "zlib". Did you mean 'zip'?`],
    ['base-64', `EncodingSerDe: option 'encoding' should be ${known}, got "base-64". Did you mean 'base64'?`],
    ['brotil', `EncodingSerDe: option 'encoding' should be ${known}, got "brotil". Did you mean 'brotli'?`],
    ['bzip2', `EncodingSerDe: option 'encoding' should be ${known}, got "bzip2". Did you mean 'bz2'?`],
    ['Zstandard', `EncodingSerDe: option 'encoding' should be ${known}, got "Zstandard". Did you mean 'zstd'?`],
    ['br', `EncodingSerDe: option 'encoding' should be ${known}, got "br". Did you mean 'brotli'?`],
    ['snappy', `EncodingSerDe: option 'encoding' should be ${known}, got "snappy".`],
    ['toString', `EncodingSerDe: option 'encoding' should be ${known}, got "toString".`],
    ['', `EncodingSerDe: option 'encoding' should be ${known}, got "".`],
    [null, `EncodingSerDe: option 'encoding' should be ${known}, got null.`],
    [
      { name: 'half', encode: String },
      `EncodingSerDe: option 'encoding' should be ${known}, got an object of class Object.`,
    ],
  ])('an encoding that is none: %o', (encoding, message) => {
    const error = thrownBy(() => new EncodingSerDe(json, encoding as never));
    expect(error).toBeInstanceOf(UnknownEncodingError);
    expect((error as Error).message).toBe(message);
  });

  it.each<[unknown, unknown, unknown, string]>([
    [
      undefined,
      'zip',
      {},
      `EncodingSerDe: option 'serde' should be a SerDe with serialize and deserialize, got undefined.`,
    ],
    ['gzip', json, {}, `EncodingSerDe: option 'serde' should be a SerDe with serialize and deserialize, got "gzip".`],
    [
      json,
      { ...reversed, name: '' },
      {},
      `EncodingSerDe: option 'encoding.name' should be text that is not empty, got "".`,
    ],
    [json, 'zip', null, `EncodingSerDe: option 'options' should be an object, got null.`],
    [
      json,
      'zip',
      { levle: 1 },
      `EncodingSerDe: option 'levle' should be one of 'level', 'threshold', 'maxOutputLength', 'asyncAbove', got 1. Did you mean 'level'?`,
    ],
    [json, 'zip', { level: 10 }, `EncodingSerDe: option 'level' should be a whole number from -1 to 9, got 10.`],
    [json, 'zstd', { level: 0 }, `EncodingSerDe: option 'level' should be a whole number from 1 to 22, got 0.`],
    [json, 'bz2', { level: 0 }, `EncodingSerDe: option 'level' should be a whole number from 1 to 9, got 0.`],
    [json, 'brotli', { level: -1 }, `EncodingSerDe: option 'level' should be a whole number from 0 to 11, got -1.`],
    [json, 'zip', { level: '9' }, `EncodingSerDe: option 'level' should be a whole number from -1 to 9, got "9".`],
    [
      json,
      'zip',
      { maxOutputLength: 0 },
      `EncodingSerDe: option 'maxOutputLength' should be a whole number from 1 to 2147483647, got 0.`,
    ],
    [
      json,
      'zip',
      { maxOutputLength: Infinity },
      `EncodingSerDe: option 'maxOutputLength' should be a whole number from 1 to 2147483647, got Infinity.`,
    ],
    [
      json,
      'zip',
      { asyncAbove: NaN },
      `EncodingSerDe: option 'asyncAbove' should be a whole number from 0 to 2147483647, got NaN.`,
    ],
    [
      json,
      'gzip',
      { threshold: -1 },
      `EncodingSerDe: option 'threshold' should be a whole number from 0 to 2147483647, got -1.`,
    ],
    [
      json,
      'base64',
      { threshold: 0 },
      `EncodingSerDe: option 'threshold' should be absent, since 'base64' has no 'unusedFirstByte' to mark what is not encoded, got 0.`,
    ],
    [
      json,
      reversed,
      { threshold: 100 },
      `EncodingSerDe: option 'threshold' should be absent, since 'reversed' has no 'unusedFirstByte' to mark what is not encoded, got 100.`,
    ],
    [
      json,
      { ...reversed, unusedFirstByte: 256 },
      {},
      `EncodingSerDe: option 'encoding.unusedFirstByte' should be a whole number from 0 to 255, got 256.`,
    ],
    [json, 'hex', { level: 1 }, `EncodingSerDe: option 'level' should be absent, since 'hex' has none of it, got 1.`],
    [
      json,
      reversed,
      { asyncAbove: 1 },
      `EncodingSerDe: option 'asyncAbove' should be absent, since 'reversed' has none of it, got 1.`,
    ],
  ])('%o, %o, %o', (serde, encoding, options, message) => {
    const error = thrownBy(() => new EncodingSerDe(serde as never, encoding as never, options as never));
    expect(error).toBeInstanceOf(InvalidSerDeOptionError);
    expect((error as Error).message).toBe(message);
  });

  it.each<[unknown, string]>([
    ['text', '"text"'],
    [new Uint16Array(3), 'an object of class Uint16Array'],
    [new Int8Array(3), 'an object of class Int8Array'],
    [new ArrayBuffer(3), 'an object of class ArrayBuffer'],
  ])('refuses what is not bytes, whatever the inner SerDe is: %#', (given, shown) => {
    const inner = { serialize: () => given as Uint8Array, deserialize: () => entry };
    expect(() => new EncodingSerDe(inner, 'hex').serialize(entry)).toThrow(
      `EncodingSerDe cannot keep value: the inner SerDe made ${shown} of it. A SerDe gives a Uint8Array.`,
    );
  });
});
