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
  /**
   * A byte, 0 to 255, with which nothing that `encode` makes and `decode` takes begins. `EncodingSerDe` writes it before
   * what it leaves as it is, which its option `threshold` asks for. Absent where there is none, or where nobody knows.
   */
  readonly unusedFirstByte?: number;
  encode(data: Uint8Array): Awaitable<Uint8Array>;
  decode(data: Uint8Array): Awaitable<Uint8Array>;
}

/** What codecs of this package go by. */
export interface CodecSettings {
  /** Compression level, within the levels of the encoding. */
  readonly level: number;
  /** Most bytes that decoding may give. */
  readonly maxOutputLength: number;
  /** More bytes than this are encoded and decoded on another thread, or in turns with others, where that can be done. */
  readonly asyncAbove: number;
}
