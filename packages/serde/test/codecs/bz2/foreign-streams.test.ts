import { lacks } from '@memo/test-servers';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { bz2 } from '../../../src/codecs/bz2/bz2.js';
import { bzip2Originals } from '../../fixtures/bz2/originals.js';
import { isSame, usualSettings } from '../../support/compression-suite.js';
import { seededRandom } from '../../support/seeded-random.js';

const settings = { ...usualSettings, level: 9 };
const place = new URL('../../fixtures/bz2/', import.meta.url);
const files = readdirSync(place).filter((name) => name.endsWith('.bz2'));
const ways = [
  ['at once', 100_000_000],
  ['in turns', 0],
] as const;

describe.each(ways)('streams of other programs, %s', { timeout: 30_000 }, (_way, asyncAbove) => {
  it.each(files)('%s', async (file) => {
    const stream = readFileSync(new URL(file, place));
    const data = await bz2({ ...settings, asyncAbove }).decode(stream);
    expect(isSame(data, bzip2Originals[file.split('.')[0]!]!)).toBe(true);
  });
});

describe('streams of other programs', { timeout: 30_000 }, () => {
  it('are there: of every level, several in one, nothing, long runs', () => {
    const levels = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((level) => `chapters.${level}.bz2`);
    expect(files).toEqual(expect.arrayContaining([...levels, 'chapters.several.bz2', 'empty.bz2', 'run.bz2']));
    expect(files.filter((file) => file.endsWith('.python.bz2')).length).toBeGreaterThan(5);
  });

  it.each(files.filter((file) => /^[a-z]+(\.\d)?\.bz2$/.test(file)))('are like ours: %s', async (file) => {
    const stream = readFileSync(new URL(file, place));
    const level = stream[3]! - 0x30;
    const ours = await bz2({ ...settings, level }).encode(bzip2Originals[file.split('.')[0]!]!);
    expect(ours.subarray(0, 4)).toStrictEqual(new Uint8Array(stream.subarray(0, 4)));
    expect(blocksOf(ours)).toBe(blocksOf(stream));
    // At most two in a hundred longer; in the shortest a few bits are more.
    expect(ours.length).toBeLessThanOrEqual(stream.length * 1.02 + 2);
  });
});

/** How often the mark of a block is there, from whichever bit on. */
function blocksOf(stream: Uint8Array): number {
  const bits = Array.from(stream, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.split((0x3141_5926_5359).toString(2).padStart(48, '0')).length - 1;
}

interface Program {
  readonly name: string;
  readonly compress: (data: Uint8Array, level: number) => Uint8Array;
  readonly decompress: (stream: Uint8Array) => Uint8Array;
}

function outputOf(name: string, options: readonly string[], input: Uint8Array): Uint8Array {
  const { status, stdout, stderr } = spawnSync(name, options, { input, maxBuffer: 1e9 });
  expect([status, stderr.toString()]).toStrictEqual([0, '']);
  return stdout;
}

function python(call: string, input: Uint8Array): Uint8Array {
  const program = `import bz2, sys; sys.stdout.buffer.write(bz2.${call})`;
  return outputOf('python3', ['-c', program], input);
}

const programs: readonly Program[] = [
  {
    name: 'bzip2',
    compress: (data, level) => outputOf('bzip2', [`-${level}`, '-c'], data),
    decompress: (stream) => outputOf('bzip2', ['-dc'], stream),
  },
  {
    name: 'python3',
    compress: (data, level) => python(`compress(sys.stdin.buffer.read(), ${level})`, data),
    decompress: (stream) => python('decompress(sys.stdin.buffer.read())', stream),
  },
];

const random = seededRandom(3);
const words = Array.from({ length: 5_000 }, () => Math.floor(random() * 36 ** 4).toString(36));
const large: Readonly<Record<string, () => Uint8Array>> = {
  'ten megabytes': () => {
    const text = Array.from({ length: 1_900_000 }, () => words[Math.floor(5_000 * random() ** 3)]).join(' ');
    return new TextEncoder().encode(text.padEnd(10_000_000)).subarray(0, 10_000_000);
  },
  'incompressible bytes': () => new Uint8Array(1_000_000).map(() => random() * 256),
};

describe.each(Object.entries(large))('%s', { timeout: 60_000 }, (_name, make) => {
  let data: Uint8Array;
  let ours: Uint8Array;

  beforeAll(async () => {
    data = make();
    ours = await bz2(settings).encode(data);
  }, 60_000);

  describe.each(programs)('and $name', ({ name, compress, decompress }) => {
    it.skipIf(lacks(name))('are written by us and read by it', () => {
      expect(isSame(decompress(ours), data)).toBe(true);
    });

    it.skipIf(lacks(name))('are written by it, no shorter, and read by us', async () => {
      const theirs = compress(data, 9);
      expect(isSame(await bz2(settings).decode(theirs), data)).toBe(true);
      expect(ours.length).toBeLessThanOrEqual(theirs.length * 1.02);
    });
  });
});

describe.each(programs)('streams of every level and $name', ({ name, compress, decompress }) => {
  const data = Object.values(bzip2Originals).filter(({ length }) => length < 1_000_000);

  it.skipIf(lacks(name)).each([1, 2, 3, 4, 5, 6, 7, 8, 9])('%i', { timeout: 30_000 }, async (level) => {
    const original = data[level % data.length]!;
    const codec = bz2({ ...settings, level });
    expect(isSame(decompress(await codec.encode(original)), original)).toBe(true);
    expect(isSame(await codec.decode(compress(original, level)), original)).toBe(true);
  });

  it.skipIf(lacks(name))('several of them in one', async () => {
    const parts = [bzip2Originals['every']!, bzip2Originals['empty']!, bzip2Originals['runs']!];
    const codec = bz2(settings);
    const ours = Buffer.concat(await Promise.all(parts.map(async (part) => codec.encode(part))));
    expect(isSame(decompress(ours), Buffer.concat(parts))).toBe(true);
    const theirs = Buffer.concat(parts.map((part) => compress(part, 3)));
    expect(isSame(await codec.decode(theirs), Buffer.concat(parts))).toBe(true);
  });
});
