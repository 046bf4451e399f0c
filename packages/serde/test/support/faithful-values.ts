import fc from 'fast-check';

/** What a format brings back beyond what all structured formats do. */
interface Reach {
  readonly text: fc.Arbitrary<string>;
  readonly number: fc.Arbitrary<number>;
  /** Names of properties. */
  readonly name: fc.Arbitrary<string>;
}

const wellFormed = fc.string({ unit: 'binary' });
/** Lone surrogates among others. */
const anyText = fc.oneof(
  wellFormed,
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
);

/** Values that JSON can say, which escapes lone surrogates. */
export const jsonValues = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((any) => !Object.is(any, -0)),
      anyText,
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value')),
    fc.dictionary(wellFormed, tie('value'), { noNullPrototype: true }),
  ),
})).value;

const views = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array],
];
const bigintViews = [BigInt64Array, BigUint64Array];
const errors = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

function structured({ text, number, name }: Reach): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(
        number,
        text,
        fc.boolean(),
        fc.bigInt(),
        fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
        fc.constantFrom(undefined, null, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53, 2n ** 63n, -(2n ** 64n)),
        fc.date({ noInvalidDate: false }),
        fc.tuple(fc.constantFrom(...views), fc.uint8Array()).map(([View, content]) => View.from(content)),
        fc
          .tuple(fc.constantFrom(...bigintViews), fc.uint8Array())
          .map(([View, content]) => View.from([...content].map((byte) => BigInt(byte)))),
        fc.uint8Array().map((content) => Buffer.from(content)),
        fc.uint8Array().map((content) => new Uint8Array(content).buffer),
        fc.uint8Array().map((content) => new DataView(new Uint8Array(content).buffer)),
        fc.constantFrom(/a+/gu, /\//, new RegExp(''), /^[^\n]$/dimsy),
        fc.tuple(fc.constantFrom(...errors), text).map(([Type, message]) => new Type(message)),
      ),
      fc.array(tie('value')),
      fc.dictionary(name, tie('value')),
      fc.array(fc.tuple(tie('value'), tie('value'))).map((pairs) => new Map(pairs)),
      fc.array(tie('value')).map((values) => new Set(values)),
      tie('value').map((cause) => new Error('outer', { cause })),
      tie('value').map((detail) => Object.assign(new RangeError('with details'), { code: 'E_DETAIL', detail })),
      tie('value').map((shared) => [shared, { shared }, new Map([[shared, shared]])]),
      tie('value').map((content) => {
        const cycle: Record<string, unknown> = { content };
        cycle['self'] = new Map([['list', new Set([[cycle]])]]);
        return cycle;
      }),
    ),
  })).value;
}

const withoutMark = wellFormed.filter((any) => !any.startsWith('\ufeff'));

/** Values that every structured format brings back, shared objects and cycles among them. */
export const structuredValues = structured({
  text: withoutMark,
  number: fc.double().filter((any) => !Object.is(any, -0)),
  name: withoutMark.filter((any) => any !== '__proto__' && any !== '__keys__'),
});

/** Values that V8's structured clone brings back: text that is not well-formed and -0 are among them. */
export const v8Values = structured({ text: anyText, number: fc.double(), name: anyText });
