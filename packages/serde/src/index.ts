export { seal, open, readLease, readMoments, leaseBlock, momentsBlock } from './envelope/envelope.js';
export { envelopeFlags, envelopeFormatVersion, envelopeLayout, envelopeMagic } from './envelope/envelope-layout.js';
export type { Frame, FrameLease, FrameMoments } from './envelope/frame.js';
export { entryOfFrame, packEntry, unpackEntry, type PackingDetails } from './envelope/framed-entry.js';
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
