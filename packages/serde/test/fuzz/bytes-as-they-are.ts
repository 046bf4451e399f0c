import type { Awaitable } from '@memo/core';
import { EncodingSerDe, type Encoding, type EncodingSerDeOptions } from '../../src/index.js';

/** Encodes any bytes, whatever they are. */
export interface Encoder {
  serialize(bytes: Uint8Array): Awaitable<Uint8Array>;
}

/** What `EncodingSerDe` puts around bytes that no SerDe has written. */
export function bytesAsTheyAre(encoding: Encoding, options: EncodingSerDeOptions = {}): Encoder {
  const moments = { created: 0, updateAfter: 0, expiresAfter: 0 };
  const serde = new EncodingSerDe(
    { serialize: ({ value }) => value as Uint8Array, deserialize: (value) => ({ ...moments, value }) },
    encoding,
    options,
  );
  return { serialize: (bytes) => serde.serialize({ ...moments, value: bytes }) };
}
