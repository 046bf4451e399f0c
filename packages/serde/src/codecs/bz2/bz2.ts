import type { Awaitable } from '@memo/core';
import type { Codec, CodecSettings } from '../codec.js';
import { BoundedOutput } from './bounded-output.js';
import { decodeBzip2 } from './bzip2-decoder.js';
import { encodeBzip2 } from './bzip2-encoder.js';
import { work } from './steps.js';

/** As a rule text shrinks by no more than this; what unfolds further is gone on with in turns. */
const usualRatio = 8;

/**
 * A codec of bzip2's format, which the program of that name reads. Its level, 1 to 9, is the size of blocks in steps of
 * 100 kB.
 */
export function bz2(settings: CodecSettings): Codec {
  return new Bzip2Codec(settings);
}

class Bzip2Codec implements Codec {
  readonly name = 'bz2';
  /** Every stream begins with a B. */
  readonly unusedFirstByte = 0x00;
  readonly #settings: CodecSettings;

  constructor(settings: CodecSettings) {
    this.#settings = settings;
  }

  encode(data: Uint8Array): Awaitable<Uint8Array> {
    const { asyncAbove, level } = this.#settings;
    return work(encodeBzip2(data, level), () => data.length <= asyncAbove);
  }

  decode(data: Uint8Array): Awaitable<Uint8Array> {
    const { asyncAbove, maxOutputLength } = this.#settings;
    const output = new BoundedOutput(maxOutputLength);
    const mostAtOnce = Math.max(1, asyncAbove * usualRatio);
    const isSmall = (): boolean => data.length <= asyncAbove && output.expected <= mostAtOnce;
    return work(decodeBzip2(data, output), isSmall);
  }
}
