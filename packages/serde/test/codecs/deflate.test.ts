import { lacks } from '@memo/test-servers';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Codec, CodecSettings } from '../../src/codecs/codec.js';
import { deflateCodec, type DeflateFormat } from '../../src/codecs/deflate-codec.js';
import { deflate } from '../../src/codecs/deflate.js';
import { gzip } from '../../src/codecs/gzip.js';
import { zip } from '../../src/codecs/zip.js';
import { OutputTooLargeError, UnreadableBytesError } from '../../src/index.js';

const settings: CodecSettings = { level: -1, maxOutputLength: 10_000_000, asyncAbove: 16_384 };
const formats: readonly DeflateFormat[] = ['zip', 'gzip', 'deflate'];
const small = new TextEncoder().encode('to be or not to be '.repeat(50));
const large = new TextEncoder().encode(Array.from({ length: 100_000 }, (_, index) => `line ${index ** 3}`).join('\n'));

/** A codec made where there is no `node:zlib`. */
function portable(format: DeflateFormat, changes: Partial<CodecSettings> = {}): Codec {
  vi.stubGlobal('process', undefined);
  try {
    return deflateCodec(format, { ...settings, ...changes });
  } finally {
    vi.unstubAllGlobals();
  }
}

/** Every way to decode: at once, on another thread, without `node:zlib`. */
const ways: readonly (readonly [string, (format: DeflateFormat, changes?: Partial<CodecSettings>) => Codec])[] = [
  ['at once', (format, changes) => deflateCodec(format, { ...settings, asyncAbove: 1_000_000, ...changes })],
  ['on another thread', (format, changes) => deflateCodec(format, { ...settings, asyncAbove: 0, ...changes })],
  ['portably', portable],
];

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

async function failureOf(attempt: () => unknown): Promise<unknown> {
  try {
    await attempt();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('where the work is done', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(formats)('%s: small values at once, large ones asynchronously', async (format) => {
    const codec = deflateCodec(format, settings);
    const encoded = codec.encode(small);
    expect(encoded).toBeInstanceOf(Uint8Array);
    expect(codec.decode(encoded as Uint8Array)).toStrictEqual(small);
    const later = codec.encode(large);
    expect(later).toBeInstanceOf(Promise);
    const decoded = codec.decode(await later);
    expect(decoded).toBeInstanceOf(Promise);
    expect(Buffer.compare(await decoded, large)).toBe(0);
  });

  it('what unfolds to much leaves the event loop', async () => {
    const codec = deflateCodec('gzip', settings);
    const zeros = zlib.gzipSync(new Uint8Array(5_000_000));
    expect(zeros.length).toBeLessThan(settings.asyncAbove);
    const decoded = codec.decode(zeros);
    expect(decoded).toBeInstanceOf(Promise);
    expect((await decoded).length).toBe(5_000_000);
  });

  it('without node:zlib at once, whatever the size: by pako', async () => {
    const found = vi.spyOn(process, 'getBuiltinModule');
    const withZlib = deflateCodec('zip', settings);
    expect(found.mock.calls).toStrictEqual([['node:zlib']]);
    expect(withZlib.encode(large)).toBeInstanceOf(Promise);
    const withoutZlib = portable('zip');
    const encoded = withoutZlib.encode(large) as Uint8Array;
    expect(encoded).toBeInstanceOf(Uint8Array);
    expect(Buffer.compare(withoutZlib.decode(encoded) as Uint8Array, large)).toBe(0);
  });

  it('gives plain Uint8Arrays', async () => {
    for (const [, codecOf] of ways) {
      const codec = codecOf('gzip');
      const encoded = await codec.encode(small);
      expect(Object.getPrototypeOf(encoded)).toBe(Uint8Array.prototype);
      expect(Object.getPrototypeOf(await codec.decode(encoded))).toBe(Uint8Array.prototype);
    }
  });
});

describe('levels', () => {
  it.each(ways)('%s: 0 stores, 9 tries hard', async (_name, codecOf) => {
    const [stored, best] = [
      await codecOf('zip', { level: 0 }).encode(large),
      await codecOf('zip', { level: 9 }).encode(large),
    ];
    expect(stored.length).toBeGreaterThan(large.length);
    expect(best.length).toBeLessThan(large.length / 2);
  });
});

describe.each(ways)('streams, %s,', (_name, codecOf) => {
  const decoders = {
    zip: promisify(zlib.inflate),
    gzip: promisify(zlib.gunzip),
    deflate: promisify<Uint8Array, Buffer>(zlib.inflateRaw),
  };
  const encoders = { zip: zlib.deflateSync, gzip: zlib.gzipSync, deflate: zlib.deflateRawSync };

  it.each(formats)('are read by zlib, and read what zlib writes: %s', async (format) => {
    for (const data of [new Uint8Array(), small, large]) {
      const codec = codecOf(format);
      expect(Buffer.compare(await decoders[format](await codec.encode(data)), data)).toBe(0);
      expect(Buffer.compare(await codec.decode(encoders[format](data)), data)).toBe(0);
    }
  });

  it.skipIf(lacks('gzip'))('are read by the program gzip, and read what it writes', async () => {
    const codec = codecOf('gzip');
    const decoded = spawnSync('gzip', ['-dc'], { input: await codec.encode(large), maxBuffer: 1e8 });
    expect([decoded.status, decoded.stderr.toString()]).toStrictEqual([0, '']);
    expect(Buffer.compare(decoded.stdout, large)).toBe(0);
    // With a name in its header, which only files have.
    const folder = mkdtempSync(join(tmpdir(), 'memo-serde-'));
    try {
      writeFileSync(join(folder, 'lines.txt'), large);
      expect(spawnSync('gzip', ['-9', join(folder, 'lines.txt')]).status).toBe(0);
      expect(Buffer.compare(await codec.decode(readFileSync(join(folder, 'lines.txt.gz'))), large)).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(lacks('python3'))('are read by Python, and read what it writes', async () => {
    const codec = codecOf('zip');
    const python = (code: string, input: Uint8Array): Buffer =>
      spawnSync(
        'python3',
        ['-c', `import sys, codecs; sys.stdout.buffer.write(codecs.${code}(sys.stdin.buffer.read(), 'zip'))`],
        {
          input,
          maxBuffer: 1e8,
        },
      ).stdout;
    expect(Buffer.compare(python('decode', await codec.encode(large)), large)).toBe(0);
    expect(Buffer.compare(await codec.decode(python('encode', large)), large)).toBe(0);
  });

  it('may be several members of a gzip file', async () => {
    const twice = joined(zlib.gzipSync(small), zlib.gzipSync(small));
    expect(await codecOf('gzip').decode(twice)).toStrictEqual(joined(small, small));
  });

  it.each(formats)('are refused when anything else follows: %s', async (format) => {
    const codec = codecOf(format);
    const encoded = await codec.encode(small);
    const followers = [[0], [0, 0, 0, 0], [0x1f], [0x1f, 0x8b], [0x78, 0x9c], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]];
    for (const follower of followers) {
      const error = await failureOf(() => codec.decode(joined(encoded, new Uint8Array(follower))));
      expect([follower, error instanceof UnreadableBytesError]).toStrictEqual([follower, true]);
    }
    if (format === 'gzip') return;
    const error = await failureOf(() => codec.decode(joined(encoded, encoded)));
    expect((error as Error).message).toBe(
      `The bytes cannot be read as ${format}: ${encoded.length} bytes follow after its end.`,
    );
  });

  it.each(formats)('are refused when they were cut, wherever it was: %s', async (format) => {
    const codec = codecOf(format);
    const encoded = await codec.encode(small);
    for (let length = 0; length < encoded.length; length++) {
      const error = await failureOf(() => codec.decode(encoded.subarray(0, length)));
      expect([length, error instanceof UnreadableBytesError && error.reason]).toStrictEqual([length, 'length']);
    }
    const error = await failureOf(() => codec.decode(encoded.subarray(0, -1)));
    expect((error as Error).message).toBe(`The bytes cannot be read as ${format}: they end too early.`);
  });

  it('are refused in another format', async () => {
    for (const [written, read] of [
      ['gzip', 'zip'],
      ['zip', 'gzip'],
      ['deflate', 'gzip'],
    ] as const) {
      const error = await failureOf(() => codecOf(read).decode(encoders[written](small)));
      expect(error).toBeInstanceOf(UnreadableBytesError);
      expect((error as Error).message).toBe(`The bytes cannot be read as ${read}: incorrect header check.`);
    }
  });

  it.each(formats)('give as much as is allowed and no more: %s', async (format) => {
    const encoded = encoders[format](small);
    expect(await codecOf(format, { maxOutputLength: small.length }).decode(encoded)).toStrictEqual(small);
    const error = await failureOf(() => codecOf(format, { maxOutputLength: small.length - 1 }).decode(encoded));
    expect(error).toBeInstanceOf(OutputTooLargeError);
    expect((error as Error).message).toBe(
      `The bytes cannot be read as ${format}: decoded they are more than ${small.length - 1} bytes, ` +
        "the option 'maxOutputLength' of EncodingSerDe.",
    );
  });

  it('stop early where a bomb goes off', async () => {
    const member = zlib.gzipSync(new Uint8Array(50_000_000));
    const bomb = joined(...Array.from({ length: 20 }, () => member));
    const codec = codecOf('gzip', { maxOutputLength: 1_000_000 });
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 1);
    const error = await failureOf(() => codec.decode(bomb));
    clearInterval(watching);
    expect(error).toBeInstanceOf(OutputTooLargeError);
    expect(Math.max(most, process.memoryUsage().arrayBuffers) - before).toBeLessThan(50_000_000);
  });
});

describe('the formats', () => {
  it('go by their names', () => {
    expect([zip(settings).name, gzip(settings).name, deflate(settings).name]).toStrictEqual(formats);
  });
});
