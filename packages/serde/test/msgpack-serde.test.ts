import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MsgpackSerDe, UnfaithfulValueError, UnreadableBytesError } from '../src/index.js';
import { difference } from './support/difference.js';
import { structuredValues } from './support/faithful-values.js';
import { thrownBy } from './support/thrown-by.js';

const serde = new MsgpackSerDe();
const moments = { created: 1, updateAfter: 2, expiresAfter: Infinity };

function roundTrip(value: unknown): unknown {
  return serde.deserialize(serde.serialize({ ...moments, value })).value;
}

describe('MsgpackSerDe', () => {
  it('has a format', () => {
    expect(serde.format).toBe('msgpack');
  });

  it('brings back whatever structured clone can say', () => {
    fc.assert(
      fc.property(structuredValues, (value) => {
        expect(difference(roundTrip(value), value)).toBe(undefined);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps what is contained twice one', () => {
    const shared = { name: 'shared' };
    const restored = roundTrip([shared, shared, new Map([['key', shared]])]) as [object, object, Map<string, object>];
    expect(restored[0]).toBe(restored[1]);
    expect(restored[2].get('key')).toBe(restored[0]);
  });

  it('keeps many objects of many shapes apart', () => {
    const value = Array.from({ length: 3_000 }, (_, index) => ({
      [`name ${index % 200}`]: index,
      constructor: 'text',
      hasOwnProperty: index,
      toJSON: 'text',
      nested: { [index]: { [`name ${index % 70}`]: [] } },
    }));
    expect(roundTrip(value)).toStrictEqual(value);
  });

  it('keeps a dictionary of many names', () => {
    const value = Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`key ${index}`, index]));
    expect(roundTrip(value)).toStrictEqual(value);
  });

  it('keeps a Buffer a Buffer, and gives typed arrays memory of their own', () => {
    const [buffer, view] = roundTrip([Buffer.from('abc'), new Uint8Array([0, 1, 2, 3]).subarray(1, 3)]) as [
      Buffer,
      Uint8Array,
    ];
    expect(Buffer.isBuffer(buffer)).toBe(true);
    expect(buffer.toString()).toBe('abc');
    expect([[...view], view.buffer.byteLength, view.constructor]).toStrictEqual([[1, 2], 2, Uint8Array]);
  });

  it('keeps objects without a prototype', () => {
    const nested: unknown = Object.create(null);
    const value: unknown = Object.assign(Object.create(null) as object, { constructor: 1, nested });
    const restored = roundTrip({ value }) as { value: { nested: object } };
    expect(Object.getPrototypeOf(restored.value)).toBe(null);
    expect(Object.getPrototypeOf(restored.value.nested)).toBe(null);
  });

  it('keeps errors with their stack, cause and properties', () => {
    const cause = new TypeError('inner');
    const error = Object.assign(new Error('outer', { cause }), { code: 'E_TEST', name: 'NamedError' });
    const restored = roundTrip([error, cause]) as [Error, Error];
    expect(Object.getOwnPropertyDescriptors(restored[0])).toStrictEqual({
      ...Object.getOwnPropertyDescriptors(error),
      stack: { value: error.stack, writable: true, configurable: true, enumerable: false },
      cause: { value: restored[1], writable: true, configurable: true, enumerable: false },
    });
    expect(restored[1]).toBeInstanceOf(TypeError);
    expect(restored[1].stack).toBe(cause.stack);
    expect('cause' in restored[1]).toBe(false);
  });

  it('remembers failures of any class', () => {
    class HttpError extends Error {
      override readonly name = 'HttpError';
      readonly code = 503;
    }
    const value = new HttpError('unavailable', { cause: new RangeError('inner', { cause: 'text' }) });
    const entry = serde.deserialize(serde.serialize({ ...moments, value, failed: true }));
    expect(entry).toStrictEqual({ ...moments, failed: true, value: expect.any(Error) as Error });
    const error = entry.value as Error & { code: number; cause: Error };
    expect([error.name, error.message, error.code, error.stack]).toStrictEqual([
      'HttpError',
      'unavailable',
      503,
      value.stack,
    ]);
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause.cause).toBe('text');
  });

  it('leaves no mark on the bytes it reads', () => {
    const data = serde.serialize({ ...moments, value: 'value' });
    serde.deserialize(data);
    expect(Reflect.ownKeys(data).filter((key) => typeof key === 'string' && !/^\d+$/.test(key))).toStrictEqual([]);
  });

  it('does not hold on to more memory than it wrote', () => {
    expect(serde.serialize({ ...moments, value: 'x'.repeat(100) }).buffer.byteLength).toBeLessThan(300);
  });
});

class Point {
  readonly x = 1;
}

const advice = 'Cache plain data, or hand the value over in another form.';
const lost = (why: string, path = 'value'): string => `MsgpackSerDe cannot keep ${path}: ${why}. ${advice}`;

describe('MsgpackSerDe refuses', () => {
  const selfish: Error & { self?: unknown } = new Error('selfish');
  selfish.self = [selfish];
  const deep: unknown[] = [];
  for (let level = 0, inner = deep; level < 1_000; level++) inner.push((inner = []));

  it.each<[string, unknown, string]>([
    ['a function', { a: [() => 1] }, lost('a function has no representation as bytes', 'value.a[0]')],
    ['a symbol', Symbol('s'), lost('a symbol has no representation as bytes')],
    ['minus zero', [{ b: -0 }], lost('-0 would come back as 0', 'value[0].b')],
    ['a lone surrogate', 'a\ud800', lost('text with a lone surrogate would come back changed')],
    ['a lone surrogate as a name', { ['a\udfff']: 1 }, lost('text with a lone surrogate would come back changed')],
    [
      'a byte order mark',
      new Map([['k', '\ufeffx']]),
      lost('text with a byte order mark at its beginning may come back without it', 'value.get("k")'),
    ],
    [
      'a class',
      { 'a b': new Point() },
      lost('an object of class Point would come back as something else', 'value["a b"]'),
    ],
    [
      'a subclass',
      new (class List extends Array {})(),
      lost('an object of class List would come back as something else'),
    ],
    ['a sparse array', [1, , 3], lost('a hole in the array, or a property beside its elements, would be lost')],
    ['a match', /a/.exec('a'), lost('a hole in the array, or a property beside its elements, would be lost')],
    ['a symbol as a name', { [Symbol('s')]: 1 }, lost('its property Symbol(s) would be lost')],
    [
      'an accessor',
      Object.defineProperty({}, 'now', { get: () => 1, enumerable: true }),
      lost('an accessor would come back as a plain property', 'value.now'),
    ],
    [
      'a hidden property',
      Object.defineProperty({}, 'hidden', { value: 1 }),
      lost('a property that is not enumerable would be lost', 'value.hidden'),
    ],
    [
      '__proto__',
      JSON.parse('{"__proto__":{"admin":true}}'),
      lost('a property of this name would be lost', 'value.__proto__'),
    ],
    ['__keys__', { __keys__: 1 }, lost('a property of this name would be lost', 'value.__keys__')],
    [
      'properties of a Map',
      Object.assign(new Map(), { extra: 1 }),
      lost('the properties of an object of class Map would be lost'),
    ],
    [
      'properties of a Set in a Set',
      new Set([1, Object.assign(new Set(), { extra: 1 })]),
      lost('the properties of an object of class Set would be lost', 'value.values()[1]'),
    ],
    [
      'the key of a Map',
      new Map([[new Map([[Symbol.iterator, 1]]), 1]]),
      lost('a symbol has no representation as bytes', 'value.keys()[0].keys()[0]'),
    ],
    [
      'a regular expression under way',
      Object.assign(/a/g, { lastIndex: 1 }),
      lost('it would come back as 0', 'value.lastIndex'),
    ],
    [
      'shared memory',
      new Uint8Array(new SharedArrayBuffer(1)),
      lost('memory that is shared would come back as a copy'),
    ],
    ['a boxed number', Object(1), lost('an object of class Number would come back as something else')],
    ['a promise', Promise.resolve(), lost('an object of class Promise would come back as something else')],
    [
      'several errors in one',
      new AggregateError([]),
      lost('an object of class AggregateError would come back as something else'),
    ],
    [
      'an error in disguise',
      Object.assign(new Error('x'), { name: 'TypeError' }),
      lost('an error of this name would come back as another', 'value.name'),
    ],
    [
      'an error named like a method',
      Object.assign(new Error('x'), { name: 'constructor' }),
      lost('an error of this name would come back as another', 'value.name'),
    ],
    [
      'an error named like several in one',
      Object.assign(new Error('x'), { name: 'AggregateError' }),
      lost('an error of this name would come back as another', 'value.name'),
    ],
    [
      'an error whose name is no text',
      Object.assign(new Error('x'), { name: 5 }),
      lost('an error would come back with a text', 'value.name'),
    ],
    [
      'an error whose message is no text',
      Object.assign(new Error('x'), { message: ['no text'] }),
      lost('an error would come back with a text', 'value.message'),
    ],
    [
      'an error that contains itself',
      selfish,
      lost('an error that contains itself would come back changed', 'value.self[0]'),
    ],
    [
      'depth',
      deep,
      `MsgpackSerDe cannot keep value${'[0]'.repeat(1_000)}: it is nested deeper than 1000 levels. ` +
        'Keep it flatter, or in several entries.',
    ],
  ])('%s', (_name, value, message) => {
    const error = thrownBy(() => serde.serialize({ ...moments, value }));
    expect(error).toBeInstanceOf(UnfaithfulValueError);
    expect((error as Error).message).toBe(message);
  });

  it('what cannot be looked at', () => {
    const cause = new Error('trap');
    const trap = new Proxy(
      {},
      {
        ownKeys() {
          throw cause;
        },
      },
    );
    const error = thrownBy(() => serde.serialize({ ...moments, value: { trap } }));
    expect(error).toBeInstanceOf(UnfaithfulValueError);
    expect(error).toMatchObject({
      message: 'MsgpackSerDe cannot keep value.trap: it cannot be looked at. Mend what is thrown when it is looked at.',
      cause,
    });
  });

  it('moments that are none', () => {
    expect(() => serde.serialize({ ...moments, value: 1, updateAfter: NaN })).toThrow(
      expect.objectContaining({
        message:
          'MsgpackSerDe cannot keep updateAfter: NaN is not a moment in epoch milliseconds. ' +
          'It is the entry builder that dates entries.',
      }),
    );
  });

  it('and goes on working', () => {
    const pretender: unknown = Object.create(Map.prototype);
    expect(() => serde.serialize({ ...moments, value: [pretender] })).toThrow(UnfaithfulValueError);
    expect(roundTrip({ a: 1 })).toStrictEqual({ a: 1 });
  });
});

describe('MsgpackSerDe does not read', () => {
  it.each<[string, Uint8Array, string]>([
    [
      'noise',
      new Uint8Array([0xc1, 0xff]),
      'The bytes cannot be read as a MessagePack entry: nothing begins like this (before the byte at 1).',
    ],
    ['a number', new Uint8Array([5]), 'The bytes cannot be read as a MessagePack entry: they hold 5, not an entry.'],
    [
      'text instead of bytes',
      'text' as never,
      'The bytes cannot be read as a MessagePack entry: expected a Uint8Array, got "text".',
    ],
  ])('%s', (_name, data, message) => {
    const error = thrownBy(() => serde.deserialize(data));
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect((error as Error).message).toBe(message);
  });

  it('a flood of nested arrays', () => {
    expect(() => serde.deserialize(new Uint8Array(1_000_000).fill(0x91))).toThrow(UnreadableBytesError);
    expect(roundTrip('still')).toBe('still');
  });
});
