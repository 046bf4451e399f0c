import { storageOver, UnstorableValueError, type CacheEntry } from '@memo/core';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { byJson, DistantStore } from './stores.js';

const storage = storageOver(new DistantStore(byJson));
const advice = `Give storageOver a 'serde', or say values: 'any' if the store brings back every value as it was.`;

function entryOf(value: unknown): CacheEntry {
  return { value, created: Date.now(), updateAfter: Infinity, expiresAfter: Infinity };
}

class Point {
  readonly x = 1;
}

function cycle(): object {
  const node: { self?: object } = {};
  node.self = node;
  return { list: [node] };
}

/** An object around an object, so many times. */
function nested(levels: number): object {
  let value = {};
  for (let level = 1; level < levels; level++) value = { value };
  return value;
}

/** Little here, and much when it is written: what is contained twice is written twice. */
function multiplied(): readonly unknown[] {
  let value: readonly unknown[] = [1];
  for (let times = 0; times < 40; times++) value = [value, value];
  return value;
}

describe('a value that JSON may change', () => {
  it.each<[value: unknown, what: string]>([
    [new Date(0), 'value is an object of class Date'],
    [{ at: [1, new Date(0)] }, 'value.at[1] is an object of class Date'],
    [{ 'two words': new Map() }, 'value["two words"] is an object of class Map'],
    [NaN, 'value is NaN'],
    [[Infinity], 'value[0] is Infinity'],
    [{ zero: -0 }, 'value.zero is -0'],
    [10n, 'value is 10n'],
    [{ present: undefined }, 'value.present is undefined'],
    [Symbol('mark'), 'value is Symbol(mark)'],
    [{ call() {} }, 'value.call is function call'],
    [new Point(), 'value is an object of class Point'],
    [Object.create(null), 'value is an object of no class'],
    [new (class Row extends Array {})(), 'value is an object of class Row'],
    [new Array(2), 'value is an array with holes, or with properties beside its elements'],
    [/b/.exec('abc'), 'value is an array with holes, or with properties beside its elements'],
    [{ [Symbol('mark')]: 1 }, 'value is an object with a property Symbol(mark)'],
    [Object.defineProperty({}, 'hidden', { value: 1 }), 'value.hidden is a property that is not enumerable'],
    [
      {
        get now() {
          return 1;
        },
      },
      'value.now is an accessor',
    ],
    [JSON.parse('{"__proto__":1}'), 'value.__proto__ is a property with a name that not everyone keeps'],
    ['a\ud800', 'value is text with a lone surrogate'],
    [{ '\ud800': 1 }, 'value["\\ud800"] is text with a lone surrogate'],
    [new Error('failed'), 'value is an object of class Error'],
    [cycle(), 'value.list[0].self is an object that contains itself'],
  ])('is refused: %o', async (value, what) => {
    const error: unknown = await storage.offer('key', entryOf(value)).catch((failure: unknown) => failure);
    expect(UnstorableValueError.isInstance(error)).toBe(true);
    expect((error as Error).message).toBe(
      `The value for key "key" cannot be stored: ${what}, which JSON may change. ${advice}`,
    );
    expect(await storage.get('key')).toBe(undefined);
  });

  it('is refused where it is nested deeper than a thousand levels', async () => {
    expect(await storage.offer('key', entryOf(nested(1_000)))).toBe('stored');
    await expect(storage.offer('key', entryOf(nested(1_001)))).rejects.toThrow('is nested deeper than 1000 levels');
  });

  it('is refused where it would be very much in JSON, at once', async () => {
    await expect(storage.offer('key', entryOf(multiplied()))).rejects.toThrow(
      'The value for key "key" cannot be stored: the value is more than 8000000 values in JSON.',
    );
  });

  it('is kept where the store is said to bring back any value', async () => {
    const trusting = storageOver(new DistantStore(byJson), { values: 'any' });
    expect(await trusting.offer('key', entryOf(new Date(0)))).toBe('stored');
    expect((await trusting.get('key'))?.value).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('a value that JSON keeps', () => {
  const twice = { id: 1 };

  it.each<[value: unknown]>([
    [undefined],
    [null],
    [{ text: 'ä\u2028𝒳', numbers: [0, 1.5, -1e300], flags: [true, false], nothing: null, '': {} }],
    [[twice, twice]],
    [Array.from({ length: 2_000 }, (_, id) => ({ id }))],
    [{ constructor: 1, toJSON: 2, hasOwnProperty: 3 }],
  ])('comes back as it was: %o', async (value) => {
    expect(await storage.offer('key', entryOf(value))).toBe('stored');
    expect((await storage.get('key'))?.value).toStrictEqual(value);
  });

  it('may be of another realm', async () => {
    const value: unknown = runInNewContext('({ list: [1, { id: 2 }] })');
    expect(await storage.offer('key', entryOf(value))).toBe('stored');
    expect((await storage.get('key'))?.value).toStrictEqual({ list: [1, { id: 2 }] });
  });
});
