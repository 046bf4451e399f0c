import type * as nodeZlib from 'node:zlib';
import { plainView } from '../bytes.js';
import { OutputTooLargeError, UnreadableBytesError } from '../errors.js';
import type { Deflater, DeflateFormat } from './deflate-format.js';

/** What zlib's functions give when asked for `info`, which their types do not tell. */
interface Decoded {
  readonly buffer: Uint8Array;
  /** How much of the input was used. */
  readonly engine: { readonly bytesWritten: number };
}

interface DecodingOptions {
  readonly maxOutputLength: number;
  readonly info: true;
}

/** DEFLATE by `node:zlib`, at once, on the thread it is called on. */
export function synchronousDeflater(zlib: typeof nodeZlib): Deflater {
  const encoders = { zip: zlib.deflateSync, gzip: zlib.gzipSync, deflate: zlib.deflateRawSync };
  const decoders = { zip: zlib.inflateSync, gzip: zlib.gunzipSync, deflate: zlib.inflateRawSync };
  return {
    encode: (format, data, level) => plainView(encoders[format](data, { level })),
    decode(format, data, maxOutputLength) {
      const decode = decoders[format] as unknown as (data: Uint8Array, options: DecodingOptions) => Decoded;
      try {
        return wholeOf(format, data, decode(data, { maxOutputLength, info: true }));
      } catch (cause) {
        throw readable(format, maxOutputLength, cause);
      }
    },
  };
}

/** DEFLATE by `node:zlib`, on a thread of the pool. */
export function asynchronousDeflater(zlib: typeof nodeZlib): Deflater {
  const encoders = { zip: zlib.deflate, gzip: zlib.gzip, deflate: zlib.deflateRaw };
  const decoders = { zip: zlib.inflate, gzip: zlib.gunzip, deflate: zlib.inflateRaw };
  return {
    encode: (format, data, level) =>
      new Promise((resolve, reject) => {
        encoders[format](data, { level }, (error, encoded) => (error ? reject(error) : resolve(plainView(encoded))));
      }),
    decode: async (format, data, maxOutputLength) => {
      const decode = decoders[format] as unknown as (
        data: Uint8Array,
        options: DecodingOptions,
        done: (error: Error | null, decoded: Decoded) => void,
      ) => void;
      try {
        const decoded = await new Promise<Decoded>((resolve, reject) => {
          decode(data, { maxOutputLength, info: true }, (error, found) => (error ? reject(error) : resolve(found)));
        });
        return wholeOf(format, data, decoded);
      } catch (cause) {
        throw readable(format, maxOutputLength, cause);
      }
    },
  };
}

/** zlib stops at the end of its stream and does not mind what follows. */
function wholeOf(format: DeflateFormat, data: Uint8Array, { buffer, engine }: Decoded): Uint8Array {
  const rest = data.length - engine.bytesWritten;
  if (rest === 0) return plainView(buffer);
  throw new UnreadableBytesError(format, 'length', `${rest} bytes follow after its end`);
}

function readable(format: DeflateFormat, maxOutputLength: number, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof UnreadableBytesError) return cause;
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ERR_BUFFER_TOO_LARGE':
      return new OutputTooLargeError(format, maxOutputLength);
    case 'Z_BUF_ERROR':
      return new UnreadableBytesError(format, 'length', 'they end too early', { cause });
    default:
      return new UnreadableBytesError(format, 'damaged', cause.message, { cause });
  }
}
