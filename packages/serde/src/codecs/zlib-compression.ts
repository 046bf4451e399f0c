import type * as nodeZlib from 'node:zlib';
import { plainView } from '../bytes.js';
import { OutputTooLargeError, UnreadableBytesError } from '../errors.js';
import type { Compression, CompressionWays } from './compression.js';

/** A format that `node:zlib` knows, and what it is asked for. */
export interface ZlibFormat {
  /** Name of the encoding, for messages. */
  readonly name: string;
  /** What `node:zlib` calls its function that encodes, such as `gzip`; `gzipSync` is then the one that does it at once. */
  readonly encoder: string;
  readonly decoder: string;
  readonly encoding: Options;
  readonly decoding?: Options;
}

type Options = Readonly<Record<string, unknown>>;

/** What zlib's functions give when asked for `info`, which their types do not tell. */
interface Decoded {
  readonly buffer: Uint8Array;
  /** How much of the input was used. */
  readonly engine: { readonly bytesWritten: number };
}

type AtOnce<Output> = (data: Uint8Array, options: Options) => Output;
type Apart<Output> = (data: Uint8Array, options: Options, done: (error: Error | null, output: Output) => void) => void;

/** A compression by `node:zlib`: at once, or on a thread of its pool. */
export function zlibCompression(zlib: typeof nodeZlib, format: ZlibFormat): CompressionWays {
  return { atOnce: compressionAtOnce(zlib, format), apart: compressionApart(zlib, format) };
}

function compressionAtOnce(zlib: typeof nodeZlib, { name, encoder, decoder, ...options }: ZlibFormat): Compression {
  const encode = functionOf<AtOnce<Uint8Array>>(zlib, `${encoder}Sync`);
  const decode = functionOf<AtOnce<Decoded>>(zlib, `${decoder}Sync`);
  return {
    encode: (data) => plainView(encode(data, options.encoding)),
    decode(data, maxOutputLength) {
      try {
        return wholeOf(name, data, decode(data, { ...options.decoding, maxOutputLength, info: true }));
      } catch (cause) {
        throw readable(name, maxOutputLength, cause);
      }
    },
  };
}

function compressionApart(zlib: typeof nodeZlib, { name, encoder, decoder, ...options }: ZlibFormat): Compression {
  const encode = functionOf<Apart<Uint8Array>>(zlib, encoder);
  const decode = functionOf<Apart<Decoded>>(zlib, decoder);
  return {
    encode: async (data) => plainView(await outputOf(encode, data, options.encoding)),
    async decode(data, maxOutputLength) {
      try {
        const decoded = await outputOf(decode, data, { ...options.decoding, maxOutputLength, info: true });
        return wholeOf(name, data, decoded);
      } catch (cause) {
        throw readable(name, maxOutputLength, cause);
      }
    },
  };
}

function functionOf<Function>(zlib: typeof nodeZlib, name: string): Function {
  return (zlib as unknown as Readonly<Record<string, Function>>)[name]!;
}

function outputOf<Output>(work: Apart<Output>, data: Uint8Array, options: Options): Promise<Output> {
  return new Promise((resolve, reject) => {
    work(data, options, (error, output) => (error ? reject(error) : resolve(output)));
  });
}

/** zlib stops at the end of its stream and does not mind what follows. */
function wholeOf(name: string, data: Uint8Array, { buffer, engine }: Decoded): Uint8Array {
  const rest = data.length - engine.bytesWritten;
  if (rest === 0) return plainView(buffer);
  throw new UnreadableBytesError(name, 'length', `${rest} bytes follow after its end`);
}

function readable(name: string, maxOutputLength: number, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof UnreadableBytesError) return cause;
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ERR_BUFFER_TOO_LARGE':
      return new OutputTooLargeError(name, maxOutputLength);
    case 'Z_BUF_ERROR':
      return new UnreadableBytesError(name, 'length', 'they end too early', { cause });
    default:
      return new UnreadableBytesError(name, 'damaged', cause.message, { cause });
  }
}
