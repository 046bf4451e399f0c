import { builtinModule } from '../builtin-module.js';
import type { Codec, CodecSettings } from './codec.js';
import { CompressionCodec } from './compression-codec.js';
import type { CompressionWays } from './compression.js';
import { pakoCompression } from './pako-compression.js';
import { zlibCompression, type ZlibFormat } from './zlib-compression.js';

/** What stands around a stream of DEFLATE (RFC 1951): zlib's frame (RFC 1950), gzip's (RFC 1952), nothing. */
export type DeflateFormat = 'zip' | 'gzip' | 'deflate';

const functions: Record<DeflateFormat, Pick<ZlibFormat, 'encoder' | 'decoder'>> = {
  zip: { encoder: 'deflate', decoder: 'inflate' },
  gzip: { encoder: 'gzip', decoder: 'gunzip' },
  deflate: { encoder: 'deflateRaw', decoder: 'inflateRaw' },
};

/**
 * A stream of zlib begins with its method, 8, in the lower half of a byte, one of gzip with 0x1f. In raw DEFLATE the three
 * lowest bits announce the first block, and blocks of the type 3 do not exist.
 */
const unusedFirstBytes: Record<DeflateFormat, number> = { zip: 0x00, gzip: 0x00, deflate: 0x07 };

/**
 * A codec of one format of DEFLATE: by `node:zlib` where there is one, else by pako. Members of a gzip file that follow one
 * another give their contents one after the other.
 */
export function deflateCodec(format: DeflateFormat, settings: CodecSettings): Codec {
  return new CompressionCodec(format, unusedFirstBytes[format], waysOf(format, settings.level), settings);
}

function waysOf(format: DeflateFormat, level: number): CompressionWays {
  const zlib = builtinModule('node:zlib');
  if (zlib !== undefined) return zlibCompression(zlib, { name: format, ...functions[format], encoding: { level } });
  const portable = pakoCompression(format, level);
  return { atOnce: portable, apart: portable };
}
