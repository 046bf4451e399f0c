import type { Awaitable } from '@memo/core';

/** An implementation of a compression, at one level. */
export interface Compression {
  encode(data: Uint8Array): Awaitable<Uint8Array>;
  /**
   * Decodes all of `data`.
   *
   * @throws OutputTooLargeError - as soon as there are more than `maxOutputLength` bytes.
   * @throws UnreadableBytesError - for what is damaged, cut short, or followed by anything else.
   */
  decode(data: Uint8Array, maxOutputLength: number): Awaitable<Uint8Array>;
}

/** One compression in two ways, which read each other's streams. */
export interface CompressionWays {
  /** On the thread that asks, which waits for it. */
  readonly atOnce: Compression;
  /** On another thread where the runtime can do so, else like `atOnce`. */
  readonly apart: Compression;
}
