import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Encoding } from '../../src/index.js';
import { bytesAsTheyAre } from './bytes-as-they-are.js';
import { joined } from './mutation.js';

/** Few bytes that become many, or say that they do. */
export interface Bomb {
  readonly name: string;
  readonly format: 'json' | 'msgpack' | 'v8';
  /** The innermost first, as in `SerDe.format`. */
  readonly encodings: readonly Encoding[];
  readonly bytes: Uint8Array;
  /** What becomes of it within the usual bounds: the name of an error, or `read` where it is a value like others. */
  readonly outcome: 'OutputTooLargeError' | 'UnreadableBytesError' | 'read';
}

const mebibyte = 2 ** 20;
/** As much as the default of `maxOutputLength` lets through. */
const allowed = 63 * mebibyte;
const zeros = new Uint8Array(mebibyte);
const nothing = new Uint8Array();

/** A gibibyte of zeros in each compression. */
export const gibibytes: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  gzip: async () => repeated(gzipSync(zeros), 1_024),
  zip: async () => joined(deflateSync(new Uint8Array()).subarray(0, 2), await gibibytes['deflate']!(), checksumOfZeros),
  deflate: async () => {
    const block = deflateRawSync(zeros, { finishFlush: constants.Z_FULL_FLUSH });
    return joined(repeated(block, 1_024), deflateRawSync(new Uint8Array()));
  },
  // The first mebibyte as brotli writes it, what it writes for each that follows, and an end.
  brotli: async () =>
    joined(hex('abffff074002201e0b24f7fec100'), repeated(hex('faff7f002400e2b00074ef1f0c'), 1_023), hex('03')),
  bz2: async () => repeated(await bytesAsTheyAre('bz2', { level: 9 }).serialize(new Uint8Array(8 * mebibyte)), 128),
  zstd: async () => {
    const block = (isLast: boolean): Uint8Array => {
      const header = ((128 * 1024) << 3) | (1 << 1) | Number(isLast);
      return new Uint8Array([header & 0xff, (header >> 8) & 0xff, header >> 16, 0]);
    };
    return joined(new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), repeated(block(false), 8_191), block(true));
  },
};

/** Adler-32 of 2^30 zeros, which end a stream of zlib. */
const checksumOfZeros = new Uint8Array([(2 ** 30 % 65_521) >> 8, (2 ** 30 % 65_521) & 0xff, 0, 1]);

/** Bombs whose unfolding never ends, or ends in very much, by what unfolds them. */
async function unfoldingBombs(compressions: readonly Encoding[]): Promise<readonly Bomb[]> {
  const simple = await Promise.all(
    compressions.map(async (encoding): Promise<Bomb> => {
      const bytes = await gibibytes[encoding]!();
      const name = `a gibibyte of zeros in ${encoding}`;
      return { name, format: 'json', encodings: [encoding], bytes, outcome: 'OutputTooLargeError' };
    }),
  );
  const nested = simple.flatMap((bomb) =>
    (['gzip', 'hex'] as const).map(async (outer): Promise<Bomb> => {
      const bytes = await bytesAsTheyAre(outer).serialize(bomb.bytes);
      return { ...bomb, name: `${bomb.name} in ${outer}`, encodings: [...bomb.encodings, outer], bytes };
    }),
  );
  return [...simple, ...(await Promise.all(nested))];
}

/** Values of as many bytes as are allowed, in each format, by gzip: very deep, very many, very long. */
function values(): readonly (readonly [name: string, format: Bomb['format'], bytes: Uint8Array])[] {
  const json = (before: string, piece: string, after: string): Uint8Array =>
    around(text(`{"created":1,"updateAfter":2,"expiresAfter":3,"value":${before}`), text(piece), text(`${after}}`));
  const msgpack = (before: string, piece: string): Uint8Array => {
    const start = joined(hex('d4 72 40 94'), ...['created', 'updateAfter', 'expiresAfter', 'value'].map(shortText));
    return around(joined(start, hex('01 02 03'), hex(before)), hex(piece), nothing);
  };
  const v8 = (before: string, piece: string, after = ''): Uint8Array => {
    const property = (name: string): Uint8Array => joined(new Uint8Array([0x22, name.length]), text(name));
    const moments = ['created', 'updateAfter', 'expiresAfter'].map((name) => joined(property(name), hex('49 02')));
    return around(joined(hex('ff0f 6f'), ...moments, property('value'), hex(before)), hex(piece), hex(after));
  };
  return [
    ['arrays within arrays', 'json', json('', '[', '')],
    ['objects within objects', 'json', json('', '{"a":', '')],
    ['empty objects', 'json', json('[', '{},', '0]')],
    ['empty arrays', 'json', json('[', '[],', '0]')],
    ['numbers', 'json', json('[', '0,', '0]')],
    ['fractions', 'json', json('[null,', '0.5,', '0]')],
    ['short texts', 'json', json('[', '"a",', '0]')],
    ['a name again and again', 'json', json('{', '"a":0,', '"a":0}')],
    ['numbers as names', 'json', around(text('{'), manyNames(), text('"a":0}'))],
    ['an array instead of an entry', 'json', around(text('['), text('0,'), text('0]'))],
    ['one long text', 'json', json('"', 'a', '"')],
    ['one long wide text', 'json', json('"', '漢', '"')],
    ['one long text of escapes', 'json', json('"', '\\n', '"')],
    ['one long number', 'json', json('', '9', '')],
    ['one long fraction', 'json', json('0.', '1', '')],
    ['blanks', 'json', json('', ' ', '0')],
    [
      'causes of causes',
      'json',
      around(text('{"created":1,"error":'), text('{"name":"","message":"","cause":{"error":'), text('')),
    ],
    ['arrays within arrays', 'msgpack', msgpack('', '91')],
    ['maps within maps', 'msgpack', msgpack('', '81 01')],
    ['sets within sets', 'msgpack', msgpack('', 'd4 73 00 91')],
    ['empty maps', 'msgpack', msgpack('dd 03f00000', '80')],
    ['empty arrays', 'msgpack', msgpack('dd 03f00000', '90')],
    ['empty sets', 'msgpack', msgpack('dd 00f00000', 'd4 73 00 90')],
    ['errors', 'msgpack', msgpack('dd 00800000', 'd4 65 00 93 a0 a0 c0')],
    ['records', 'msgpack', msgpack('dd 00300000', 'd4 72 41 91 a1 61 00')],
    ['records that are compiled', 'msgpack', msgpack('dd 00300000', 'd4 72 41 91 a1 61 00 41 00 41 00 41 00 41 00')],
    ['nulls', 'msgpack', msgpack('dd 03f00000', 'c0')],
    ['a record without names', 'msgpack', around(hex('d4 72 40 dd 03f00000'), hex('a0'), nothing)],
    ['one long text', 'msgpack', msgpack('db 03f00000', '61')],
    ['one long bigint', 'msgpack', msgpack('c9 03f00000 42', '5a')],
    ['one long list of bytes', 'msgpack', msgpack('c6 03f00000', '00')],
    ['a list of bytes instead of an entry', 'msgpack', around(hex('c6 03f00000'), hex('00'), nothing)],
    ['arrays within arrays', 'v8', v8('', '41 01')],
    ['objects within objects', 'v8', v8('', '6f 22 01 61')],
    ['maps within maps', 'v8', v8('', '3b')],
    ['errors within errors', 'v8', v8('', '72 63')],
    ['empty maps', 'v8', v8('27', '3b 3a 00')],
    ['empty objects', 'v8', v8('27', '6f 7b 00')],
    ['errors', 'v8', v8('27', '72 2e')],
    ['numbers', 'v8', v8('41 80808010', '49 02')],
    ['padding', 'v8', v8('', '00')],
    ['one long text', 'v8', v8('22 8080c01f', '61', '7b 04')],
    ['one long bigint', 'v8', v8('5a 8080803f', '5a', '7b 04')],
    ['a list of bytes instead of an entry', 'v8', around(hex('ff0f 5c 0a 8080c01f'), hex('00'), nothing)],
  ];
}

/** Each so many bytes, and nothing behind them. */
const promises: readonly (readonly [name: string, format: Bomb['format'], hex: string])[] = [
  ['an array of 2^32 - 1', 'msgpack', 'dd ffffffff'],
  ['arrays of 2^32 - 1 within one another', 'msgpack', 'dd ffffffff'.repeat(1_000)],
  ['a map of 2^32 - 1', 'msgpack', 'df ffffffff'],
  ['a text of 2^32 - 1', 'msgpack', 'db ffffffff'],
  ['bytes, 2^32 - 1 of them', 'msgpack', 'c6 ffffffff'],
  ['a bigint of 2^32 - 1', 'msgpack', 'c9 ffffffff 42 5a'],
  ['a typed array of 2^32 - 1', 'msgpack', 'c9 ffffffff 74 08'],
  ['a set of 2^32 - 1', 'msgpack', 'd4 73 00 dd ffffffff'],
  ['a record of 2^32 - 1', 'msgpack', 'd4 72 40 dd ffffffff a1 61'],
  ['an array of 2^32 - 1', 'v8', 'ff0f 41 ffffffff0f'],
  ['a sparse array of 2^32 - 1', 'v8', 'ff0f 61 ffffffff0f 40 00 ffffffff0f'],
  ['sparse arrays of 2^25 - 1', 'v8', `ff0f 41 40 ${'61 ffffff0f 40 00 ffffff0f'.repeat(64)} 24 00 40`],
  ['arrays within one another, each as long as all', 'v8', `ff0f ${'41 ff7f'.repeat(1_000)} ${'5f'.repeat(16_384)}`],
  ['a text of 2^32 - 1', 'v8', 'ff0f 22 ffffffff0f'],
  ['a wide text of 2^32 - 1', 'v8', 'ff0f 63 ffffffff0f'],
  ['a bigint of 2^30 bytes', 'v8', 'ff0f 5a feffffff07'],
  ['an ArrayBuffer of 2^32 - 1', 'v8', 'ff0f 42 ffffffff0f'],
  ['an ArrayBuffer that grows to 2^32 - 1', 'v8', 'ff0f 7e 00 ffffffff0f'],
  ['a view of 2^32 - 1', 'v8', 'ff0f 5c 0a ffffffff0f'],
];

/** Frames that say how much they unfold to, or how much must be remembered to unfold them. */
const frames: readonly (readonly [name: string, encoding: Encoding, hex: string])[] = [
  ['a content of 2^64 - 1', 'zstd', '28b52ffd e0 ffffffffffffffff 01 00 00'],
  ['a window of 3.75 TB', 'zstd', '28b52ffd 00 ff 01 00 00'],
  ['a window of 2 GB', 'zstd', '28b52ffd 00 a8 03 ffff 00'],
  ['a large window', 'brotli', '11 3e ffffffff'],
  ['blocks of level 9 without end', 'bz2', `42 5a 68 39 ${'314159265359 00000000 00 000000'.repeat(100)}`],
  ['members without end', 'gzip', '1f8b0800000000000003 0300 00000000 00000000'.repeat(100_000)],
];

/** Every bomb, for the compressions that are there. */
export async function allBombs(compressions: readonly Encoding[]): Promise<readonly Bomb[]> {
  return [
    ...(await unfoldingBombs(compressions)),
    ...values().map(([name, format, bytes]): Bomb => {
      const outcome = name.startsWith('one long') || name === 'blanks' ? 'read' : 'UnreadableBytesError';
      return { name: `${name} in ${format}+gzip`, format, encodings: ['gzip'], bytes, outcome };
    }),
    ...promises.map(([name, format, digits]): Bomb => {
      return {
        name: `${name} in ${format}`,
        format,
        encodings: [],
        bytes: hex(digits),
        outcome: 'UnreadableBytesError',
      };
    }),
    ...frames
      .filter(([, encoding]) => compressions.includes(encoding))
      .map(([name, encoding, digits]): Bomb => {
        const bytes = hex(digits);
        return {
          name: `${name} in ${encoding}`,
          format: 'json',
          encodings: [encoding],
          bytes,
          outcome: 'UnreadableBytesError',
        };
      }),
  ];
}

/** As many names, all different, as are allowed. */
function manyNames(): Uint8Array {
  return text(Array.from({ length: 60_000 }, (_, index) => `"${index * 7_919}":0,`).join(''));
}

/** A piece as often as is allowed between two others, by gzip; its members give their contents one after the other. */
function around(before: Uint8Array, piece: Uint8Array, after: Uint8Array): Uint8Array {
  const times = Math.floor(allowed / 64 / piece.length);
  return joined(gzipSync(before), repeated(gzipSync(repeated(piece, times)), 64), gzipSync(after));
}

function repeated(piece: Uint8Array, times: number): Uint8Array {
  const result = new Uint8Array(piece.length * times);
  result.set(piece);
  for (let end = piece.length; end < result.length; end *= 2) result.copyWithin(end, 0, end);
  return result;
}

function shortText(ascii: string): Uint8Array {
  return joined(new Uint8Array([0xa0 + ascii.length]), text(ascii));
}

function text(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}

function hex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
}
