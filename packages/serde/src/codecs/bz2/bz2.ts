import type { Awaitable } from '@memo/core';
import type { Codec, CodecSettings } from '../codec.js';
import { BoundedOutput } from './bounded-output.js';
import { decodeBzip2 } from './bzip2-decoder.js';
import { encodeBzip2 } from './bzip2-encoder.js';
import { carryOut } from './steps.js';

/**
 * A codec of bzip2's format, which the program of that name reads. It is written out here because no library for JavaScript
 * can be relied on to compress it; it needs nothing but typed arrays.
 *
 * Data are cut into blocks, and each block goes through five steps. Each is a file with both directions side by side:
 *
 * | file              | from    | to      |                                                                             |
 * | ----------------- | ------- | ------- | --------------------------------------------------------------------------- |
 * | `run-lengths`     | data    | block   | four equal bytes are followed by how many more there are                    |
 * | `burrows-wheeler` | block   | column  | sorted by what follows, bytes of like contexts come together                |
 * | `move-to-front`   | column  | places  | a byte becomes its place in a list of those that were there last            |
 * | `zero-runs`       | places  | symbols | most places are zeros, and so their number is written                       |
 * | `coding-tables`   | symbols | bits    | frequent symbols get short codes, in two to six tables (`huffman-code`)     |
 *
 * `bzip2-encoder` goes through the table downwards, `bzip2-decoder` upwards. Nothing takes more than linear time, whatever
 * the data: blocks are sorted by way of `suffix-array`. Both are cut into steps, see `Steps`; what is large is done in turns
 * with the rest of the program. With 1 MB of text the longest step measured took 6 ms at level 9 and 2.5 ms at level 1.
 *
 * Encoding takes 11 bytes of memory for each byte of a block (10 MB at level 9), besides the output. Decoding takes 10 bytes
 * for each byte that is really in a block, and twice the output; the level that a stream claims costs nothing. A block that
 * would exceed `maxOutputLength` is noticed before it is unfolded.
 *
 * Loops over bytes go by an index throughout: in V8 `for … of` over a typed array takes ten times as long.
 *
 * @param settings - `level` is the size of blocks, in steps of 100 kB from 1 to 9.
 */
export function bz2(settings: CodecSettings): Codec {
  return new Bzip2Codec(settings);
}

/** As a rule text shrinks by no more than this; what unfolds further is gone on with in turns. */
const usualRatio = 8;

class Bzip2Codec implements Codec {
  readonly name = 'bz2';
  /** Streams begin with a B. */
  readonly unusedFirstByte = 0x00;
  readonly #settings: CodecSettings;

  constructor(settings: CodecSettings) {
    this.#settings = settings;
  }

  encode(data: Uint8Array): Awaitable<Uint8Array> {
    const { asyncAbove, level } = this.#settings;
    return carryOut(encodeBzip2(data, level), () => data.length <= asyncAbove);
  }

  decode(data: Uint8Array): Awaitable<Uint8Array> {
    const { asyncAbove, maxOutputLength } = this.#settings;
    const output = new BoundedOutput(maxOutputLength);
    const mostAtOnce = Math.max(1, asyncAbove * usualRatio);
    const isSmall = (): boolean => data.length <= asyncAbove && output.expected <= mostAtOnce;
    return carryOut(decodeBzip2(data, output), isSmall);
  }
}
