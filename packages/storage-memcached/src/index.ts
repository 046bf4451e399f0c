export { EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe } from '@memo/serde';
export type { Codec, Encoding, EncodingSerDeOptions, JsonSerDeOptions } from '@memo/serde';
