import type { Codec, CodecSettings } from './codec.js';
import { deflateCodec } from './deflate-codec.js';

/** A codec of zlib's format (RFC 1950), which py-memoize and Python's codecs call zip. */
export function zip(settings: CodecSettings): Codec {
  return deflateCodec('zip', settings);
}
