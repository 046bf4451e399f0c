import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

/** What a page or a worker has of the web platform, and nothing of Node. */
const platform = { TextEncoder, TextDecoder, crypto };

const program = `
  import { EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe, packEntry, unpackEntry } from './index.js';
  const entry = { value: { date: new Date(5), bytes: new Uint8Array([1, 2]) }, created: 1, updateAfter: 2, expiresAfter: 3 };
  const restored = [];
  for (const encoding of ['zip', 'gzip', 'deflate', 'bz2', 'base64', 'hex']) {
    const serde = new EncodingSerDe(new MsgpackSerDe(), encoding);
    restored.push(unpackEntry('key', packEntry('key', entry, serde), serde).value);
  }
  globalThis.restored = JSON.stringify(restored);
  globalThis.written = new EncodingSerDe(new JsonSerDe(), 'gzip').serialize({ ...entry, value: 'text' });
  const made = [() => new PickleSerDe(), ...['brotli', 'zstd'].map((name) => () => new EncodingSerDe(new JsonSerDe(), name))];
  globalThis.refused = JSON.stringify(made.map((make) => {
    try { return make().format; } catch (error) { return error.message; }
  }));
`;

describe('a bundle of the package', () => {
  it('runs where there is nothing of Node', async () => {
    const resolveDir = fileURLToPath(new URL('../src', import.meta.url));
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir, loader: 'ts' },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      // The place of the bundle is asked for only where there is node:module.
      logOverride: { 'empty-import-meta': 'silent' },
    });
    const context = createContext({ ...platform }) as Record<'restored' | 'refused', string> & { written: Uint8Array };
    expect(runInContext('[typeof process, typeof Buffer, typeof require].join()', context)).toBe(
      'undefined,undefined,undefined',
    );
    runInContext(outputFiles[0]!.text, context);
    const value = { date: '1970-01-01T00:00:00.005Z', bytes: { 0: 1, 1: 2 } };
    expect(JSON.parse(context.restored)).toStrictEqual([value, value, value, value, value, value]);
    expect(JSON.parse(gunzipSync(context.written).toString())).toMatchObject({ value: 'text' });
    expect(JSON.parse(context.refused)).toStrictEqual([
      "PickleSerDe needs node:v8 with V8's structured clone, which this runtime does not have. " +
        'Use MsgpackSerDe, which runs anywhere.',
      "EncodingSerDe with 'brotli' needs node:zlib with Brotli, which this runtime does not have. " +
        "Use 'gzip', which runs anywhere, or a Codec of your own.",
      "EncodingSerDe with 'zstd' needs Zstandard in node:zlib (Node 22.15 or later) or the package " +
        "@bokuweb/zstd-wasm, which this runtime does not have. Use 'gzip', which runs anywhere, or a Codec of your own.",
    ]);
  });
});
