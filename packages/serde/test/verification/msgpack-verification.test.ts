import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { verifyMsgpack } from '../../src/verification/msgpack-verification.js';
import { UnreadableBytesError } from '../../src/index.js';
import { thrownBy } from '../support/thrown-by.js';

const packr = new Packr({ structuredClone: true, moreTypes: true, useToJSON: false, copyBuffers: true });
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const refusalOf = (hex: string): unknown => thrownBy(() => verifyMsgpack(bytes(hex), 'MessagePack'));

describe('verifyMsgpack lets through', () => {
  const shared = { shared: true };
  const itself: unknown[] = [];
  itself.push(itself, new Map([[itself, new Set([itself])]]));
  let deep: unknown = 1;
  for (let level = 0; level < 1_000; level++) deep = [deep];
  const shapes = Array.from({ length: 70 }, (_, index) => ({ [`property${index}`]: index }));

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['booleans', [true, false]],
    ['numbers', [0, 63, 64, 255, 2 ** 16, 2 ** 32, -1, -32, -33, -129, -(2 ** 15) - 1, -(2 ** 31) - 1, 0.1, NaN]],
    ['bigints', [1n, -1n, 2n ** 63n, 2n ** 64n, -(2n ** 71n), 2n ** 127n, 2n ** 5000n]],
    ['texts', ['', 'a', 'ä'.repeat(20), 'a'.repeat(255), 'a'.repeat(65_536)]],
    ['bytes', [new Uint8Array(), new Uint8Array(256), new Uint8Array(65_536)]],
    ['arrays', [[], Array(15).fill(1), Array(16).fill(1), Array(65_536).fill(1)]],
    ['maps', [new Map(), new Map(Array.from({ length: 70_000 }, (_, index) => [index, index]))]],
    ['sets', [new Set(), new Set([1, 'two'])]],
    [
      'objects',
      [{}, { a: 1 }, { a: 2 }, Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`p${index}`, 1]))],
    ],
    ['dates', [new Date(0), new Date(5), new Date(-1), new Date(2 ** 43), new Date(NaN)]],
    ['patterns', [/a/, /(?:)/giu]],
    ['errors', [new Error('e'), new TypeError('t', { cause: [new Error('inner')] })]],
    ['views', [new Int8Array(0), new Float64Array(1), new BigInt64Array(3), new DataView(new ArrayBuffer(300))]],
    ['what is there twice', [shared, shared, new Set([shared])]],
    ['what contains itself', itself],
    ['more shapes than msgpackr remembers, and the first ones again', [shapes, shapes.map((shape) => ({ ...shape }))]],
    ['deep nesting', deep],
  ])('%s', (_name, value) => {
    const data = new Uint8Array(packr.pack(value));
    expect(() => verifyMsgpack(data, 'MessagePack')).not.toThrow();
    expect(packr.unpack(new Uint8Array(data))).toStrictEqual(value);
  });
});

describe('verifyMsgpack refuses', () => {
  const early = 'they end too early';
  it.each<[string, string, string]>([
    ['nothing', '', early],
    ['a text that ends too early', 'a3 6161', early],
    ['bytes that end too early', 'c6 00000004 000000', early],
    ['a number that ends too early', 'cb 00000000', early],
    ['a length that ends too early', 'dd 0000', early],
    ['an array longer than the bytes', 'dd ffffffff 00', early],
    ['a map longer than the bytes', 'df 7fffffff 00', early],
    ['arrays that are longer together than the bytes', '93 92 92 00 00', early],
    ['what follows after the end', '01 02 03', '2 bytes follow after its end'],
  ])('%s', (_name, hex, why) => {
    const error = refusalOf(hex);
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect(error).toMatchObject({ reason: 'length' });
    expect((error as Error).message).toBe(`The bytes cannot be read as MessagePack: ${why}.`);
  });

  it.each<[string, string, string]>([
    ['the byte that is never used', '91 c1', 'nothing begins like this (before the byte at 2)'],
    ['a record before its definition', '40', 'a record is not defined (before the byte at 1)'],
    ['a record of two bytes', 'd5 72 41 00 90', 'an extension is unknown or in the wrong place (before the byte at 2)'],
    [
      'a record of a token that is a number',
      'd4 72 05 91 a1 61 00',
      'a record is defined that nothing could stand for (before the byte at 3)',
    ],
    ['a record of numbers', 'd4 72 40 91 05 00', 'there is no text where one belongs (before the byte at 5)'],
    ['a record of bytes', 'd4 72 40 c4 01 00 00', 'there is no list where one belongs (before the byte at 4)'],
    [
      'a record whose names are a value',
      '92 d6 69 00000001 91 a1 61 d4 72 40 d6 70 00000001 00',
      'a record has names that are none (before the byte at 19)',
    ],
    [
      'a record whose names are an extension',
      'd4 72 40 d6 ff 00000000',
      'a record has names that are none (before the byte at 9)',
    ],
    [
      'a value that is the names of a record',
      '92 d4 72 40 d6 69 00000001 91 a1 61 00 d6 70 00000001',
      'a reference leads nowhere (before the byte at 20)',
    ],
    ['a reference to nothing', 'd6 70 00000001', 'a reference leads nowhere (before the byte at 6)'],
    [
      'an identity twice',
      '92 d6 69 00000001 90 d6 69 00000001 90',
      'two values have one identity (before the byte at 14)',
    ],
    [
      'two identities of one value',
      'd6 69 00000001 d6 69 00000002 90',
      'a value has two identities (before the byte at 6)',
    ],
    [
      'an error of other parts',
      'd4 65 00 92 a0 a0',
      'an error has other parts than name, message and cause (before the byte at 4)',
    ],
    ['an error that is no list', 'd4 65 00 a0', 'there is no list where one belongs (before the byte at 4)'],
    ['an error without a text', 'd4 65 00 93 90 a0 c0', 'there is no text where one belongs (before the byte at 5)'],
    [
      'an error by the name of a method',
      'd4 65 00 93 d9 07 76616c75654f66 a0 c0',
      'an error has a name that is none of an error (before the byte at 13)',
    ],
    [
      'an AggregateError',
      'd4 65 00 93 ae 4167677265676174654572726f72 a0 c0',
      'an error has a name that is none of an error (before the byte at 19)',
    ],
    ['a set that is a text', 'd4 73 00 a1 61', 'there is no list where one belongs (before the byte at 4)'],
    [
      'a pattern of one part',
      'd4 78 00 91 a1 61',
      'a pattern has other parts than source and flags (before the byte at 4)',
    ],
    ['a pattern of lists', 'd4 78 00 92 90 a0', 'there is no text where one belongs (before the byte at 5)'],
    ['texts in a bundle', 'd6 62 00000008 00', 'an extension is unknown or in the wrong place (before the byte at 2)'],
    ['a set of two bytes', 'd5 73 0000', 'an extension is unknown or in the wrong place (before the byte at 2)'],
    ['another extension', 'c7 01 05 00', 'an extension is unknown or in the wrong place (before the byte at 3)'],
    [
      'another extension of one byte',
      'd4 05 00',
      'an extension is unknown or in the wrong place (before the byte at 2)',
    ],
    ['deeper nesting than there is', `${'91'.repeat(1_020)} 00`, 'they are nested too deep (before the byte at 1017)'],
  ])('%s', (_name, hex, why) => {
    const error = refusalOf(hex);
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect(error).toMatchObject({ reason: 'damaged' });
    expect((error as Error).message).toBe(`The bytes cannot be read as MessagePack: ${why}.`);
  });

  it.each<[string, string, number]>([
    ['empty maps', '80', 1_000_000],
    ['errors', 'd465 00 93 a0 a0 c0', 200_000],
    ['empty buffers', 'c400', 1_000_000],
    ['sets', 'd4730090', 1_000_000],
    ['arrays', '90', 2_000_000],
    ['dates', 'd4ffff', 1_000_000],
  ])('more memory than an entry may take: %s', (_name, hex, count) => {
    const one = bytes(hex);
    const data = new Uint8Array(5 + count * one.length);
    data[0] = 0xdd;
    new DataView(data.buffer).setUint32(1, count);
    for (let index = 0; index < count; index++) data.set(one, 5 + index * one.length);
    const error = thrownBy(() => verifyMsgpack(data, 'MessagePack'));
    expect(error).toMatchObject({
      reason: 'too large',
      message: 'The bytes cannot be read as MessagePack: what they hold would take more than 128 MiB of memory.',
    });
  });
});
