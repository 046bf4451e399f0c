import fc from 'fast-check';

/** Text as it comes, without what MessagePack cannot keep. */
const text = fc.string({ unit: 'binary' }).filter((any) => !any.startsWith('\ufeff'));
const name = text.filter((any) => any !== '__proto__' && any !== '__keys__');
const number = fc.double().filter((any) => !Object.is(any, -0));

/** Values that JSON can say. */
export const jsonValues = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      number.filter((any) => Number.isFinite(any)),
      fc.string({ unit: 'binary' }),
      // Lone surrogates, which JSON escapes.
      fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value')),
    fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { noNullPrototype: true }),
  ),
})).value;

const views = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array],
  Float64Array,
];

/** Values that structured clone can say, shared objects and cycles among them. */
export const structuredValues = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      number,
      text,
      fc.boolean(),
      fc.bigInt(),
      fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
      fc.constantFrom(
        undefined,
        null,
        NaN,
        Infinity,
        new Date(NaN),
        2 ** 31,
        2 ** 32,
        2 ** 53,
        2n ** 63n,
        -(2n ** 64n),
      ),
      fc.date({ noInvalidDate: false }),
      fc.tuple(fc.constantFrom(...views), fc.uint8Array()).map(([View, content]) => View.from(content)),
      fc.uint8Array().map((content) => Buffer.from(content)),
      fc.uint8Array().map((content) => new Uint8Array(content).buffer),
      fc.uint8Array().map((content) => new DataView(new Uint8Array(content).buffer)),
      fc.constantFrom(/a+/gu, /\//, new RegExp('')),
      fc.tuple(fc.constantFrom(Error, TypeError, RangeError), text).map(([Type, message]) => new Type(message)),
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
