import type { SerDe } from '@memo/core';
import type fc from 'fast-check';
import { encodings, type Encoding } from '../../src/codecs/encodings.js';
import { EncodingSerDe, JsonSerDe, MsgpackSerDe, PickleSerDe, UnavailableSerDeError } from '../../src/index.js';
import { jsonValues, structuredValues, v8Values } from './faithful-values.js';

/** A way to write entries, and the values that it brings back. */
export interface Format {
  /** `SerDe.format`. */
  readonly name: string;
  readonly create: () => SerDe;
  readonly values: fc.Arbitrary<unknown>;
}

const plain: readonly Format[] = [
  { name: 'json', create: () => new JsonSerDe(), values: jsonValues },
  { name: 'msgpack', create: () => new MsgpackSerDe(), values: structuredValues },
  { name: 'v8', create: () => new PickleSerDe(), values: v8Values },
];

const availableEncodings = (Object.keys(encodings) as Encoding[]).filter(isAvailable);

/** Every SerDe of the package, alone and in every encoding that this runtime has. */
export const formats: readonly Format[] = plain.flatMap((format) => [
  format,
  ...availableEncodings.map((encoding) => ({
    ...format,
    name: `${format.name}+${encoding}`,
    create: () => new EncodingSerDe(format.create(), encoding),
  })),
]);

/** A SerDe of the format that has this name. */
export function serdeOf(name: string): SerDe {
  const format = formats.find((each) => each.name === name);
  if (format === undefined) throw new Error(`There is no format '${name}'`);
  return format.create();
}

function isAvailable(encoding: Encoding): boolean {
  try {
    new EncodingSerDe(new JsonSerDe(), encoding);
    return true;
  } catch (error) {
    if (error instanceof UnavailableSerDeError) return false;
    throw error;
  }
}
