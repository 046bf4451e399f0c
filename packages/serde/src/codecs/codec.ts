import type { Awaitable } from '@memo/core';

/**
 * A reversible encoding of bytes, such as a compression.
 *
 * `decode(encode(data))` equals `data`, byte for byte. `decode` throws, or rejects, on bytes that `encode` did not make.
 * Neither keeps or changes the bytes it is given. `codecContract` of `@memo/core/testing` tests for this.
 */
export interface Codec {
  /** Name of the encoding, such as `gzip`; it becomes part of the format that storages write beside the bytes. */
  readonly name: string;
  encode(data: Uint8Array): Awaitable<Uint8Array>;
  decode(data: Uint8Array): Awaitable<Uint8Array>;
}

/** What codecs of this package go by. */
export interface CodecSettings {
  /** Compression level; -1 for the codec's own choice. */
  readonly level: number;
  /** Most bytes that decoding may give. */
  readonly maxOutputLength: number;
  /** More bytes than this are encoded and decoded outside of the event loop, where the runtime can do so. */
  readonly asyncAbove: number;
}
