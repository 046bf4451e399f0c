import type { Codec, CodecSettings } from './codec.js';
import { deflateCodec } from './deflate-codec.js';

/** A codec of raw DEFLATE (RFC 1951): the smallest, without a checksum. */
export function deflate(settings: CodecSettings): Codec {
  return deflateCodec('deflate', settings);
}
