import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { UnreadableBytesError } from '../../src/index.js';
import { verifyV8 } from '../../src/verification/v8-verification.js';
import { thrownBy } from '../support/thrown-by.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(`ff0f${hex.replaceAll(' ', '')}`, 'hex'));

describe('verifyV8 lets through', () => {
  const shared = { shared: true };
  const itself: unknown[] = [];
  itself.push(itself, new Map([[itself, new Set([itself])]]));
  let deep: unknown = 1;
  for (let level = 0; level < 1_000; level++) deep = [deep];

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['booleans', [true, false]],
    ['numbers', [0, -0, 63, 2 ** 30, 2 ** 31, 2 ** 32, -1, -(2 ** 31), 0.1, NaN]],
    ['bigints', [0n, 1n, -1n, 2n ** 64n, -(2n ** 5000n)]],
    ['texts', ['', 'a', 'ä', '漢', 'a漢', 'x'.repeat(200), '漢'.repeat(20_000), '\ud800']],
    ['arrays', [[], Array(200).fill(1)]],
    [
      'arrays that could have had holes',
      [new Array<number>(3).fill(7), Array.from(new Array<number>(300).fill(0).keys())],
    ],
    ['maps', new Map<unknown, unknown>([[new Map(), {}]])],
    ['sets', new Set([1, 'two', new Set()])],
    ['objects', { a: 1, 5: 'five', [`${2 ** 32}`]: {}, '': null }],
    ['dates', [new Date(0), new Date(NaN)]],
    ['patterns', [/a/, /(?:)/giu, /漢/]],
    ['errors', [new Error('e'), new TypeError('t'), new RangeError('漢', { cause: { of: [new URIError('inner')] } })]],
    ['errors without a stack', Object.assign(new EvalError('e', { cause: undefined }), { stack: undefined })],
    [
      'views',
      [
        Buffer.from('b'),
        new Uint8Array(3),
        new Float64Array(2),
        new DataView(new ArrayBuffer(300)),
        new ArrayBuffer(9),
      ],
    ],
    ['what is there twice', [shared, shared]],
    ['what contains itself', itself],
    ['deep nesting', deep],
  ])('%s', (_name, value) => {
    const data = serialize(value);
    expect(() => verifyV8(data, 'a value')).not.toThrow();
    expect(deserialize(data)).toStrictEqual(value);
  });
});

describe('verifyV8 refuses', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'length: they end too early'],
    ['other bytes', new Uint8Array([0x7b, 0x7d]), 'foreign: they do not begin like one'],
    ['earlier versions', new Uint8Array([0xff, 0x0e, 0x30]), 'foreign: they do not begin like one'],
    ['a header alone', bytes(''), 'length: they end too early'],
    ['what follows after the end', bytes('30 30 30'), 'length: 2 bytes follow after its end'],
    ['a text that ends too early', bytes('22 05 61'), 'length: they end too early'],
    ['a number that ends too early', bytes('4e 0000'), 'length: they end too early'],
    ['a container without end', bytes('6f'), 'length: they end too early'],
    ['an array longer than the bytes', bytes('41 ffffffff0f 24 00 00'), 'length: they end too early'],
    ['a sparse array longer than the bytes', bytes('61 feffff0f 40 00 feffff0f'), 'length: they end too early'],
    ['arrays that are longer together than the bytes', bytes('41 08 41 08 00 00 00 00'), 'length: they end too early'],
    [
      'an array with fewer elements',
      bytes('41 02 30 24 00 02'),
      'damaged: an array has other elements than it says (before the byte at 7)',
    ],
    [
      'an array with properties',
      bytes('41 00 22 01 61 30 24 01 00'),
      'damaged: an array has other elements than it says (before the byte at 10)',
    ],
    [
      'a sparse array with holes',
      bytes('61 02 49 00 30 40 01 02'),
      'damaged: an array has other elements than it says (before the byte at 9)',
    ],
    [
      'a sparse array with an index far away',
      bytes('61 01 49 7e 30 40 01 01'),
      'damaged: an array has other elements than it says (before the byte at 6)',
    ],
    [
      'a sparse array with a name',
      bytes('61 01 22 01 61 30 40 01 01'),
      'damaged: an array has other elements than it says (before the byte at 5)',
    ],
    ['a number of more than 32 bits', bytes('49 ffffffff1f'), 'damaged: a number is too large (before the byte at 8)'],
    ['a number without end', bytes('49 8080808080 00'), 'damaged: a number is too large (before the byte at 8)'],
    ['a hole', bytes('41 01 2d 24 00 01'), 'damaged: nothing begins like this (before the byte at 5)'],
    ['a view of a browser', bytes('42 01 00 56 42 00 01'), 'length: 4 bytes follow after its end'],
    ['shared memory', bytes('75 00'), 'damaged: nothing begins like this (before the byte at 3)'],
    ['a buffer that grows', bytes('7e 01 ffffffff0f 00'), 'damaged: nothing begins like this (before the byte at 3)'],
    ['boxed numbers', bytes('6e 0000000000000000'), 'damaged: nothing begins like this (before the byte at 3)'],
    [
      'a pattern that is no text',
      bytes('52 30 00'),
      'damaged: there is no text where one belongs (before the byte at 4)',
    ],
    [
      'an error with unknown parts',
      bytes('72 41 2e'),
      'damaged: an error has a part that is unknown (before the byte at 4)',
    ],
    [
      'an error whose message is no text',
      bytes('72 6d 30 2e'),
      'damaged: there is no text where one belongs (before the byte at 5)',
    ],
    [
      'deeper nesting than there is',
      bytes('4101'.repeat(1_020)),
      'damaged: they are nested too deep (before the byte at 2036)',
    ],
  ])('%s', (_name, data, expected) => {
    const error = thrownBy(() => verifyV8(data, 'a value')) as UnreadableBytesError;
    expect(error).toBeInstanceOf(UnreadableBytesError);
    const [reason, why] = expected.split(': ');
    expect(error.reason).toBe(reason);
    expect(error.message).toBe(`The bytes cannot be read as a value: ${why!}.`);
  });

  it.each<[string, string, number]>([
    ['maps', '3b3a00', 700_000],
    ['objects', '6f7b00', 2_000_000],
    ['empty buffers', '4200', 700_000],
    ['numbers', '30', 9_000_000],
  ])('more memory than an entry may take: %s', (_name, hex, count) => {
    const start = bytes('27');
    const data = Buffer.concat([start, Buffer.alloc((count * hex.length) / 2, hex, 'hex'), Buffer.from('2c00', 'hex')]);
    expect(thrownBy(() => verifyV8(data, 'a value'))).toMatchObject({
      reason: 'too large',
      message: 'The bytes cannot be read as a value: what they hold would take more than 128 MiB of memory.',
    });
  });
});
