import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitReader } from '../../../src/codecs/bz2/bit-reader.js';
import { BitWriter } from '../../../src/codecs/bz2/bit-writer.js';
import { codeLengths, codesOf, HuffmanDecoder } from '../../../src/codecs/bz2/huffman-code.js';
import { UnreadableBytesError } from '../../../src/index.js';
import { thrownBy } from '../../support/thrown-by.js';

const frequencies = fc
  .array(fc.oneof(fc.nat(3), fc.nat(900_000)), { minLength: 2, maxLength: 258 })
  .map((list) => Int32Array.from(list));

/** Each twice as frequent as all before it: a code of a tree without a limit has as many bits as there are symbols. */
const steep = Int32Array.from({ length: 20 }, (_, symbol) => 2 ** symbol);

/** The sum of 2^-length: 1 if every sequence of bits begins with exactly one code. */
function kraft(lengths: Uint8Array): number {
  return lengths.reduce((sum, length) => sum + 2 ** -length, 0);
}

/** Bits that all symbols take together. */
function total(weights: Int32Array, lengths: Uint8Array): number {
  return weights.reduce((sum, weight, symbol) => sum + Math.max(1, weight) * lengths[symbol]!, 0);
}

/** The least that they can take: every time two weights are put together, each of their symbols has a bit more. */
function leastTotal(weights: Int32Array): number {
  const left = [...weights].map((weight) => Math.max(1, weight));
  let sum = 0;
  while (left.length > 1) {
    left.sort((one, other) => other - one);
    const together = left.pop()! + left.pop()!;
    sum += together;
    left.push(together);
  }
  return sum;
}

describe('codeLengths', () => {
  it('make a complete code within the limit', () => {
    fc.assert(
      fc.property(frequencies, fc.integer({ min: 9, max: 20 }), (weights, longest) => {
        const lengths = codeLengths(weights, longest);
        expect(lengths.length).toBe(weights.length);
        expect(kraft(lengths)).toBe(1);
        expect(Math.min(...lengths)).toBeGreaterThan(0);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(longest);
      }),
    );
  });

  it('make the text as short as any code can, if none of them is too long', () => {
    fc.assert(
      fc.property(frequencies, (weights) => {
        expect(total(weights, codeLengths(weights, 64))).toBe(leastTotal(weights));
      }),
    );
  });

  it('keep the limit where the tree would be deeper, at little cost', () => {
    expect(Math.max(...codeLengths(steep, 64))).toBe(19);
    const limited = codeLengths(steep, 17);
    expect(Math.max(...limited)).toBe(17);
    expect(total(steep, limited)).toBeLessThan(leastTotal(steep) * 1.001);
  });

  it('are given to symbols that do not occur as well', () => {
    expect([...codeLengths(Int32Array.of(0, 5, 0), 17)]).toStrictEqual([2, 1, 2]);
  });
});

describe('codesOf', () => {
  it('counts upwards, from short codes to long ones', () => {
    expect([...codesOf(Uint8Array.of(2, 1, 3, 3))].map((code) => code.toString(2))).toStrictEqual([
      '10',
      '0',
      '110',
      '111',
    ]);
  });
});

describe('HuffmanDecoder', () => {
  const codes = fc.oneof(
    frequencies.map((weights) => codeLengths(weights, 20)),
    fc.constant(codeLengths(steep, 20)),
    fc.constant(new Uint8Array(256).fill(8)),
  );

  it('reads what the codes write', () => {
    fc.assert(
      fc.property(codes, fc.array(fc.nat(), { maxLength: 500 }), (lengths, numbers) => {
        const symbols = [...lengths.keys(), ...numbers.map((number) => number % lengths.length)];
        const writer = new BitWriter();
        for (const symbol of symbols) writer.write(codesOf(lengths)[symbol]!, lengths[symbol]!);
        const reader = new BitReader(writer.finish());
        const decoder = new HuffmanDecoder(lengths);
        expect(symbols.map(() => decoder.read(reader))).toStrictEqual(symbols);
      }),
    );
  });

  it('refuses codes of which some bits would be two symbols, or none', () => {
    const messageFor = (lengths: readonly number[]): string => {
      const error = thrownBy(() => new HuffmanDecoder(Uint8Array.from(lengths)));
      expect(error).toBeInstanceOf(UnreadableBytesError);
      return (error as Error).message;
    };
    const tooMany = 'The bytes cannot be read as bz2: a coding table has too many codes.';
    const tooFew = 'The bytes cannot be read as bz2: a coding table has too few codes.';
    expect(messageFor([1, 1, 1])).toBe(tooMany);
    expect(messageFor([1, 2, 2, 20])).toBe(tooMany);
    expect(messageFor(Array<number>(258).fill(1))).toBe(tooMany);
    expect(messageFor([2, 2, 2])).toBe(tooFew);
    expect(messageFor([1, 2, 3, 4, 5, 6, 20])).toBe(tooFew);
    expect(messageFor(Array<number>(258).fill(20))).toBe(tooFew);
  });

  it('ends where the bits end', () => {
    const decoder = new HuffmanDecoder(codeLengths(steep, 20));
    const error = thrownBy(() => decoder.read(new BitReader(Uint8Array.of())));
    expect((error as Error).message).toBe('The bytes cannot be read as bz2: they end too early.');
  });
});
