import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitReader } from '../../../src/codecs/bz2/bit-reader.js';
import { BitWriter } from '../../../src/codecs/bz2/bit-writer.js';
import { findTables, readTables, writeTables } from '../../../src/codecs/bz2/coding-tables.js';
import { codeLengths } from '../../../src/codecs/bz2/huffman-code.js';
import { readSymbols, writeSymbols } from '../../../src/codecs/bz2/symbol-groups.js';
import { seededRandom } from '../../support/seeded-random.js';
import { thrownBy } from '../../support/thrown-by.js';
import { resultOf } from './result-of.js';

/** Symbols of an alphabet, the last of which ends them. */
const messages = fc.integer({ min: 3, max: 258 }).chain((alphabetSize) =>
  fc.record({
    alphabetSize: fc.constant(alphabetSize),
    symbols: fc
      .array(fc.oneof(fc.nat(1), fc.nat(alphabetSize - 2)), { maxLength: 3_000, size: 'max' })
      .map((symbols) => Uint16Array.from([...symbols, alphabetSize - 1])),
  }),
);

describe('coding tables', () => {
  it('bring symbols back', () => {
    fc.assert(
      fc.property(messages, ({ alphabetSize, symbols }) => {
        const tables = resultOf(findTables(symbols, alphabetSize));
        const writer = new BitWriter();
        writeTables(writer, tables);
        resultOf(writeSymbols(writer, symbols, tables));
        const reader = new BitReader(writer.finish());
        const read = readTables(reader, alphabetSize);
        expect(read).toStrictEqual(tables);
        expect(resultOf(readSymbols(reader, read, alphabetSize - 1, 3_000))).toStrictEqual(symbols.slice(0, -1));
      }),
      { numRuns: 50 },
    );
  });

  it('are complete codes of every symbol, one selected for each fifty', () => {
    fc.assert(
      fc.property(messages, ({ alphabetSize, symbols }) => {
        const { lengths, selectors } = resultOf(findTables(symbols, alphabetSize));
        expect(selectors.length).toBe(Math.ceil(symbols.length / 50));
        expect(Math.max(...selectors)).toBeLessThan(lengths.length);
        for (const ofTable of lengths) {
          expect(ofTable.length).toBe(alphabetSize);
          expect(Math.max(...ofTable)).toBeLessThanOrEqual(17);
          expect(ofTable.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1);
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [199, 2],
    [200, 3],
    [599, 3],
    [600, 4],
    [1_199, 4],
    [1_200, 5],
    [2_399, 5],
    [2_400, 6],
    [100_000, 6],
  ])('are as many as pay for %i symbols: %i', (length, tables) => {
    const symbols = new Uint16Array(length).map((_, at) => at % 10);
    expect(resultOf(findTables(symbols, 12)).lengths.length).toBe(tables);
  });

  it('fit groups that differ much better than one table', () => {
    const random = seededRandom(1);
    // Stretches of ten groups, each of ten symbols of its own out of sixty.
    const symbols = Uint16Array.from(
      { length: 60_000 },
      (_, at) => 10 * (Math.floor(at / 500) % 6) + Math.floor(random() * 10),
    );
    const { lengths, selectors } = resultOf(findTables(symbols, 62));
    const bits = symbols.reduce((sum, symbol, at) => sum + lengths[selectors[Math.floor(at / 50)]!]![symbol]!, 0);
    const frequencies = new Int32Array(62);
    for (const symbol of symbols) frequencies[symbol]! += 1;
    const ofOne = codeLengths(frequencies, 17);
    const bitsOfOne = symbols.reduce((sum, symbol) => sum + ofOne[symbol]!, 0);
    expect(bits).toBeLessThan(bitsOfOne * 0.65);
  });

  it('that nobody selects may be anything', () => {
    const tables = { lengths: [Uint8Array.of(1, 2, 2), Uint8Array.of(1, 1, 1)], selectors: Uint8Array.of(0) };
    const writer = new BitWriter();
    writeTables(writer, tables);
    resultOf(writeSymbols(writer, Uint16Array.of(1, 0, 2), tables));
    const reader = new BitReader(writer.finish());
    expect([...resultOf(readSymbols(reader, readTables(reader, 3), 2, 10))]).toStrictEqual([1, 0]);
  });

  it('that are selected must be codes', () => {
    const tables = { lengths: [Uint8Array.of(1, 2, 2), Uint8Array.of(1, 1, 1)], selectors: Uint8Array.of(1) };
    const error = thrownBy(() => resultOf(readSymbols(new BitReader(new Uint8Array(9)), tables, 2, 10)));
    expect((error as Error).message).toBe('The bytes cannot be read as bz2: a coding table has too many codes.');
  });
});
