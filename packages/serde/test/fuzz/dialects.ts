/** What a mutation knows of a format: where damage hurts, and what is worth putting there. */
export interface Dialect {
  /** Bytes that are likely to say what follows and how long it is. */
  readonly landmarks: ReadonlySet<number>;
  /** Pieces with a meaning of their own. */
  readonly pieces: readonly Uint8Array[];
}

const text = (ascii: string): Uint8Array => new TextEncoder().encode(ascii);
const hex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

export const json: Dialect = {
  landmarks: new Set(text('{}[]":,0123456789')),
  pieces: [
    ...['"__proto__":{"polluted":true},', '"__proto__":null,', '"constructor":{"prototype":{"polluted":true}},'],
    ...['"created":1e999,', '"created":null,', '"expiresAfter":-1e999,', '"updateAfter":"x",', '"etag":"\\ud800",'],
    ...['"failed":true,', '"failed":1,', '"value":', '"error":{"name":"TypeError","message":"m"},', '"error":null,'],
    ...['"cause":{"error":{"name":"E","message":"m"}},', '"cause":{"value":[]},', '"toString":0,', '"then":1,'],
    ...['null', 'true', '-0', '1e999', '-', '\\', '"', '\\u0000', '\ufeff', '""', '0x1', 'NaN', '[]', '{}', '//'],
    ...['9'.repeat(400), '['.repeat(60), '{"a":'.repeat(60), ']'.repeat(60), ','.repeat(9)],
  ].map(text),
};

export const msgpack: Dialect = {
  landmarks: new Set([...range(0x80, 0xbf), ...range(0xc1, 0xdf), ...range(0x40, 0x5f), 0x65, 0x69, 0x70, 0x72, 0x73]),
  pieces: [
    // Lengths that nothing fulfils: of arrays, maps, texts, bytes, extensions.
    ...['dd ffffffff', 'dc ffff', 'df ffffffff', 'de ffff', 'db ffffffff', 'da ffff', 'c6 ffffffff', 'c9 ffffffff 42'],
    ...['9f', '8f', 'bf', 'd9 ff', 'c4 ff', 'c7 ff 74', 'c7 00 42', 'c7 00 74', 'c7 05 74 07 01020304'],
    // References, to what is there and to what is not; records, defined and not.
    ...['d6 70 00000001', 'd6 70 00000002', 'd6 70 ffffffff', 'd6 69 00000001', 'd6 69 00000002', 'd6 69 00000000'],
    ...['d4 72 40', 'd4 72 40 91 a1 61', 'd4 72 40 c7 04 74 01 010203', 'd5 72 41 00 91 a1 61', '40', '41', '7f'],
    ...['d4 72 40 91 a9 5f5f70726f746f5f5f', '81 a9 5f5f70726f746f5f5f 81 a8 706f6c6c75746564 c3'],
    // Errors by names that are not those of errors, sets, patterns, dates, bundles of texts, the byte that is never used.
    ...['d4 65 00', 'd4 65 00 93 a7 76616c75654f66 a1 61 c0', 'd4 65 00 93 ab 636f6e7374727563746f72 90 c0'],
    ...['d4 73 00', 'd4 73 00 93 01 01 02', 'd4 78 00 92 a1 28 a1 67', 'd4 78 00 92 a1 61 a2 6767', 'd4 00 00'],
    ...[
      'd6 ff ffffffff',
      'd7 ff ffffffffffffffff',
      'c7 0c ff ffffffffffffffffffffffff',
      'd4 ff ff',
      'd6 62 00000008',
      'c1',
    ],
    ...[
      'c7 09 42 ffffffffffffffffff',
      'cb 7ff8000000000000',
      'cb fff0000000000000',
      'cf ffffffffffffffff',
      'd3 8000000000000000',
    ],
    ...['c0', 'c2', 'c3', '90', '80', 'a0', 'a4 62617265', 'a6 6572726f7273', 'a5 76616c7565', 'a6 6661696c6564'],
    ...['91'.repeat(60), 'd47300'.repeat(20), '81a161'.repeat(20)],
  ].map(hex),
};

export const v8: Dialect = {
  landmarks: new Set(text('_0TFIUNZ"cSo{Aa$@Dnysz:;\',rmBRV\\^~tuw')),
  pieces: [
    // Lengths that nothing fulfils: of dense and sparse arrays, texts, bigints, bytes.
    ...[
      '41 ffffffff0f',
      '61 ffffffff0f',
      '61 feffff0f',
      '61 feffff0f 40 00 feffff0f',
      '22 ffffffff0f',
      '63 fefffff0f0',
    ],
    ...['5a feffffff07', '5a 08', '42 ffffffff0f', '7e 01 ffffffff0f', '53 ff01', '41 7f', '61 7f', '22 7f', '63 7f'],
    // References, views, memory that is shared or handed over, WebAssembly, errors, patterns.
    ...[
      '5e 00',
      '5e 01',
      '5e ffffffff0f',
      '5c 0a ff7f',
      '5c 0a 02 6161',
      '5c 63 01 00',
      '5c 07 03 000000',
      '56 42 00 7f',
    ],
    ...[
      '74 00',
      '75 00',
      '77 00',
      '57 79',
      '72 2e',
      '72 54 6d 22 01 61 2e',
      '72 63 49 02 2e',
      '52 22 01 28 00',
      '52 22 01 61 ff01',
    ],
    ...['6f 22 09 5f5f70726f746f5f5f 6f 22 08 706f6c6c75746564 54 7b 01 7b 01', '22 09 5f5f70726f746f5f5f 6f 7b 00'],
    ...['22 04 62617265', '22 06 6572726f7273', '22 05 76616c7565', '22 06 6661696c6564', '22 07 63726561746564'],
    ...[
      '4e 000000000000f87f',
      '4e 000000000000f0ff',
      '44 000000000000f87f',
      '49 ffffffff0f',
      '55 ffffffff0f',
      '6e 0000000000000000',
    ],
    ...[
      '6f',
      '7b 00',
      '41 00',
      '24 00 00',
      '3b',
      '3a 00',
      '27',
      '2c 00',
      '5f',
      '30',
      '54',
      '46',
      '2d',
      '00',
      '79',
      '78',
      '73 22 00',
    ],
    ...[
      'ff 0f',
      'ff 00',
      'ff 09',
      'ff 0c',
      'ff 0d',
      'ff 0e',
      'ff 10',
      'ff ff01',
      '41 01'.repeat(60),
      '6f 22 01 61'.repeat(30),
    ],
  ].map(hex),
};

/** What compressed bytes begin with, in the formats that are common, and what their blocks do. */
export const encoded: Dialect = {
  landmarks: new Set([0x1f, 0x8b, 0x78, 0x42, 0x5a, 0x68, 0x31, 0x17, 0x28, 0xb5, 0x2f, 0xfd, 0x3d, 0x0a]),
  pieces: [
    ...['1f8b0800000000000003', '1f8b08ff00000000ffff', '789c', '78bb', '0300', '01ffff0000', '010000ffff', '00000000'],
    ...[
      '425a6839 314159265359',
      '425a6831',
      '177245385090',
      '314159265359 ffffffff 00 ffffff',
      '1b ffff',
      '06',
      '3b',
      '5b ffff03',
    ],
    ...[
      '28b52ffd',
      '28b52ffd 20 00',
      '28b52ffd e0 ffffffffffffffff',
      '28b52ffd 00 ff',
      '502a4d18 04000000 00000000',
      '0a',
      '3d3d',
    ],
  ].map(hex),
};

export const envelope: Dialect = {
  landmarks: new Set([0xa7, 0x6d, 0x00, 0x01, 0x07]),
  pieces: [
    'a76d01',
    'a76d02',
    'a76d0107',
    '7ff0000000000000',
    'fff0000000000000',
    '7ff8000000000000',
    'ffffffff',
    '0000',
  ].map(hex),
};
