import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArgumentsKeyExtractor } from '../../src/key/arguments-key-extractor.js';
import { encodeArgument, encodeArguments } from '../../src/key/canonical-encoding.js';
import { inOnePiece } from '../../src/key/one-piece.js';
import { plainKey } from './plain-key.js';
import { sameArguments } from './same-content.js';

const specials = ['"', '\\', '\n', '\u0000', '\u007f', '\ud800', '\udc00', '😀', 'ü', '(', '=', ',', ' ', '\u2028'];

describe('the text of keys', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '1', ...specials), maxLength: 5 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('undefined', '()', '("a",1)', '{"a":1}', '#1n', 'ordinary text that is somewhat longer'),
  );
  const primitive = fc.oneof(
    text,
    fc.integer(),
    fc.double(),
    fc.maxSafeInteger(),
    fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1e21, 2 ** 53, 5e-324),
    fc.constantFrom(true, false, null, undefined),
    fc.bigInt(),
  );
  // Few names, so that objects look alike; some are too long, and some objects too large, to be remembered.
  const name = fc.oneof(
    fc.constantFrom('a', 'b', 'c', '1', '10', '__proto__', '', 'constructor', 'x'.repeat(40), 'x'.repeat(41)),
    text,
  );
  const large = fc
    .integer({ min: 30, max: 35 })
    .map((count) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index * 7}`, index])));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, primitive, large, tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.dictionary(name, tie('value'), { maxKeys: 6 }),
  }));
  const list = fc.array(value, { maxLength: 4 });

  it('is the plain one, whatever was named before', () => {
    fc.assert(
      fc.property(list, (args) => {
        const key = plainKey(args);
        expect(encodeArguments(args)).toBe(key);
        expect(encodeArguments(args)).toBe(key);
        expect(encodeArguments([{}, ...args], 1)).toBe(key);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is the plain one for a single argument', () => {
    fc.assert(
      fc.property(value, (argument) => {
        expect(encodeArgument(argument)).toBe(plainKey([argument]));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(specials)('is the plain one with %j anywhere in texts and names of all lengths', (special) => {
    for (let length = 0; length <= 70; length++) {
      for (const place of [0, 1, length >> 1, length - 1, length].filter((index) => index >= 0 && index <= length)) {
        const around = 'x'.repeat(length);
        const its = around.slice(0, place) + special + around.slice(place);
        for (const args of [[its], [its, 1], [[its, its]], [{ [its]: its, b: its, c: 1 }]]) {
          expect(encodeArguments(args)).toBe(plainKey(args));
        }
      }
    }
  });
});

describe('keys in a storage of one function', () => {
  it('tell texts apart that are no well-formed Unicode', () => {
    const extractor = new ArgumentsKeyExtractor();
    const keyOf = (...args: unknown[]): string => extractor.formatKey(() => undefined, args);
    expect(keyOf('\ud800')).toBe('\ud800');
    expect(keyOf('\ud800', undefined)).toBe('\ud800');
    const text = fc.string({ unit: fc.constantFrom('"', '\\', '(', ')', '=', '\ud800', '\udc00', 'd800', 'u') });
    const args = fc.array(fc.oneof(text, fc.constant(undefined), fc.constant(1)), { maxLength: 2 });
    fc.assert(
      fc.property(args, args, text, (one, other, alone) => {
        expect(keyOf(...one) === keyOf(...other)).toBe(sameArguments(one, other));
        expect(keyOf(alone) === keyOf(...one)).toBe(sameArguments([alone], one));
        expect(keyOf(keyOf(...one)) === keyOf(...one)).toBe(sameArguments([keyOf(...one)], one));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('inOnePiece', () => {
  it('changes nothing', () => {
    const text = fc.string({ unit: fc.constantFrom(' ', '\n', '\u00a0', '\ufeff', 'a', ')', '😀'), maxLength: 30 });
    fc.assert(fc.property(text, text, (begin, end) => inOnePiece(begin + end) === begin + end));
  });
});
