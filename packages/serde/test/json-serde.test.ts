import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidSerDeOptionError, JsonSerDe, UnfaithfulValueError, UnreadableBytesError } from '../src/index.js';
import { difference } from './support/difference.js';
import { jsonValues } from './support/faithful-values.js';
import { thrownBy } from './support/thrown-by.js';

const serde = new JsonSerDe();
const moments = { created: 1.5, updateAfter: 2, expiresAfter: Infinity };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

function roundTrip(value: unknown, by = serde): unknown {
  return by.deserialize(by.serialize({ ...moments, value })).value;
}

describe('JsonSerDe', () => {
  it('has a format', () => {
    expect(serde.format).toBe('json');
  });

  it('writes JSON that one can read', () => {
    expect(text(serde.serialize({ ...moments, etag: 'e', value: { name: 'päper' } }))).toBe(
      '{"created":1.5,"updateAfter":2,"expiresAfter":null,"etag":"e","value":{"name":"päper"}}',
    );
  });

  it('leaves the value out when it is undefined', () => {
    const written = serde.serialize({ ...moments, value: undefined });
    expect(text(written)).toBe('{"created":1.5,"updateAfter":2,"expiresAfter":null}');
    expect(serde.deserialize(written)).toStrictEqual({ ...moments, value: undefined });
  });

  it('brings back whatever JSON can say', () => {
    fc.assert(
      fc.property(jsonValues, (value) => {
        expect(difference(roundTrip(value), value)).toBe(undefined);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps an own property __proto__ without touching prototypes', () => {
    const value: unknown = JSON.parse('{"__proto__":{"admin":true}}');
    const restored = roundTrip(value) as object;
    expect(JSON.stringify(restored)).toBe('{"__proto__":{"admin":true}}');
    expect(Object.getPrototypeOf(restored)).toBe(Object.prototype);
    expect('admin' in {}).toBe(false);
  });

  it('remembers failures of any class', () => {
    class HttpError extends Error {
      override readonly name = 'HttpError';
      readonly code = 'E_HTTP';
      readonly response = new Map();
    }
    const value = new HttpError('unavailable', { cause: new TypeError('inner', { cause: { lost: true } }) });
    const entry = serde.deserialize(serde.serialize({ ...moments, value, failed: true }));
    expect(entry).toStrictEqual({ ...moments, failed: true, value: expect.any(Error) as Error });
    const error = entry.value as Error & { cause: Error };
    expect(error).toMatchObject({ name: 'HttpError', message: 'unavailable', code: 'E_HTTP', stack: value.stack });
    expect(error.cause).toBeInstanceOf(TypeError);
    expect('cause' in error.cause).toBe(false);
  });

  it('remembers failures that are no errors, and causes that go in circles', () => {
    expect(serde.deserialize(serde.serialize({ ...moments, value: 'reason', failed: true }))).toStrictEqual({
      ...moments,
      value: 'reason',
      failed: true,
    });
    const circle = new Error('circle');
    circle.cause = circle;
    const { value } = serde.deserialize(serde.serialize({ ...moments, value: circle, failed: true }));
    expect((value as { cause: { cause: Error } }).cause.cause.message).toBe('circle');
  });

  it('takes plain objects and arrays of another realm', async () => {
    const { runInNewContext } = await import('node:vm');
    expect(roundTrip(runInNewContext('({ list: [1, { a: null }] })'))).toStrictEqual({ list: [1, { a: null }] });
  });
});

describe('the hooks of JsonSerDe', () => {
  const hooks = new JsonSerDe({
    valueToReversibleRepr: (value) => [...(value as Map<string, number>)],
    reversibleReprToValue: (repr) => new Map(repr as [string, number][]),
  });

  it('convert values there and back', () => {
    const value = new Map([['a', 1]]);
    expect(text(hooks.serialize({ ...moments, value }))).toContain('"value":[["a",1]]');
    expect(roundTrip(value, hooks)).toStrictEqual(value);
  });

  it('are not asked about remembered errors', () => {
    const value = new Error('x');
    expect(hooks.deserialize(hooks.serialize({ ...moments, value, failed: true })).value).toStrictEqual(value);
  });

  it('are not asked about what memo makes of a failure, and about any other value of a failed entry they are', () => {
    const failure = { memo: 1, thrown: { error: { name: 'Error', message: 'x' } } };
    const failed = { ...moments, value: { failure, ofSingleKey: true }, failed: true } as const;
    expect(text(hooks.serialize(failed))).toContain('"value":{"failure":{"memo":1,');
    expect(hooks.deserialize(hooks.serialize(failed))).toStrictEqual(failed);
    const { failed: _, ...asValue } = failed;
    const others = [{ failure: { memo: 2 } }, { failure: 5 }, {}].map((value) => ({ ...failed, value }));
    for (const asked of [asValue, ...others]) {
      expect(thrownBy(() => hooks.serialize(asked))).toBeInstanceOf(UnfaithfulValueError);
    }
    const value = new Map([['failure', 1]]);
    expect(hooks.deserialize(hooks.serialize({ ...moments, value, failed: true })).value).toStrictEqual(value);
  });

  it('make something JSON can say, or it is refused', () => {
    const half = new JsonSerDe({ valueToReversibleRepr: () => new Date(0), reversibleReprToValue: (repr) => repr });
    expect(() => half.serialize({ ...moments, value: 1 })).toThrow(UnfaithfulValueError);
  });

  it('may fail', () => {
    const cause = new Error('hook');
    const fail = (): never => {
      throw cause;
    };
    const failing = new JsonSerDe({ valueToReversibleRepr: fail, reversibleReprToValue: fail });
    const refused = thrownBy(() => failing.serialize({ ...moments, value: 1 }));
    expect(refused).toBeInstanceOf(UnfaithfulValueError);
    expect(refused).toMatchObject({
      message:
        "JsonSerDe cannot keep value: the hook 'valueToReversibleRepr' failed. Mend the hook 'valueToReversibleRepr'.",
      cause,
    });
    const unread = thrownBy(() => failing.deserialize(serde.serialize({ ...moments, value: 1 })));
    expect(unread).toBeInstanceOf(UnreadableBytesError);
    expect(unread).toMatchObject({
      message: "The bytes cannot be read as a JSON entry: the hook 'reversibleReprToValue' failed.",
      cause,
    });
  });
});

class Point {
  readonly x = 1;
}

const advice =
  "Convert it with the hooks 'valueToReversibleRepr' and 'reversibleReprToValue', use MsgpackSerDe, " +
  "or accept the change with 'lossy: true'.";
const adviceBeyondMsgpack =
  "Convert it with the hooks 'valueToReversibleRepr' and 'reversibleReprToValue', or accept the change with 'lossy: true'.";
const gone = (why: string, path = 'value'): string => `JsonSerDe cannot keep ${path}: ${why}. ${adviceBeyondMsgpack}`;
const lost = (why: string, path = 'value'): string => `JsonSerDe cannot keep ${path}: ${why}. ${advice}`;
const cycle: { list: unknown[] } = { list: [] };
cycle.list.push(cycle);
const deep: unknown[] = [];
for (let level = 0, inner = deep; level < 1_000; level++) inner.push((inner = []));

const unfaithful: readonly (readonly [string, unknown, string])[] = [
  [
    'a Date',
    { user: { birthday: new Date(0) } },
    lost('an object of class Date would come back as text', 'value.user.birthday'),
  ],
  ['a Map', [new Map()], lost('an object of class Map would come back as a plain object', 'value[0]')],
  ['a Set', new Set(), lost('an object of class Set would come back as a plain object')],
  ['bytes', new Uint8Array(1), lost('an object of class Uint8Array would come back as a plain object')],
  ['an Error', new Error('x'), lost('an object of class Error would come back as a plain object')],
  ['a class', new Point(), gone('an object of class Point would come back as a plain object')],
  ['no prototype', Object.create(null), gone('an object of no class would come back as a plain object')],
  ['a subclass', new (class List extends Array {})(), gone('an object of class List would come back as an array')],
  ['boxed text', Object('x'), gone('an object of class String would come back as a plain object')],
  ['NaN', { 'a-b': NaN }, lost('NaN would come back as null', 'value["a-b"]')],
  ['infinity', -Infinity, lost('-Infinity would come back as null')],
  ['minus zero', -0, gone('-0 would come back as 0')],
  ['a bigint', [1n], lost('JSON has no bigint', 'value[0]')],
  ['a function', { toJSON: () => 1 }, gone('a function would be lost', 'value.toJSON')],
  ['a symbol', Symbol('s'), gone('a symbol would be lost')],
  ['a symbol as a name', { [Symbol('s')]: 1 }, gone('its property Symbol(s) would be lost')],
  [
    'undefined in an array',
    [undefined],
    `JsonSerDe cannot keep value[0]: undefined would come back as null or not at all. Leave it out. ${advice}`,
  ],
  [
    'undefined in an object',
    { a: undefined },
    `JsonSerDe cannot keep value.a: undefined would come back as null or not at all. Leave it out. ${advice}`,
  ],
  ['a sparse array', [1, , 3], gone('a hole in the array, or a property beside its elements, would be lost')],
  [
    'properties of an array',
    Object.assign([1], { extra: 1 }),
    gone('a hole in the array, or a property beside its elements, would be lost'),
  ],
  [
    'an accessor',
    Object.defineProperty({}, 'now', { get: () => 1, enumerable: true }),
    gone('an accessor would come back as a plain property', 'value.now'),
  ],
  [
    'a hidden property',
    Object.defineProperty({}, 'hidden', { value: 1 }),
    gone('a property that is not enumerable would be lost', 'value.hidden'),
  ],
  ['a cycle', cycle, 'JsonSerDe cannot keep value.list[0]: it contains itself. MsgpackSerDe keeps cycles.'],
  [
    'depth',
    deep,
    `JsonSerDe cannot keep value${'[0]'.repeat(1_000)}: it is nested deeper than 1000 levels. ` +
      'Keep it flatter, or in several entries.',
  ],
];

describe('JsonSerDe refuses', () => {
  it.each(unfaithful)('%s', (_name, value, message) => {
    const error = thrownBy(() => serde.serialize({ ...moments, value }));
    expect(error).toBeInstanceOf(UnfaithfulValueError);
    expect((error as Error).message).toBe(message);
  });

  it.each<[unknown, string]>([
    ['a\ud800', 'text with a lone surrogate has no UTF-8'],
    [5, '5 is not text'],
  ])('an etag that is none: %o', (etag, why) => {
    const error = thrownBy(() => serde.serialize({ ...moments, value: 1, etag: etag as string }));
    expect(error).toBeInstanceOf(UnfaithfulValueError);
    expect((error as Error).message).toBe(`JsonSerDe cannot keep etag: ${why}. An etag is well-formed text.`);
  });

  it('without trying every one of 2^500 ways through a value', () => {
    let shared: unknown = [undefined];
    for (let level = 0; level < 500; level++) shared = [[], [], shared, shared];
    expect(() => serde.serialize({ ...moments, value: shared })).toThrow(UnfaithfulValueError);
    let fine: unknown = [1];
    for (let level = 0; level < 500; level++) fine = [fine, fine];
    expect(() => serde.serialize({ ...moments, value: [fine, undefined] })).toThrow(UnfaithfulValueError);
  });
});

describe('JsonSerDe, lossy', () => {
  const lossy = new JsonSerDe({ lossy: true });

  it('takes what JSON makes of values', () => {
    expect(
      roundTrip({ date: new Date(0), map: new Map(), nothing: undefined, list: [undefined, NaN] }, lossy),
    ).toStrictEqual({ date: '1970-01-01T00:00:00.000Z', map: {}, list: [null, null] });
    expect(roundTrip(() => 1, lossy)).toBe(undefined);
  });

  it.each<[string, unknown]>([
    ['a bigint', 1n],
    ['a cycle', cycle],
  ])('refuses what JSON cannot say at all: %s', (_name, value) => {
    const error = thrownBy(() => lossy.serialize({ ...moments, value }));
    expect(error).toBeInstanceOf(UnfaithfulValueError);
    expect((error as Error).message).toBe(
      'JsonSerDe cannot keep value: JSON cannot say it. ' +
        'MsgpackSerDe keeps bigints and cycles; very large values do better in several entries.',
    );
  });

  it('may have one hook alone', () => {
    const reviving = new JsonSerDe({ lossy: true, reversibleReprToValue: (repr) => new Date(repr as string) });
    expect(roundTrip(new Date(5), reviving)).toStrictEqual(new Date(5));
  });
});

describe('JsonSerDe does not read', () => {
  const entry = { created: 1, updateAfter: 2, expiresAfter: 3 };

  it.each<[string, Uint8Array, string]>([
    ['nothing', bytes(''), 'they are not JSON'],
    ['half of it', bytes('{"created":1'), 'they are not JSON'],
    ['a byte order mark', bytes('\ufeff{}'), 'they are not JSON'],
    ['other encodings', new Uint8Array([0x22, 0xff, 0x22]), 'they are not UTF-8'],
    ['null', bytes('null'), 'they hold null, not an entry'],
    ['text', bytes('"text"'), 'they hold "text", not an entry'],
    ['an array', bytes('[]'), 'they hold an object of class Array, not an entry'],
    ['other objects', bytes('{"created":"now"}'), 'created of the entry is "now"'],
    ['moments of null', bytes(JSON.stringify({ ...entry, created: null })), 'created of the entry is null'],
    ['a beginning that never comes', bytes('{"created":1e999}'), 'created of the entry is Infinity'],
    [
      'an end before all time',
      bytes('{"created":1,"updateAfter":2,"expiresAfter":-1e999}'),
      'expiresAfter of the entry is -Infinity',
    ],
    ['a missing moment', bytes('{"created":1,"updateAfter":2}'), 'expiresAfter of the entry is undefined'],
    ['an odd etag', bytes(JSON.stringify({ ...entry, etag: 5 })), 'etag of the entry is 5'],
    ['an odd mark', bytes(JSON.stringify({ ...entry, failed: false })), 'failed of the entry is false'],
    [
      'an odd error',
      bytes(JSON.stringify({ ...entry, error: { name: 1 } })),
      'error of the entry is an object of class Object',
    ],
    ['other properties', bytes(JSON.stringify({ ...entry, valve: 1 })), 'an entry has no property "valve"'],
    ['__proto__', bytes('{"created":1,"__proto__":{}}'), 'an entry has no property "__proto__"'],
    ['no bytes', null as never, 'expected a Uint8Array, got null'],
  ])('%s', (_name, data, why) => {
    const error = thrownBy(() => serde.deserialize(data));
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect((error as Error).message).toBe(`The bytes cannot be read as a JSON entry: ${why}.`);
  });

  it('errors within errors without end', () => {
    const error = '{"name":"E","message":"m","cause":{"error":'.repeat(100_000);
    expect(() => serde.deserialize(bytes(`{"created":1,"updateAfter":2,"expiresAfter":3,"error":${error}`))).toThrow(
      UnreadableBytesError,
    );
  });
});

describe('the options of JsonSerDe', () => {
  it.each<[unknown, string]>([
    [null, `JsonSerDe: option 'options' should be an object, got null.`],
    [
      { losy: true },
      `JsonSerDe: option 'losy' should be one of 'valueToReversibleRepr', 'reversibleReprToValue', 'lossy', got true. ` +
        `Did you mean 'lossy'?`,
    ],
    [{ lossy: 1 }, `JsonSerDe: option 'lossy' should be a boolean, got 1.`],
    [{ valueToReversibleRepr: 'text' }, `JsonSerDe: option 'valueToReversibleRepr' should be a function, got "text".`],
    [
      { valueToReversibleRepr: String },
      `JsonSerDe: option 'reversibleReprToValue' should be given together with 'valueToReversibleRepr', got undefined. ` +
        'Without it values would come back changed.',
    ],
    [
      { reversibleReprToValue: String },
      `JsonSerDe: option 'valueToReversibleRepr' should be given together with 'reversibleReprToValue', got undefined. ` +
        'Without it values would come back changed.',
    ],
  ])('%o', (options, message) => {
    const error = thrownBy(() => new JsonSerDe(options as never));
    expect(error).toBeInstanceOf(InvalidSerDeOptionError);
    expect((error as Error).message).toBe(message);
  });

  it('refuses what would be written for hours, since shared objects are written again each time', () => {
    let value: unknown = ['shared'];
    for (let level = 0; level < 60; level++) value = [value, value];
    const moments = { created: 0, updateAfter: 1, expiresAfter: 2 };
    expect(() => new JsonSerDe().serialize({ ...moments, value })).toThrow(
      'JsonSerDe cannot keep value: it is more than 8000000 values, since what is contained twice is written twice. ' +
        'MsgpackSerDe writes it once.',
    );
  });
});
