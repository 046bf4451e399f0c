import type { CacheEntry } from '@memo/core';
import fc from 'fast-check';

const text = fc.string({ unit: 'binary' });

/** Any moment that an entry may have, epoch milliseconds: fractions, 0, before 1970, never. */
const moments = fc.oneof(
  fc.constantFrom(0, 0.5, Number.MIN_VALUE, 1_700_000_000_000.25, 8.64e15, Number.MAX_VALUE, Infinity),
  fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }).filter((any) => !Object.is(any, -0)),
);

const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((any) => !Object.is(any, -0));
const errorClasses = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

/** Errors as a cache remembers them: of the language's classes or with a name of their own, with a code and causes. */
const rememberedErrors = fc.letrec<{ error: Error }>((tie) => ({
  error: fc
    .record(
      {
        type: fc.constantFrom(...errorClasses),
        message: text,
        name: text.filter((any) => errorClasses.every(({ name }) => name !== any)),
        code: fc.oneof(text, number),
        cause: fc.option(fc.oneof({ maxDepth: 3 }, fc.oneof(text, number, fc.boolean()), tie('error'))),
      },
      { requiredKeys: ['type', 'message'] },
    )
    .map(({ type, message, name, code, cause }) => {
      const isNamed = name !== undefined;
      const error = new (isNamed ? Error : type)(message, cause === undefined ? {} : { cause });
      if (isNamed) Object.defineProperty(error, 'name', { value: name, writable: true, configurable: true });
      return code === undefined ? error : Object.assign(error, { code });
    }),
})).error;

/** Text of up to some hundred kilobytes that compresses well, and some that does not. */
const longText = fc.oneof(
  fc
    .tuple(fc.string({ minLength: 1 }), fc.integer({ min: 100, max: 5_000 }))
    .map(([part, times]) => part.repeat(times)),
  fc
    .uint8Array({ minLength: 1_000, maxLength: 20_000, size: 'max' })
    .map((bytes) => Buffer.from(bytes).toString('base64')),
);

/**
 * Entries that come back as they are from a SerDe which brings back `values`: every combination of moments, with and
 * without an etag, successes and remembered failures, errors among them.
 */
export function faithfulEntries(
  values: fc.Arbitrary<unknown>,
  { expiresAfter = moments }: { readonly expiresAfter?: fc.Arbitrary<number> } = {},
): fc.Arbitrary<CacheEntry> {
  // An error as a value may say more than one that is remembered.
  const otherFailures = values.filter((value) => !(value instanceof Error));
  const results = fc.oneof(
    { weight: 10, arbitrary: fc.record({ value: values }) },
    { weight: 4, arbitrary: fc.record({ value: rememberedErrors, failed: fc.constant(true as const) }) },
    { weight: 2, arbitrary: fc.record({ value: otherFailures, failed: fc.constant(true as const) }) },
    { weight: 1, arbitrary: fc.record({ value: longText }) },
  );
  const facts = fc.record(
    {
      created: moments.filter((moment) => moment !== Infinity),
      updateAfter: moments,
      expiresAfter,
      etag: fc.oneof(fc.constant(''), text),
    },
    { requiredKeys: ['created', 'updateAfter', 'expiresAfter'], noNullPrototype: true },
  );
  return fc.tuple(results, facts).map(([result, others]) => ({ ...result, ...others }));
}

/** The entry with its parts in one order, for comparing. */
export function ordered(entry: CacheEntry): object {
  return Object.fromEntries(Object.entries(entry).sort(([one], [other]) => (one < other ? -1 : 1)));
}
