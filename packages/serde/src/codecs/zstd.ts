import type { Awaitable } from '@memo/core';
import { builtinModule } from '../builtin-module.js';
import { OutputTooLargeError, UnreadableBytesError } from '../errors.js';
import { whenFailing, whenThere } from '../when-there.js';
import type { Codec, CodecSettings } from './codec.js';
import { CompressionCodec } from './compression-codec.js';
import type { Compression, CompressionWays } from './compression.js';
import { zlibCompression } from './zlib-compression.js';
import { zstdFramesOf, type ZstdFrame } from './zstd-frames.js';
import { zstdPackageCompression } from './zstd-package.js';

/** Frames begin with 0x28, those to be skipped with 0x50 to 0x5f. */
const unusedFirstByte = 0x00;
/** The window that the program zstd allows unless it is told otherwise: 128 MiB. */
const usualWindow = 2 ** 27;

/**
 * A codec of Zstandard's format (RFC 8878), which the program zstd reads: by `node:zlib` where it has it, else by the
 * optional package `@bokuweb/zstd-wasm`. Frames that follow one another give their contents one after the other.
 *
 * @throws UnavailableSerDeError
 */
export function zstd(settings: CodecSettings): Codec {
  const mostWindow = Math.max(usualWindow, settings.maxOutputLength);
  const { atOnce, apart } = waysOf(settings, mostWindow);
  const ways = { atOnce: frameByFrame(atOnce, mostWindow), apart: frameByFrame(apart, mostWindow) };
  return new CompressionCodec('zstd', unusedFirstByte, ways, settings);
}

/** Two ways that decode one frame. */
function waysOf(settings: CodecSettings, mostWindow: number): CompressionWays {
  const zlib = builtinModule('node:zlib');
  if (zlib !== undefined && 'zstdCompress' in zlib) {
    const { ZSTD_c_compressionLevel: level, ZSTD_d_windowLogMax: windowLogMax } =
      zlib.constants as unknown as Constants;
    return zlibCompression(zlib, {
      name: 'zstd',
      encoder: 'zstdCompress',
      decoder: 'zstdDecompress',
      encoding: { params: { [level]: settings.level } },
      decoding: { params: { [windowLogMax]: Math.ceil(Math.log2(mostWindow)) } },
    });
  }
  const compression = zstdPackageCompression(settings);
  return { atOnce: compression, apart: compression };
}

interface Constants {
  readonly ZSTD_c_compressionLevel: number;
  readonly ZSTD_d_windowLogMax: number;
}

/** Decodes any number of frames by what decodes one. */
function frameByFrame(compression: Compression, mostWindow: number): Compression {
  return {
    encode: (data) => compression.encode(data),
    decode(data, maxOutputLength) {
      const frames = zstdFramesOf(data, { maxOutputLength, mostWindow });
      const contents: Uint8Array[] = [];
      const decodeFrom = (index: number, length: number): Awaitable<Uint8Array> => {
        const frame = frames[index];
        if (frame === undefined) return joined(contents);
        return whenThere(contentOf(frame, compression, { maxOutputLength, length }), (content) => {
          contents.push(content);
          return decodeFrom(index + 1, length + content.length);
        });
      };
      return decodeFrom(0, 0);
    },
  };
}

/** The content of a frame that comes after `length` bytes. */
function contentOf(
  { bytes, contentSize, mostBytes }: ZstdFrame,
  compression: Compression,
  { maxOutputLength, length }: { readonly maxOutputLength: number; readonly length: number },
): Awaitable<Uint8Array> {
  const room = maxOutputLength - length;
  if ((contentSize ?? 0) > room) throw new OutputTooLargeError('zstd', maxOutputLength);
  const content = whenFailing(
    () => compression.decode(bytes, Math.max(1, Math.min(room, mostBytes))),
    (error) => {
      if (!(error instanceof OutputTooLargeError)) throw error;
      if (mostBytes > room) throw new OutputTooLargeError('zstd', maxOutputLength);
      throw damaged(`a frame gives more than the ${mostBytes} bytes that its blocks have room for`);
    },
  );
  return whenThere(content, (decoded) => {
    if (contentSize === undefined || decoded.length === contentSize) return decoded;
    throw damaged(`a frame says that it holds ${contentSize} bytes, and holds ${decoded.length}`);
  });
}

function damaged(why: string): UnreadableBytesError {
  return new UnreadableBytesError('zstd', 'damaged', why);
}

function joined(contents: readonly Uint8Array[]): Uint8Array {
  if (contents.length === 1) return contents[0]!;
  const all = new Uint8Array(contents.reduce((length, content) => length + content.length, 0));
  let end = 0;
  for (const content of contents) {
    all.set(content, end);
    end += content.length;
  }
  return all;
}
