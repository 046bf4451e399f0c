import { base64 } from './base64.js';
import type { Codec, CodecSettings } from './codec.js';
import { deflate } from './deflate.js';
import { gzip } from './gzip.js';
import { hex } from './hex.js';
import { zip } from './zip.js';

/** Every encoding that has a name, and how to make its codec. */
export const encodings = {
  zip,
  gzip,
  deflate,
  base64: () => base64,
  hex: () => hex,
} as const satisfies Record<string, (settings: CodecSettings) => Codec>;

/** Name of an encoding. */
export type Encoding = keyof typeof encodings;

/** Those that compress, and so have a level and go off the event loop. */
export const compressions: readonly string[] = ['zip', 'gzip', 'deflate'] satisfies Encoding[];
