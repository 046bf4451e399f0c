import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { notPlain, plainMsgpack } from '../src/plain-msgpack.js';
import { verifyMsgpack } from '../src/verification/msgpack-verification.js';
import { structuredValues } from './support/faithful-values.js';

const packr = new Packr({ structuredClone: true, moreTypes: true, useToJSON: false, copyBuffers: true });
const pack = (value: unknown): Uint8Array => new Uint8Array(packr.pack(value));
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** What msgpackr reads, after the bytes were verified; `notPlain` where they are refused. */
function slowly(data: Uint8Array): unknown {
  try {
    verifyMsgpack(data, 'MessagePack');
    return packr.unpack(Buffer.from(data));
  } catch {
    return notPlain;
  }
}

/** Values that are plain data. */
const plainValues = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.double().filter((any) => !Object.is(any, -0)),
      fc.integer(),
      fc.string({ unit: 'binary' }).filter((any) => !any.startsWith('\ufeff')),
      fc.string({ maxLength: 300, size: 'max' }),
      fc.boolean(),
      fc.constantFrom(null, undefined),
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
    ),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(
      fc.string({ maxLength: 20 }).filter((name) => name !== '__proto__' && name !== '__keys__'),
      tie('value'),
      { noNullPrototype: true, maxKeys: 20 },
    ),
  ),
})).value;

describe('plainMsgpack', () => {
  it.each<[string, unknown]>([
    ['numbers', [0, 63, 64, 255, 256, 2 ** 16, 2 ** 32, -1, -32, -33, -128, -129, -(2 ** 15) - 1, -(2 ** 31), 0.1]],
    ['moments and what is none', [Infinity, -Infinity, NaN, 1_700_000_000_000.25]],
    ['constants', [null, undefined, true, false]],
    ['texts', ['', 'a', 'ä'.repeat(20), 'ä'.repeat(100), 'a'.repeat(64), 'a'.repeat(255), 'a'.repeat(65_536), '😀']],
    ['arrays', [[], Array(15).fill(1), Array(16).fill(1), Array(65_536).fill(1)]],
    ['objects of one kind, and of several', [{ a: 1 }, { a: 2, b: { a: 3 } }, { a: { b: 1, c: 2 } }, {}]],
    ['an object of many', Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`name ${index}`, index]))],
    [
      'names that others are kept in the place of',
      [
        { abcd: 1, axcd: 2 },
        { axcd: 1, abcd: 2 },
        { ä: 1, '': 2 },
      ],
    ],
    ['dates', [new Date(0), new Date(5), new Date(1_700_000_000_123), new Date(1_700_000_000_000)]],
  ])('reads %s', (_, value) => {
    const data = pack(value);
    expect(plainMsgpack(data)).toStrictEqual(value);
    expect(plainMsgpack(Buffer.from(data))).toStrictEqual(value);
    const around = new Uint8Array(data.length + 20).fill(0x41);
    around.set(data, 9);
    expect(plainMsgpack(around.subarray(9, 9 + data.length))).toStrictEqual(value);
  });

  const shared = {};
  it.each<[string, unknown]>([
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a bigint', 2n ** 63n],
    ['an error', new Error('e')],
    ['bytes', new Uint8Array(3)],
    ['what is there twice', [shared, shared]],
    ['a date before 1970', new Date(-1)],
    ['a date after 2106', new Date(2 ** 43)],
    ['a date that is none', new Date(NaN)],
    ['what is nested deep', Array.from({ length: 101 }).reduce<unknown>((inner) => [inner], 1)],
    ['very much', 'a'.repeat(256 * 1_024)],
  ])('leaves %s to others', (_, value) => {
    expect(plainMsgpack(pack([value]))).toBe(notPlain);
  });

  it.each([
    ['nothing', ''],
    ['a text that ends too early', 'a5 61 62'],
    ['a number that ends too early', 'cb 00 00'],
    ['a list that ends too early', '92 01'],
    ['a list that is said to be long', 'dd ff ff ff ff 01'],
    ['more than one value', '01 02'],
    ['no UTF-8', 'a2 c3 28'],
    ['no UTF-8, and long', `d9 50 ${'c3 28 '.repeat(40)}`],
    ['a byte order mark', 'a3 ef bb bf'],
    ['a token that means nothing', 'c1'],
    ['a record that is not defined', '41'],
    ['a record by another name than those of records', 'd4 72 20 91 a1 61 01'],
    ['a record with a number among its names', 'd4 72 40 91 01 01'],
    ['a record with more names than bytes', 'd4 72 40 dc ff ff a1 61 01'],
    [
      'a record with the name of what objects inherit from',
      `d4 72 40 91 a9 ${Buffer.from('__proto__').toString('hex')} 01`,
    ],
    ['an extension that is unknown', 'd4 01 00'],
    ['a date of another type', 'd6 fe 00 00 00 00'],
  ])('leaves %s to others', (_, hex) => {
    expect(plainMsgpack(bytes(hex))).toBe(notPlain);
  });

  it('reads all plain values', () => {
    fc.assert(
      fc.property(plainValues, (value) => {
        expect(plainMsgpack(pack(value))).toStrictEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  it('reads other values as msgpackr does, or leaves them to it', () => {
    fc.assert(
      fc.property(structuredValues, (value) => {
        const data = pack(value);
        const read = plainMsgpack(data);
        if (read !== notPlain) expect(read).toStrictEqual(slowly(data));
      }),
      { numRuns: 300 },
    );
  });

  it('reads nothing of damaged bytes that is refused otherwise, or read differently', () => {
    const damaged = fc
      .tuple(plainValues.map(pack), fc.array(fc.tuple(fc.nat(), fc.nat(0xff)), { minLength: 1, maxLength: 4 }))
      .map(([data, changes]) => {
        for (const [at, byte] of changes) data[at % data.length] = byte;
        return data;
      });
    fc.assert(
      fc.property(damaged, (data) => {
        const read = plainMsgpack(data);
        if (read !== notPlain) expect(read).toStrictEqual(slowly(data));
      }),
      { numRuns: 5_000 },
    );
  });
});
