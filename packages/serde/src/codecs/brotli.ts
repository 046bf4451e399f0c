import { builtinModule } from '../builtin-module.js';
import { UnavailableSerDeError } from '../errors.js';
import type { Codec, CodecSettings } from './codec.js';
import { CompressionCodec } from './compression-codec.js';
import { zlibCompression } from './zlib-compression.js';

/** Begins with 0010001 from its lowest bit on, the one size of a window that does not exist (RFC 7932, section 9.1). */
const unusedFirstByte = 0x11;

/** A codec of Brotli's format (RFC 7932), which the program of that name reads. @throws UnavailableSerDeError */
export function brotli(settings: CodecSettings): Codec {
  const zlib = builtinModule('node:zlib');
  if (typeof zlib?.brotliCompress !== 'function') {
    const advice = "Use 'gzip', which runs anywhere, or a Codec of your own.";
    throw new UnavailableSerDeError("EncodingSerDe with 'brotli'", 'node:zlib with Brotli', advice);
  }
  const ways = zlibCompression(zlib, {
    name: 'brotli',
    encoder: 'brotliCompress',
    decoder: 'brotliDecompress',
    encoding: { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: settings.level } },
  });
  return new CompressionCodec('brotli', unusedFirstByte, ways, settings);
}
