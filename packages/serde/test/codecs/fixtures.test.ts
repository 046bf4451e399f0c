import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { brotli } from '../../src/codecs/brotli.js';
import type { Codec } from '../../src/codecs/codec.js';
import { deflateCodec, type DeflateFormat } from '../../src/codecs/deflate-codec.js';
import { UnreadableBytesError } from '../../src/index.js';
import { originals } from '../fixtures/originals.js';
import { failureOf, isSame, usualSettings } from '../support/compression-suite.js';
import { zstdWays } from '../support/zstd-ways.js';

/** Streams that are not read, and what is said about them. */
const refused: Readonly<Record<string, RegExp>> = {
  'lines.large-window.br': /^The bytes cannot be read as brotli: Decompression failed\.$/,
  'lines.dictionary.zip': /^The bytes cannot be read as zip: (?:Missing|need) dictionary\.$/,
  'lines.dictionary.zst': /^The bytes cannot be read as zstd: a frame needs the dictionary \d+\.$/,
  'lines.raw-dictionary.zst': /^The bytes cannot be read as zstd: /,
  'lines.too-long-window.zst':
    /^The bytes cannot be read as zstd: a frame asks for a window of 2147483648 bytes, more than 134217728\.$/,
};

interface Reading {
  readonly folder: string;
  readonly extension: string;
  readonly way: string;
  readonly codec: () => Codec;
}

const settings = { ...usualSettings, level: 1 };
const readings: readonly Reading[] = [
  ...(['zip', 'gzip', 'deflate'] as const).flatMap((format) => deflateReadings(format)),
  ...['at once', 'on another thread'].map((way) => ({
    folder: 'brotli',
    extension: 'br',
    way,
    codec: () => brotli({ ...settings, asyncAbove: way === 'at once' ? 1_000_000 : 0 }),
  })),
  ...zstdWays.map(({ name, codecOf }) => ({ folder: 'zstd', extension: 'zst', way: name, codec: () => codecOf() })),
];

function deflateReadings(format: DeflateFormat): readonly Reading[] {
  const inFolder = { folder: 'deflate', extension: format };
  return [
    { ...inFolder, way: 'at once', codec: () => deflateCodec(format, { ...settings, asyncAbove: 1_000_000 }) },
    { ...inFolder, way: 'on another thread', codec: () => deflateCodec(format, { ...settings, asyncAbove: 0 }) },
    { ...inFolder, way: 'portably', codec: () => withoutZlib(() => deflateCodec(format, settings)) },
  ];
}

function withoutZlib<T>(work: () => T): T {
  vi.stubGlobal('process', undefined);
  try {
    return work();
  } finally {
    vi.unstubAllGlobals();
  }
}

const place = new URL('../fixtures/', import.meta.url);

describe.each(readings)('streams of other programs: $extension, $way', ({ folder, extension, codec }) => {
  const files = readdirSync(new URL(folder, place)).filter((name) => name.endsWith(`.${extension}`));

  it('are there', () => {
    expect(files.length).toBeGreaterThan(3);
  });

  it.each(files)('%s', async (file) => {
    const stream = readFileSync(new URL(`${folder}/${file}`, place));
    const wrong = refused[file];
    if (wrong === undefined) {
      expect(isSame(await codec().decode(stream), originals[file.split('.')[0]!]!)).toBe(true);
    } else {
      const error = await failureOf(() => codec().decode(stream));
      expect(error).toBeInstanceOf(UnreadableBytesError);
      expect((error as Error).message).toMatch(wrong);
    }
  });
});
