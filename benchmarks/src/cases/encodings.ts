import type { CacheEntry, SerDe } from '@memo/core';
import { EncodingSerDe, type Encoding } from '@memo/serde';
import * as zlib from 'node:zlib';
import { compareHere, type OneOfMany } from '../processes/side-by-side.js';
import type { Row } from '../reports/result.js';
import { randomNumbers } from '../workloads/random-numbers.js';
import type { Benchmark } from './benchmark.js';

interface Variant {
  readonly encoding: Encoding;
  /** The encoding's usual one if there is none here. */
  readonly level?: number;
}

const variants: readonly Variant[] = [
  { encoding: 'zip' },
  { encoding: 'gzip' },
  { encoding: 'gzip', level: 9 },
  { encoding: 'deflate' },
  { encoding: 'bz2' },
  { encoding: 'brotli' },
  { encoding: 'brotli', level: 6 },
  { encoding: 'zstd' },
  { encoding: 'base64' },
  { encoding: 'hex' },
];
const sizes = [
  { name: '200 B', bytes: 200 },
  { name: '2 KB', bytes: 2_000 },
  { name: '64 KB', bytes: 64_000 },
  { name: '1 MB', bytes: 1_000_000 },
] as const;
/** So much is encoded in each round, in one piece or many. */
const bytesOfRound = 200_000;
const entry: CacheEntry = { value: undefined, created: 0, updateAfter: 0, expiresAfter: 0 };

/** How small each encoding makes JSON of several sizes, and how fast both ways are. */
export const encodings: Benchmark = async ({ effort, progress }) => {
  const json = new TextEncoder().encode(jsonOf(1_000_000));
  const rows: Row[] = [];
  for (const { name, bytes } of sizes) {
    progress(`encodings, ${name}: rounds`);
    rows.push(...(await rowsOf(name, json.slice(0, bytes), effort.rounds)));
  }
  const title = 'Encodings';
  return {
    title,
    explanation:
      `JSON of users of an application, cut at each size, by each encoding, at its usual level unless another is named; ` +
      `KB and MB of 1000 and 1000000 bytes. One value after the other, each awaited; above 16 KiB zip, gzip, deflate, ` +
      `brotli and zstd by node:zlib go to another thread. Here zstd is done by ${zstdImplementation()}. All take turns, ` +
      `in one process, in ${effort.rounds} rounds, of which the fastest tenth counts.`,
    sections: [
      {
        name: 'encodings',
        title,
        columns: [
          { value: 'share', head: '% of the size', digits: 1 },
          { value: 'encode', head: 'encode /s', digits: 0 },
          { value: 'decode', head: 'decode /s', digits: 0 },
          { value: 'encodeMegabytes', head: 'encode MB/s', digits: 1 },
          { value: 'decodeMegabytes', head: 'decode MB/s', digits: 1 },
        ],
        rows,
      },
    ],
  };
};

async function rowsOf(size: string, data: Uint8Array, rounds: number): Promise<readonly Row[]> {
  const encoded = await Promise.all(variants.map(async (variant) => serdeOf(variant, data).serialize(entry)));
  const contenders = variants.flatMap((variant, index) => [
    encodingOf(variant, data),
    decodingOf(variant, encoded[index]!),
  ]);
  const operations = Math.max(1, Math.round(bytesOfRound / data.length));
  const measured = await compareHere(contenders, { rounds, operations });
  return variants.map((variant, index) => {
    const [encode, decode] = [measured[index * 2]!, measured[index * 2 + 1]!].map(({ p10 }) => threeDigits(1e9 / p10));
    const megabytes = (times = NaN): number => threeDigits((times * data.length) / 1e6);
    const share = (100 * encoded[index]!.length) / data.length;
    return {
      name: `${size}, ${nameOf(variant)}`,
      values: {
        ...{ share, encode: encode!, decode: decode! },
        ...{ encodeMegabytes: megabytes(encode), decodeMegabytes: megabytes(decode) },
      },
    };
  });
}

function encodingOf(variant: Variant, data: Uint8Array): OneOfMany {
  const serde = serdeOf(variant, data);
  return {
    name: `encode ${nameOf(variant)}`,
    run: async (count) => {
      for (let index = 0; index < count; index++) await serde.serialize(entry);
    },
  };
}

function decodingOf(variant: Variant, encoded: Uint8Array): OneOfMany {
  const serde = serdeOf(variant, new Uint8Array());
  return {
    name: `decode ${nameOf(variant)}`,
    run: async (count) => {
      for (let index = 0; index < count; index++) await serde.deserialize(encoded);
    },
  };
}

/** The encoding around a SerDe that takes no time: it writes the same all the time, and reads nothing. */
function serdeOf({ encoding, ...options }: Variant, data: Uint8Array): SerDe {
  return new EncodingSerDe({ serialize: () => data, deserialize: () => entry }, encoding, options);
}

function nameOf({ encoding, level }: Variant): string {
  return level === undefined ? encoding : `${encoding} at level ${level}`;
}

/** Users with names, dates, amounts and lists, which are the same each time. */
function jsonOf(length: number): string {
  const random = randomNumbers();
  const users: string[] = [];
  for (let size = 0; size < length; size += users.at(-1)?.length ?? 0) users.push(JSON.stringify(userOf(random)));
  return `[${users.join(',')}]`;
}

function userOf(random: () => number): unknown {
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const [first, last] = [oneOf(firstNames), oneOf(lastNames)];
  return {
    id: `usr_${Math.floor(random() * 2 ** 48).toString(36)}`,
    name: `${first} ${last}`,
    email: `${first}.${last}${Math.floor(random() * 100)}@example.org`.toLowerCase(),
    createdAt: new Date(1_600_000_000_000 + Math.floor(random() * 2e11)).toISOString(),
    active: random() < 0.8,
    balance: Math.round(random() * 1e6) / 100,
    roles: ['member', ...(random() < 0.2 ? ['editor'] : [])],
    orders: Array.from({ length: Math.floor(random() * 4) }, () => ({
      id: Math.floor(random() * 1e7),
      product: oneOf(products),
      quantity: 1 + Math.floor(random() * 5),
      price: Math.round(random() * 1e4) / 100,
      shippedAt: random() < 0.5 ? null : new Date(1_700_000_000_000 + Math.floor(random() * 1e11)).toISOString(),
    })),
  };
}

const firstNames = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Alan', 'Katherine', 'Donald', 'Radia', 'Tony', 'Frances'];
const lastNames = [
  'Lovelace',
  'Hopper',
  'Dijkstra',
  'Liskov',
  'Turing',
  'Johnson',
  'Knuth',
  'Perlman',
  'Hoare',
  'Allen',
];
const products = ['Notebook, ruled', 'Fountain pen', 'Ink, blue-black, 50 ml', 'Pencil HB', 'Eraser', 'Desk lamp'];

function zstdImplementation(): string {
  return 'zstdCompress' in zlib ? 'node:zlib' : '@bokuweb/zstd-wasm';
}

/** More digits than that are not what a measurement tells. */
function threeDigits(value: number): number {
  return Number(value.toPrecision(3));
}
