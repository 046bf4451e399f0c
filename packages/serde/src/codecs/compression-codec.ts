import type { Awaitable } from '@memo/core';
import { OutputTooLargeError } from '../errors.js';
import type { Codec, CodecSettings } from './codec.js';
import type { CompressionWays } from './compression.js';

/** As a rule text shrinks by no more than this; what unfolds further is taken off the event loop half way. */
const usualRatio = 8;

/** A codec of a compression: small data at once, large data off the event loop. */
export class CompressionCodec implements Codec {
  readonly name: string;
  readonly unusedFirstByte: number;
  readonly #ways: CompressionWays;
  readonly #settings: CodecSettings;

  constructor(name: string, unusedFirstByte: number, ways: CompressionWays, settings: CodecSettings) {
    this.name = name;
    this.unusedFirstByte = unusedFirstByte;
    this.#ways = ways;
    this.#settings = settings;
  }

  encode(data: Uint8Array): Awaitable<Uint8Array> {
    const { atOnce, apart } = this.#ways;
    return (data.length > this.#settings.asyncAbove ? apart : atOnce).encode(data);
  }

  decode(data: Uint8Array): Awaitable<Uint8Array> {
    const { asyncAbove, maxOutputLength } = this.#settings;
    if (data.length > asyncAbove) return this.#ways.apart.decode(data, maxOutputLength);
    const mostAtOnce = Math.min(maxOutputLength, Math.max(1, asyncAbove * usualRatio));
    try {
      return this.#ways.atOnce.decode(data, mostAtOnce);
    } catch (error) {
      if (!(error instanceof OutputTooLargeError) || mostAtOnce === maxOutputLength) throw error;
      return this.#ways.apart.decode(data, maxOutputLength);
    }
  }
}
