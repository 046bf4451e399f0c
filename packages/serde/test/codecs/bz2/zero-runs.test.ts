import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endSymbol, foldZeros, unfoldedZeros, unfoldZeros } from '../../../src/codecs/bz2/zero-runs.js';
import { thrownBy } from '../../support/thrown-by.js';

const end = endSymbol(256);
const fold = (places: readonly number[]): number[] => [...foldZeros(Uint8Array.from(places), end)];
const places = fc.array(
  fc.oneof(
    fc.nat(255).map((place) => [place]),
    fc.nat(300).map((zeros) => Array<number>(zeros).fill(0)),
  ),
  { maxLength: 30 },
);

describe('runs of zeros', () => {
  it.each([
    [1, [0]],
    [2, [1]],
    [3, [0, 0]],
    [4, [1, 0]],
    [5, [0, 1]],
    [6, [1, 1]],
    [7, [0, 0, 0]],
    [14, [1, 1, 1]],
    [15, [0, 0, 0, 0]],
  ])('%i of them are %j', (zeros, digits) => {
    expect(fold(Array<number>(zeros).fill(0))).toStrictEqual([...digits, end]);
    expect(fold([3, ...Array<number>(zeros).fill(0), 255])).toStrictEqual([4, ...digits, 256, end]);
  });

  it('are nothing for nothing', () => {
    expect(fold([])).toStrictEqual([257]);
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(places, (parts) => {
        const all = Uint8Array.from(parts.flat());
        const symbols = foldZeros(all, end);
        expect(symbols.at(-1)).toBe(end);
        const inner = symbols.subarray(0, -1);
        expect(inner.includes(end)).toBe(false);
        expect(unfoldedZeros(inner, all.length)).toBe(all.length);
        expect(unfoldZeros(inner, all.length)).toStrictEqual(all);
      }),
    );
  });

  it('are refused when they are more than there may be, however many digits they have', () => {
    const message = 'The bytes cannot be read as bz2: a block is longer than the 900000 bytes that its stream allows.';
    for (const digits of [
      [...Array<number>(20).fill(0)],
      Array<number>(500_000).fill(1),
      Array<number>(900_001).fill(5),
    ]) {
      const error = thrownBy(() => unfoldedZeros(Uint16Array.from(digits), 900_000));
      expect((error as Error).message).toBe(message);
    }
    expect(unfoldedZeros(new Uint16Array(900_000).fill(5), 900_000)).toBe(900_000);
  });
});
