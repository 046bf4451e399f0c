export { JsonSerDe, type JsonSerDeOptions } from './json-serde.js';
export { MsgpackSerDe } from './msgpack-serde.js';
export { PickleSerDe } from './pickle-serde.js';
export { EncodingSerDe, type EncodingSerDeOptions } from './encoding-serde.js';
export type { Codec } from './codecs/codec.js';
export type { Encoding } from './codecs/encodings.js';

export { leaseBlock, momentsBlock, open, readLease, readMoments, seal } from './envelope/envelope.js';
export { envelopeFlags, envelopeFormatVersion, envelopeLayout, envelopeMagic } from './envelope/envelope-layout.js';
export type { Frame, FrameLease, FrameMoments } from './envelope/frame.js';
export { entryOfFrame, packEntry, readEntry, unpackEntry, type PackingDetails } from './envelope/framed-entry.js';

export {
  InvalidSerDeOptionError,
  OutputTooLargeError,
  SerDeError,
  UnavailableSerDeError,
  UnfaithfulValueError,
  UnknownEncodingError,
  UnreadableBytesError,
  type SerDeErrorDetails,
  type UnreadableReason,
} from './errors.js';
