import fc from 'fast-check';
import { serialize } from 'node:v8';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PickleSerDe, UnavailableSerDeError, UnfaithfulValueError, UnreadableBytesError } from '../src/index.js';
import { difference } from './support/difference.js';
import { structuredValues } from './support/faithful-values.js';
import { thrownBy } from './support/thrown-by.js';

const serde = new PickleSerDe();
const moments = { created: 1, updateAfter: 2, expiresAfter: Infinity };

function roundTrip(value: unknown): unknown {
  return serde.deserialize(serde.serialize({ ...moments, value })).value;
}

describe('PickleSerDe', () => {
  it('has a format', () => {
    expect(serde.format).toBe('v8');
  });

  it('brings back whatever structured clone can say', () => {
    fc.assert(
      fc.property(structuredValues, (value) => {
        expect(difference(roundTrip(value), value)).toBe(undefined);
      }),
      { numRuns: 300 },
    );
  });

  it('brings back what MessagePack cannot', () => {
    const value = [-0, 'a\ud800', '\ufeffx', { __keys__: 1 }, JSON.parse('{"__proto__":{"admin":true}}')];
    expect(difference(roundTrip(value), value)).toBe(undefined);
    expect('admin' in {}).toBe(false);
  });

  it('gives typed arrays and Buffers memory of their own', () => {
    const value = [new Uint8Array([0, 1, 2, 3]).subarray(1, 3), Buffer.from('abc'), new DataView(new ArrayBuffer(5))];
    const restored = roundTrip(value) as ArrayBufferView[];
    expect(restored.map(({ buffer }) => buffer.byteLength)).toStrictEqual([2, 3, 5]);
    expect(difference(restored, value)).toBe(undefined);
    expect(Buffer.isBuffer(restored[1])).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['a function', [() => 1], 'PickleSerDe cannot keep value[0]: a function has no representation as bytes.'],
    [
      'a class',
      new (class Point {})(),
      'PickleSerDe cannot keep value: an object of class Point would come back as something else.',
    ],
  ])('refuses %s', (_name, value, message) => {
    const error = thrownBy(() => serde.serialize({ ...moments, value }));
    expect(error).toBeInstanceOf(UnfaithfulValueError);
    expect((error as Error).message).toBe(`${message} Cache plain data, or hand the value over in another form.`);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'they end too early'],
    ['a newer format', new Uint8Array([0xff, 0xee, 0x30]), 'V8 cannot decode them'],
    ['null', new Uint8Array([0xff, 0x0f, 0x30]), 'they hold null, not an entry'],
    ['more than there should be', new Uint8Array([0xff, 0x0f, 0x30, 0x80]), '1 bytes follow after its end'],
  ])('does not read %s', (_name, data, why) => {
    const error = thrownBy(() => serde.deserialize(data));
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect((error as Error).message).toBe(`The bytes cannot be read as a V8 entry: ${why}.`);
  });

  const error = new Error('e');
  const [properties, bare] = [{ a: 1 }, {}];
  const twoErrors = [new Error('1'), new Error('2')];

  it.each<[string, object]>([
    ['errors that are no list', { errors: 5 }],
    ['errors in a set', { errors: new Set([{ error }]) }],
    ['parts without an error', { errors: [{}] }],
    ['an error that is none', { errors: [{ error: {} }] }],
    ['a stack that is no text', { errors: [{ error, stack: 5 }] }],
    ['a cause that is no list', { errors: [{ error, cause: 'text' }] }],
    ['a cause that is missing', { errors: [{ error, cause: [] }] }],
    ['properties that are a list', { errors: [{ error, properties: [1] }] }],
    ['properties that are a map', { errors: [{ error, properties: new Map() }] }],
    // Few bytes that refer to the same again and again would take the square of their time.
    ['the same error twice', { errors: [{ error }, { error }] }],
    ['the same properties twice', { errors: twoErrors.map((each) => ({ error: each, properties })) }],
    ['objects without a prototype that are no list', { bare: 5 }],
    ['an object without a prototype that is a text', { bare: ['text'] }],
    ['an array without a prototype', { bare: [[]] }],
    ['a map without a prototype', { bare: [new Map()] }],
    ['an error without a prototype', { bare: [error] }],
    ['the same object twice', { bare: [bare, bare] }],
  ])('refuses odd things about errors and objects: %s', (_name, odd) => {
    const refusal = thrownBy(() => serde.deserialize(serialize({ ...moments, value: 1, ...odd })));
    expect(refusal).toBeInstanceOf(UnreadableBytesError);
    expect((refusal as Error).message).toBe(
      'The bytes cannot be read as a V8 entry: what they say about errors and objects does not fit.',
    );
  });
});

describe('PickleSerDe elsewhere', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const message =
    "PickleSerDe needs node:v8 with V8's structured clone, which this runtime does not have. " +
    'Use MsgpackSerDe, which runs anywhere.';

  it.each<[string, unknown]>([
    ['no process', undefined],
    ['a process without modules', {}],
    ['no such module', { getBuiltinModule: () => undefined }],
    ['a module of another engine', { getBuiltinModule: () => ({ serialize: () => new Uint8Array([0x0f, 0]) }) }],
  ])('says what it needs: %s', (_name, process) => {
    vi.stubGlobal('process', process);
    const error = thrownBy(() => new PickleSerDe());
    vi.unstubAllGlobals();
    expect(error).toBeInstanceOf(UnavailableSerDeError);
    expect((error as Error).message).toBe(message);
  });
});
