import * as zlib from 'node:zlib';
import { vi } from 'vitest';
import type { Codec, CodecSettings } from '../../src/codecs/codec.js';
import { zstd } from '../../src/codecs/zstd.js';
import { usualSettings, type CompressionWay } from './compression-suite.js';

const settings = { ...usualSettings, level: 3 };

const byNode: readonly CompressionWay[] = [
  { name: 'by node:zlib at once', codecOf: (changes) => zstd({ ...settings, asyncAbove: 100_000_000, ...changes }) },
  { name: 'by node:zlib on another thread', codecOf: (changes) => zstd({ ...settings, asyncAbove: 0, ...changes }) },
];

/** The ways to Zstandard that there are in this runtime. What Node 22 has is also tested in `zstd-in-node.test.ts`. */
export const zstdWays: readonly CompressionWay[] = [
  { name: 'by the package', codecOf: zstdByPackage },
  ...('zstdCompress' in zlib ? byNode : []),
];

/** A codec made where `node:zlib` has no Zstandard. */
export function zstdByPackage(changes: Partial<CodecSettings> = {}): Codec {
  return withModules({ 'node:zlib': {} }, () => zstd({ ...settings, ...changes }));
}

/** Does something where modules that are built in are others. */
export function withModules<T>(modules: Readonly<Record<string, unknown>>, work: () => T): T {
  const original = process.getBuiltinModule.bind(process) as (name: string) => unknown;
  const spy = vi.spyOn(process, 'getBuiltinModule');
  spy.mockImplementation(((name: string) => (name in modules ? modules[name] : original(name))) as never);
  try {
    return work();
  } finally {
    spy.mockRestore();
  }
}
