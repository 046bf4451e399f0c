import type { Codec, CodecSettings } from './codec.js';
import { DeflateCodec } from './deflate-codec.js';

/** A codec of gzip's format (RFC 1952), which the program of that name reads. */
export function gzip(settings: CodecSettings): Codec {
  return new DeflateCodec('gzip', settings);
}
