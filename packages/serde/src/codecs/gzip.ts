import type { Codec, CodecSettings } from './codec.js';
import { deflateCodec } from './deflate-codec.js';

/** A codec of gzip's format (RFC 1952), which the program of that name reads. */
export function gzip(settings: CodecSettings): Codec {
  return deflateCodec('gzip', settings);
}
