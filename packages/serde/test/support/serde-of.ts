import type { SerDe } from '@memo/core';
import type { Encoding } from '../../src/codecs/encodings.js';
import { EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe } from '../../src/index.js';

/** The SerDes of the package, by the names of their formats. */
export const serdes: Readonly<Record<'json' | 'msgpack' | 'v8', () => SerDe>> = {
  json: () => new JsonSerDe(),
  msgpack: () => new MsgpackSerDe(),
  v8: () => new PickleSerDe(),
};

/** A SerDe of the format that has this name, such as `json` or `msgpack+gzip`. */
export function serdeOf(format: string): SerDe {
  const [name, encoding] = format.split('+');
  const serde = serdes[name as keyof typeof serdes]();
  return encoding === undefined ? serde : new EncodingSerDe(serde, encoding as Encoding);
}
