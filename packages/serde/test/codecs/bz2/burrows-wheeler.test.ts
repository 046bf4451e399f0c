import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restore, transform } from '../../../src/codecs/bz2/burrows-wheeler.js';
import { leastRotation } from '../../../src/codecs/bz2/least-rotation.js';
import { suffixArray } from '../../../src/codecs/bz2/suffix-array.js';
import { anyBytes, hardTexts, repetitiveBytes } from './bytes.js';
import { resultOf } from './result-of.js';

const texts = fc.oneof(repetitiveBytes, anyBytes);
const blocks = texts.filter(({ length }) => length > 0);

function rotation(text: Uint8Array, start: number): Buffer {
  return Buffer.concat([text.subarray(start), text.subarray(0, start)]);
}

function sortedIndexes(text: Uint8Array, compare: (left: number, right: number) => number): number[] {
  return [...text.keys()].sort(compare);
}

describe('suffixArray', () => {
  it('is what sorting gives', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const expected = sortedIndexes(text, (left, right) =>
          Buffer.compare(text.subarray(left), text.subarray(right)),
        );
        expect([...resultOf(suffixArray(text))]).toStrictEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it.each(Object.entries(hardTexts(2_000)))('is what sorting gives: %s', (_name, text) => {
    const expected = sortedIndexes(text, (left, right) => Buffer.compare(text.subarray(left), text.subarray(right)));
    expect([...resultOf(suffixArray(text))]).toStrictEqual(expected);
  });

  it.each(Object.entries(hardTexts(150_000)))('is sorted, in several steps for each pass: %s', (_name, text) => {
    const sorted = resultOf(suffixArray(text));
    const ranks = new Int32Array(text.length + 1).fill(-1);
    sorted.forEach((at, rank) => (ranks[at] = rank));
    // Every suffix is there, and neighbours are in order: by their first letters, else by what follows.
    expect(ranks.subarray(0, text.length).includes(-1)).toBe(false);
    const isAfter = (left: number, right: number): boolean =>
      text[left]! > text[right]! || (text[left] === text[right] && ranks[left + 1]! > ranks[right + 1]!);
    expect(sorted.findIndex((at, rank) => rank > 0 && !isAfter(at, sorted[rank - 1]!))).toBe(-1);
  });
});

describe('leastRotation', () => {
  it('is the one that sorts first', () => {
    fc.assert(
      fc.property(blocks, (text) => {
        const least = sortedIndexes(text, (left, right) =>
          Buffer.compare(rotation(text, left), rotation(text, right)),
        )[0]!;
        expect(rotation(text, leastRotation(text))).toStrictEqual(rotation(text, least));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the transform', () => {
  it('is known for an example', () => {
    const { column, origin } = resultOf(transform(new TextEncoder().encode('bananas')));
    expect([new TextDecoder().decode(column), origin]).toStrictEqual(['bnnsaaa', 3]);
  });

  it('is the last column of the sorted rotations, with the row of the block', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        const rotations = [...block.keys()].map((start) => rotation(block, start)).sort(Buffer.compare);
        const { column, origin } = resultOf(transform(block));
        expect([...column]).toStrictEqual(rotations.map((row) => row.at(-1)));
        expect(new Uint8Array(rotations[origin]!)).toStrictEqual(block);
      }),
      { numRuns: 300 },
    );
  });

  it.each(Object.entries(hardTexts(140_000)))('is undone: %s', (_name, block) => {
    expect(Buffer.compare(resultOf(restore(resultOf(transform(block)))), block)).toBe(0);
  });

  it('is undone for every block', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        expect(resultOf(restore(resultOf(transform(block))))).toStrictEqual(block);
      }),
    );
  });

  it('is undone from whichever row, and for columns that no block has', () => {
    // Whoever made them: it ends, and gives as many bytes.
    fc.assert(
      fc.property(blocks, fc.nat(), (column, row) => {
        expect(resultOf(restore({ column, origin: row % column.length })).length).toBe(column.length);
      }),
    );
  });

  it('has room for the longest block', () => {
    const block = new Uint8Array(900_000).map((_, at) => (at * 7_919) >> 3);
    expect(Buffer.compare(resultOf(restore(resultOf(transform(block)))), block)).toBe(0);
  });
});
