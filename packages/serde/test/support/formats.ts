import type { SerDe } from '@memo/core';
import type fc from 'fast-check';
import { encodings } from '../../src/codecs/encodings.js';
import { jsonValues, structuredValues, v8Values } from './faithful-values.js';
import { serdeOf, type serdes } from './serde-of.js';

/** A way to write entries, and the values that it brings back. */
export interface Format {
  /** `SerDe.format`. */
  readonly name: string;
  readonly create: () => SerDe;
  readonly values: fc.Arbitrary<unknown>;
}

const valuesOf: Readonly<Record<keyof typeof serdes, fc.Arbitrary<unknown>>> = {
  json: jsonValues,
  msgpack: structuredValues,
  v8: v8Values,
};

/** Every SerDe of the package, alone and in every encoding. */
export const formats: readonly Format[] = Object.entries(valuesOf).flatMap(([serde, values]) =>
  [serde, ...Object.keys(encodings).map((encoding) => `${serde}+${encoding}`)].map((name) => ({
    name,
    create: () => serdeOf(name),
    values,
  })),
);
