import { base64 } from './base64.js';
import { brotli } from './brotli.js';
import { bz2 } from './bz2/bz2.js';
import type { Codec, CodecSettings } from './codec.js';
import { deflate } from './deflate.js';
import { gzip } from './gzip.js';
import { hex } from './hex.js';
import { zip } from './zip.js';
import { zstd } from './zstd.js';

/** What an encoding that has a name is made of. */
export interface EncodingDefinition {
  /** @throws UnavailableSerDeError - where the runtime lacks what it needs. */
  readonly codec: (settings: CodecSettings) => Codec;
  /** How hard it may try, for a compression, which also may go off the event loop; absent where there is no choice. */
  readonly levels?: CompressionLevels;
}

/** Whole numbers that say how hard a compression tries. */
export interface CompressionLevels {
  readonly least: number;
  readonly most: number;
  /** The one that is taken unless another is asked for. */
  readonly usual: number;
}

/** zlib's: 0 stores, -1 is its own choice. */
const deflateLevels: CompressionLevels = { least: -1, most: 9, usual: -1 };

/** Every encoding that has a name. */
export const encodings = {
  zip: { codec: zip, levels: deflateLevels },
  gzip: { codec: gzip, levels: deflateLevels },
  deflate: { codec: deflate, levels: deflateLevels },
  bz2: { codec: bz2, levels: { least: 1, most: 9, usual: 9 } },
  brotli: { codec: brotli, levels: { least: 0, most: 11, usual: 4 } },
  zstd: { codec: zstd, levels: { least: 1, most: 22, usual: 3 } },
  base64: { codec: () => base64 },
  hex: { codec: () => hex },
} as const satisfies Readonly<Record<string, EncodingDefinition>>;

/** Name of an encoding. */
export type Encoding = keyof typeof encodings;

/** What programs, libraries and HTTP call some of them: who writes it is told the name that it has here. */
export const otherNames: ReadonlyMap<string, Encoding> = new Map([
  ['bzip2', 'bz2'],
  ['deflate-raw', 'deflate'],
  ['zlib', 'zip'],
  ['zstandard', 'zstd'],
]);
