import { Inflate, deflate, deflateRaw, gzip, type ZStream } from 'pako';
import { OutputTooLargeError, UnreadableBytesError } from '../errors.js';
import type { Compression } from './compression.js';
import type { DeflateFormat } from './deflate-codec.js';

const encoders = { zip: deflate, gzip, deflate: deflateRaw } as const;

/** How zlib is told which format is allowed; without it pako would guess. */
const windowBits: Record<DeflateFormat, number> = { zip: 15, gzip: 31, deflate: -15 };

/** A compression by pako, for runtimes without `node:zlib`: at once, on the thread that asks. */
export function pakoCompression(format: DeflateFormat, level: number): Compression {
  return {
    encode: (data) => encoders[format](data, { level }),
    decode: (data, maxOutputLength) => inflated(format, data, maxOutputLength),
  };
}

function inflated(format: DeflateFormat, data: Uint8Array, maxOutputLength: number): Uint8Array {
  const inflate = new Inflate({ windowBits: windowBits[format] });
  const output = new BoundedOutput(format, maxOutputLength);
  let stream: ZStream | undefined;
  inflate.onStart = (started) => (stream = started);
  inflate.onData = (chunk) => output.add(chunk);
  // Without an end handler of its own it would join the chunks that it was not given.
  inflate.onEnd = (status) => (inflate.err = status);
  if (!inflate.push(data, true)) {
    const why = stream?.avail_in === 0 ? 'they end too early' : inflate.msg;
    throw new UnreadableBytesError(format, stream?.avail_in === 0 ? 'length' : 'damaged', why);
  }
  if (stream?.avail_in !== 0) {
    throw new UnreadableBytesError(format, 'length', `${stream?.avail_in ?? 0} bytes follow after its end`);
  }
  return output.joined();
}

/** Chunks of which there may be so many bytes. */
class BoundedOutput {
  readonly #chunks: Uint8Array[] = [];
  readonly #format: DeflateFormat;
  readonly #limit: number;
  #length = 0;

  constructor(format: DeflateFormat, limit: number) {
    this.#format = format;
    this.#limit = limit;
  }

  add(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (this.#length > this.#limit) throw new OutputTooLargeError(this.#format, this.#limit);
    this.#chunks.push(chunk);
  }

  joined(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let end = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, end);
      end += chunk.length;
    }
    return all;
  }
}
