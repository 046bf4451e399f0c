import { lacks } from '@memo/test-servers';
import { spawnSync } from 'node:child_process';
import { constants, brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { brotli } from '../../src/codecs/brotli.js';
import { EncodingSerDe, JsonSerDe, UnavailableSerDeError } from '../../src/index.js';
import { originals } from '../fixtures/originals.js';
import {
  compressionSuite,
  failureOf,
  isSame,
  small,
  usualSettings,
  type CompressionWay,
} from '../support/compression-suite.js';
import { thrownBy } from '../support/thrown-by.js';

const program = 'brotli';
const settings = { ...usualSettings, level: 4 };
const ways: readonly CompressionWay[] = [
  { name: 'at once', codecOf: (changes) => brotli({ ...settings, asyncAbove: 100_000_000, ...changes }) },
  { name: 'on another thread', codecOf: (changes) => brotli({ ...settings, asyncAbove: 0, ...changes }) },
];

function bomb(): Uint8Array {
  return brotliCompressSync(new Uint8Array(200_000_000), { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } });
}

compressionSuite('brotli', ways, bomb);

describe.each(ways)('brotli, $name,', ({ codecOf }) => {
  it.each(Object.entries(originals))('exchanges streams with node:zlib: %s', async (_name, data) => {
    expect(isSame(brotliDecompressSync(await codecOf().encode(data)), data)).toBe(true);
    expect(isSame(await codecOf().decode(brotliCompressSync(data.subarray(0, 1_000_000))), data.subarray(0, 1e6))).toBe(
      true,
    );
  });

  it.skipIf(lacks(program)).each(Object.entries(originals))(
    'exchanges streams with the program: %s',
    async (_name, data) => {
      const read = spawnSync(program, ['-dc'], { input: await codecOf().encode(data), maxBuffer: 1e9 });
      expect([read.status, read.stderr.toString(), isSame(read.stdout, data)]).toStrictEqual([0, '', true]);
      const written = spawnSync(program, ['-5', '-c'], { input: data, maxBuffer: 1e9 });
      expect([written.status, isSame(await codecOf().decode(written.stdout), data)]).toStrictEqual([0, true]);
    },
  );

  it('reads one stream and not two', async () => {
    const encoded = await codecOf().encode(small);
    const error = await failureOf(() => codecOf().decode(Buffer.concat([encoded, encoded])));
    expect((error as Error).message).toBe(
      `The bytes cannot be read as brotli: ${encoded.length} bytes follow after its end.`,
    );
  });

  it('refuses what begins with its unused byte', async () => {
    for (let second = 0; second < 256; second++) {
      const error = await failureOf(() => codecOf().decode(Uint8Array.of(0x11, second, 0, 0, 0)));
      expect([second, (error as Error).message]).toStrictEqual([
        second,
        'The bytes cannot be read as brotli: Decompression failed.',
      ]);
    }
  });
});

describe('brotli', () => {
  it('does small values at once and large ones later', async () => {
    const codec = brotli(settings);
    const encoded = codec.encode(small);
    expect(encoded).toBeInstanceOf(Uint8Array);
    expect(codec.decode(encoded as Uint8Array)).toStrictEqual(small);
    const later = codec.encode(originals['lines']!);
    expect(later).toBeInstanceOf(Promise);
    expect((await later).length).toBeLessThan(settings.asyncAbove);
    const unfolding = codec.decode(await later);
    expect(unfolding).toBeInstanceOf(Promise);
    expect(isSame(await unfolding, originals['lines']!)).toBe(true);
  });

  it('is of quality 4 unless told otherwise', async () => {
    const entry = { value: 'to be or not to be '.repeat(50), created: 1, updateAfter: 2, expiresAfter: 3 };
    const written = new EncodingSerDe(new JsonSerDe(), 'brotli').serialize(entry);
    expect(written).toStrictEqual(brotli(settings).encode(new JsonSerDe().serialize(entry)));
  });

  it('is refused where there is no node:zlib', () => {
    vi.stubGlobal('process', undefined);
    const error = thrownBy(() => new EncodingSerDe(new JsonSerDe(), 'brotli'));
    vi.unstubAllGlobals();
    expect(error).toBeInstanceOf(UnavailableSerDeError);
    expect((error as Error).message).toBe(
      "EncodingSerDe with 'brotli' needs node:zlib with Brotli, which this runtime does not have. " +
        "Use 'gzip', which runs anywhere, or a Codec of your own.",
    );
  });
});
