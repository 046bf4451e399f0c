import { Dice } from './dice.js';
import type { Combination } from './combinations.js';

/** Bytes that nothing of this package has written for whoever reads them, by name. */
export function foreignPayloads(combinations: readonly Combination[]): readonly (readonly [string, Uint8Array])[] {
  const dice = new Dice(1, 0);
  return [
    ['nothing', new Uint8Array()],
    ...Array.from({ length: 256 }, (_, byte) => [`the byte ${byte}`, new Uint8Array([byte])] as const),
    ...Array.from({ length: 256 }, (_, byte) => [`${byte} for ever`, new Uint8Array(1_000).fill(byte)] as const),
    ...Array.from({ length: 200 }, (_, index) => [`noise ${index}`, dice.noise(400)] as const),
    ...Object.entries(beginnings).map(([name, hex]) => [name, new Uint8Array(Buffer.from(hex, 'hex'))] as const),
    ...Object.entries(texts).map(([name, text]) => [name, new TextEncoder().encode(text)] as const),
    ...combinations.flatMap(({ name, originals }) =>
      originals.map(({ bytes }, index) => [`${name}, entry ${index}`, bytes] as const),
    ),
  ];
}

const beginnings = {
  gzip: '1f8b0800000000000003',
  zlib: '789c',
  bzip2: '425a68393141592653590000000000000000',
  'empty bzip2': '425a683917724538509000000000',
  zstd: '28b52ffd',
  'skippable zstd': '502a4d1804000000deadbeef',
  brotli: '1b00',
  xz: 'fd377a585a00',
  lz4: '04224d18',
  zip: '504b0304',
  png: '89504e470d0a1a0a',
  pdf: '255044462d312e37',
  pickle: '80049500000000',
  java: 'aced0005',
  'structured clone': 'ff0f6f7b00',
  cbor: 'd9d9f7a0',
  'an envelope': 'a76d01',
  'an envelope of zeros': `a76d01${'00'.repeat(93)}`,
} as const;

const texts = {
  'a word': 'hello',
  'an empty object': '{}',
  null: 'null',
  'a number': '42',
  'a page': '<!doctype html><title>502 Bad Gateway</title>',
  'an answer of a server': '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n',
  'an entry of another library': '{"v":{"data":1},"meta":{"ttl":60,"created":1700000000}}',
  'a polluting entry': '{"created":1,"updateAfter":2,"expiresAfter":3,"__proto__":{"polluted":true}}',
  'a polluting value': '{"created":1,"updateAfter":2,"expiresAfter":3,"value":{"__proto__":{"polluted":true}}}',
  'a constructor': '{"created":1,"updateAfter":2,"expiresAfter":3,"constructor":{"prototype":{"polluted":true}}}',
  'a byte order mark': '\ufeff{"created":1,"updateAfter":2,"expiresAfter":3}',
  'base64 of it': 'e30=',
  'hexadecimal digits': '7b7d',
} as const;
