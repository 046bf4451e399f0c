import type { Awaitable } from '@memo/core';

/** What stands around a stream of DEFLATE (RFC 1951): zlib's frame (RFC 1950), gzip's (RFC 1952), nothing. */
export type DeflateFormat = 'zip' | 'gzip' | 'deflate';

/** An implementation of DEFLATE in its three formats. */
export interface Deflater {
  encode(format: DeflateFormat, data: Uint8Array, level: number): Awaitable<Uint8Array>;
  /**
   * Decodes all of `data`; members of a gzip file that follow one another give their contents one after the other.
   *
   * @throws OutputTooLargeError - as soon as there are more than `maxOutputLength` bytes.
   * @throws UnreadableBytesError - for what is damaged, cut short, or followed by anything else.
   */
  decode(format: DeflateFormat, data: Uint8Array, maxOutputLength: number): Awaitable<Uint8Array>;
}
