import type * as zstdPackage from '@bokuweb/zstd-wasm';
import { lacks } from '@memo/test-servers';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { zstd } from '../../src/codecs/zstd.js';
import type * as serde from '../../src/index.js';
import { EncodingSerDe, JsonSerDe, OutputTooLargeError, UnavailableSerDeError } from '../../src/index.js';
import { originals } from '../fixtures/originals.js';
import { compressionSuite, failureOf, isSame, small, usualSettings } from '../support/compression-suite.js';
import { thrownBy } from '../support/thrown-by.js';
import { withModules, zstdByPackage, zstdWays } from '../support/zstd-ways.js';

const json = new JsonSerDe();
const settings = { ...usualSettings, level: 3 };
const require = createRequire(import.meta.url);

/** A frame made by hand (RFC 8878), of a window of `2 ** (10 + exponent)` bytes. */
function frame(exponent: number, ...blocks: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, exponent << 3, ...blocks.flat()]);
}

/** A block of one byte repeated. */
function repeated(length: number, isLast = false): readonly number[] {
  const header = (length << 3) | (1 << 1) | (isLast ? 1 : 0);
  return [header & 255, (header >> 8) & 255, header >> 16, 0x61];
}

/** A block of bytes as they are. */
function plain(text: string, isLast = true): readonly number[] {
  const header = (text.length << 3) | (isLast ? 1 : 0);
  return [header & 255, (header >> 8) & 255, header >> 16, ...new TextEncoder().encode(text)];
}

/** 1 GB of the same byte. */
function bomb(): Uint8Array {
  const blocks = Array.from({ length: 8_000 }, (_, index) => repeated(128 * 1024, index === 7_999));
  return frame(7, ...blocks);
}

compressionSuite('zstd', zstdWays, bomb);

describe.each(zstdWays)('zstd, $name,', ({ codecOf }) => {
  it.skipIf(lacks('zstd')).each(Object.entries(originals))(
    'exchanges streams with the program: %s',
    async (_name, data) => {
      const read = spawnSync('zstd', ['-dc'], { input: await codecOf().encode(data), maxBuffer: 1e9 });
      expect([read.status, read.stderr.toString(), isSame(read.stdout, data)]).toStrictEqual([0, '', true]);
      for (const options of [[], ['-19'], ['--long=27'], ['--no-check'], ['-B100000', '-T2']]) {
        const written = spawnSync('zstd', [...options, '-c'], { input: data, maxBuffer: 1e9 });
        expect([written.status, isSame(await codecOf().decode(written.stdout), data)]).toStrictEqual([0, true]);
      }
    },
  );

  it('reads several frames, and skips those to be skipped', async () => {
    const [first, second] = [await codecOf().encode(small), await codecOf().encode(originals['noise']!)];
    const skippable = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    const stream = Buffer.concat([
      Uint8Array.from(skippable),
      first,
      await codecOf().encode(new Uint8Array()),
      Uint8Array.from(skippable),
      second,
      Uint8Array.from(skippable),
    ]);
    expect(isSame(await codecOf().decode(stream), Buffer.concat([small, originals['noise']!]))).toBe(true);
    expect(await codecOf().decode(Uint8Array.from(skippable))).toStrictEqual(new Uint8Array());
  });

  it('bounds all frames together', async () => {
    const encoded = await codecOf().encode(small);
    const twice = Buffer.concat([encoded, encoded]);
    const unsized = frame(0, plain('x'.repeat(900)));
    for (const stream of [twice, Buffer.concat([encoded, unsized]), Buffer.concat([unsized, encoded])]) {
      const error = await failureOf(() => codecOf({ maxOutputLength: 1_500 }).decode(stream));
      expect(error).toBeInstanceOf(OutputTooLargeError);
      expect((error as Error).message).toContain('decoded they are more than 1500 bytes');
    }
    expect((await codecOf({ maxOutputLength: 1_900 }).decode(twice)).length).toBe(1_900);
  });

  it.each<[string, Uint8Array, string]>([
    ['a window of 2 GB', frame(21, plain('x')), 'a frame asks for a window of 2147483648 bytes, more than 134217728'],
    [
      'a content of 2^62 bytes',
      Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, ...plain('x')]),
      'a frame of at most 1 bytes says that it holds 4611686018427388000',
    ],
    [
      'a content of 128 MiB',
      Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 8, ...bomb().subarray(6)]),
      "decoded they are more than 67108864 bytes, the option 'maxOutputLength' of EncodingSerDe",
    ],
    [
      'more content than its blocks can have',
      Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 1, ...plain('x')]),
      'a frame of at most 1 bytes says that it holds 16777216',
    ],
    [
      'less content than its blocks have',
      Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x80, 0, 1, 0, 0, 0, ...plain('xyz')]),
      'damaged',
    ],
    ['a reserved bit', Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x08, 0, ...plain('x')]), 'reserves'],
    ['a reserved block', frame(0, [0x07, 0, 0]), 'a block uses what the format reserves'],
    [
      'a block larger than its window',
      frame(0, repeated(2_000, true)),
      'a block of 2000 bytes is larger than its window',
    ],
    [
      'a dictionary',
      Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x01, 0, 77, ...plain('x')]),
      'a frame needs the dictionary 77',
    ],
    [
      'more frames than anybody makes',
      Buffer.concat(Array.from({ length: 1_025 }, () => frame(0, plain('')))),
      'they are more than 1024 frames',
    ],
    ['another magic number', new TextEncoder().encode('(no encoding)'), 'no frame begins at 0'],
    ['something behind', Buffer.concat([frame(0, plain('x')), Uint8Array.of(0, 1, 2, 3)]), 'no frame begins at 10'],
    ['compressed nonsense', frame(0, [0x2d, 0, 0, 1, 2, 3, 4, 5]), 'its decoder fails'],
  ])('refuses %s', async (what, data, why) => {
    const error = await failureOf(() => codecOf().decode(data));
    expect(error).toMatchObject({ name: expect.stringMatching(/^(UnreadableBytes|OutputTooLarge)Error$/) as string });
    // What decoders say differs.
    if (/^(?:compressed|less)/.test(what)) return;
    expect((error as Error).message).toContain('The bytes cannot be read as zstd: ');
    expect((error as Error).message).toContain(why);
  });

  it('reads what is made by hand', async () => {
    const stream = frame(7, plain('to be', false), repeated(3, false), plain(' or not'));
    expect(new TextDecoder().decode(await codecOf().decode(stream))).toBe('to beaaa or not');
  });
});

describe('the ways to zstd', () => {
  it.each(zstdWays.flatMap((from) => zstdWays.map((to) => ({ from, to }))))(
    'read one another: $from.name, $to.name',
    async ({ from, to }) => {
      for (const data of Object.values(originals)) {
        for (const level of [1, 3, 19]) {
          const encoded = await from.codecOf({ level }).encode(data.subarray(0, 500_000));
          expect(isSame(await to.codecOf().decode(encoded), data.subarray(0, 500_000))).toBe(true);
        }
      }
    },
  );

  it('are chosen by what node:zlib has', async () => {
    const codec = zstd(settings);
    await codec.encode(small);
    const later = codec.encode(originals['lines']!);
    expect(later instanceof Promise).toBe('zstdCompress' in zlib);
    const decoded = codec.decode(await later);
    expect(decoded instanceof Promise).toBe('zstdCompress' in zlib);
    expect(isSame(await decoded, originals['lines']!)).toBe(true);
  });

  it('are of level 3 unless told otherwise', async () => {
    const entry = { value: 'to be or not to be '.repeat(50), created: 1, updateAfter: 2, expiresAfter: 3 };
    const written = await new EncodingSerDe(json, 'zstd').serialize(entry);
    expect(written).toStrictEqual(await zstd(settings).encode(json.serialize(entry)));
  });
});

describe('where there is no zstd', () => {
  const needs =
    "EncodingSerDe with 'zstd' needs Zstandard in node:zlib (Node 22.15 or later) or the package " +
    '@bokuweb/zstd-wasm, which this runtime does not have.';
  const cause = new Error('from the loader');
  const fails = (): never => {
    throw cause;
  };

  /** The package as it is where it has not been loaded yet. */
  async function freshly(): Promise<typeof serde> {
    vi.resetModules();
    return import('../../src/index.js');
  }

  /** Makes a SerDe where modules are found and loaded by `require`. */
  async function made(require: object): Promise<InstanceType<typeof EncodingSerDe>> {
    const { EncodingSerDe, JsonSerDe } = await freshly();
    const modules = { 'node:zlib': {}, 'node:module': { createRequire: () => require } };
    return withModules(modules, () => new EncodingSerDe(new JsonSerDe(), 'zstd'));
  }

  it('says at once that the package has to be installed', async () => {
    const error = await failureOf(() => made({ resolve: fails }));
    expect(UnavailableSerDeError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      message: `${needs} Install it (npm install @bokuweb/zstd-wasm), or use another encoding, such as 'gzip'.`,
      cause,
    });
  });

  it('says at once that the package cannot be loaded', async () => {
    const require = Object.assign(fails, { resolve: () => '/somewhere/zstd.js', cache: {} });
    const error = await failureOf(() => made(require));
    expect(error).toMatchObject({ message: `${needs} Install it again: it cannot be loaded.`, cause });
  });

  it('says with the first value that its WebAssembly cannot be loaded', async () => {
    const init = (): Promise<never> => Promise.reject(cause);
    const require = Object.assign(() => ({ init }), { resolve: () => '/somewhere/zstd.js', cache: {} });
    const serde = await made(require);
    const error = await failureOf(() => serde.serialize({ value: 1, created: 1, updateAfter: 2, expiresAfter: 3 }));
    expect(error).toMatchObject({ message: `${needs} Install it again: its WebAssembly cannot be loaded.`, cause });
  });

  it('names an encoding that runs anywhere, where there is nothing of Node', async () => {
    const { EncodingSerDe, JsonSerDe } = await freshly();
    vi.stubGlobal('process', undefined);
    const error = thrownBy(() => new EncodingSerDe(new JsonSerDe(), 'zstd'));
    vi.unstubAllGlobals();
    expect(error).toMatchObject({ message: `${needs} Use 'gzip', which runs anywhere, or a Codec of your own.` });
  });
});

describe('zstd by the package', () => {
  it('is there a moment later, then at once', async () => {
    await zstdByPackage().encode(small);
    const codec = zstdByPackage();
    const encoded = codec.encode(small);
    expect(encoded).toBeInstanceOf(Uint8Array);
    expect(codec.decode(encoded as Uint8Array)).toStrictEqual(small);
  });

  it('is a copy that nobody else has', async () => {
    const theirs = require('@bokuweb/zstd-wasm') as Pick<typeof zstdPackage, 'init' | 'compress' | 'decompress'>;
    await theirs.init();
    const encoded = await zstdByPackage().encode(small);
    expect(theirs.compress(small)).toStrictEqual(encoded);
    expect(theirs.decompress(encoded)).toStrictEqual(small);
    await theirs.init();
    // New memory under old functions: the reason for a copy.
    await expect.poll(() => isReadBy(theirs, encoded)).toBe(false);
    for (const data of [originals['noise']!, small]) {
      expect(await zstdByPackage().decode(await zstdByPackage().encode(data))).toStrictEqual(data);
    }
    expect(require('@bokuweb/zstd-wasm')).toBe(theirs);
  });

  it('has no room for more than 256 MiB', () => {
    expect(thrownBy(() => zstdByPackage({ maxOutputLength: 2 ** 28 + 1 }))).toMatchObject({
      message:
        "EncodingSerDe: option 'maxOutputLength' should be at most 268435456 where 'zstd' is done by " +
        '@bokuweb/zstd-wasm, got 268435457.',
    });
  });
});

function isReadBy({ compress, decompress }: Pick<typeof zstdPackage, 'compress' | 'decompress'>, encoded: Uint8Array) {
  try {
    compress(originals['noise']!);
    return isSame(decompress(encoded), small);
  } catch {
    return false;
  }
}
