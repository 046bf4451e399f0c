import type { Awaitable } from '@memo/core';
import { builtinModule } from '../builtin-module.js';
import { OutputTooLargeError } from '../errors.js';
import type { Codec, CodecSettings } from './codec.js';
import type { Deflater, DeflateFormat } from './deflate-format.js';
import { asynchronousDeflater, synchronousDeflater } from './node-deflater.js';
import { portableDeflater } from './portable-deflater.js';

/** As a rule text shrinks by no more than this; what unfolds further is taken off the event loop half way. */
const usualRatio = 8;

/** A codec of one format of DEFLATE: by `node:zlib` where there is one, large data off the event loop; else by pako. */
export class DeflateCodec implements Codec {
  readonly name: DeflateFormat;
  readonly #settings: CodecSettings;
  readonly #small: Deflater;
  readonly #large: Deflater;

  constructor(format: DeflateFormat, settings: CodecSettings) {
    const zlib = builtinModule('node:zlib');
    this.name = format;
    this.#settings = settings;
    this.#small = zlib === undefined ? portableDeflater : synchronousDeflater(zlib);
    this.#large = zlib === undefined ? portableDeflater : asynchronousDeflater(zlib);
  }

  encode(data: Uint8Array): Awaitable<Uint8Array> {
    const { asyncAbove, level } = this.#settings;
    return (data.length > asyncAbove ? this.#large : this.#small).encode(this.name, data, level);
  }

  decode(data: Uint8Array): Awaitable<Uint8Array> {
    const { asyncAbove, maxOutputLength } = this.#settings;
    if (data.length > asyncAbove) return this.#large.decode(this.name, data, maxOutputLength);
    const atOnce = Math.min(maxOutputLength, Math.max(1, asyncAbove * usualRatio));
    try {
      return this.#small.decode(this.name, data, atOnce);
    } catch (error) {
      if (!(error instanceof OutputTooLargeError) || atOnce === maxOutputLength) throw error;
      return this.#large.decode(this.name, data, maxOutputLength);
    }
  }
}
