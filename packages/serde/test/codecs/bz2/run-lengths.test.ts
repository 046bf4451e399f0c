import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedOutput } from '../../../src/codecs/bz2/bounded-output.js';
import { foldRuns, shortestUnfolded, unfoldRuns } from '../../../src/codecs/bz2/run-lengths.js';
import { OutputTooLargeError } from '../../../src/index.js';
import { thrownBy } from '../../support/thrown-by.js';
import { anyBytes } from './bytes.js';
import { resultOf } from './result-of.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const fold = (data: Uint8Array): Uint8Array => resultOf(foldRuns(data, 0, 900_000)).block;
const unfold = (block: Uint8Array, most = 1_000_000): Uint8Array =>
  resultOf(unfoldRuns(block, new BoundedOutput(most)));

describe('runs', () => {
  it.each([
    ['', ''],
    ['a', 'a'],
    ['aaab', 'aaab'],
    ['aaaab', 'aaaa\0b'],
    ['aaaaaab', 'aaaa\x02b'],
    ['aaaa', 'aaaa\0'],
    ['aaaabbbb', 'aaaa\0bbbb\0'],
    ['a'.repeat(74), 'aaaaF'],
  ])('%j becomes %j', (data, block) => {
    expect(fold(bytes(data))).toStrictEqual(bytes(block));
    expect(unfold(bytes(block))).toStrictEqual(bytes(data));
  });

  it('of more than 255 bytes are several', () => {
    const a = 0x61;
    expect([...fold(new Uint8Array(255).fill(a))]).toStrictEqual([a, a, a, a, 251]);
    expect([...fold(new Uint8Array(256).fill(a))]).toStrictEqual([a, a, a, a, 251, a]);
    expect([...fold(new Uint8Array(260).fill(a))]).toStrictEqual([a, a, a, a, 251, a, a, a, a, 1]);
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(anyBytes, (data) => {
        const block = fold(data);
        expect(unfold(block)).toStrictEqual(data);
        expect(shortestUnfolded(block.length)).toBeLessThanOrEqual(data.length);
      }),
    );
  });

  it('come back from however short blocks', () => {
    fc.assert(
      fc.property(anyBytes, fc.integer({ min: 5, max: 30 }), (data, most) => {
        const pieces: Uint8Array[] = [];
        for (let start = 0; start < data.length;) {
          const { block, end } = resultOf(foldRuns(data, start, most));
          expect(block.length).toBeLessThanOrEqual(most);
          expect(block.length).toBeGreaterThan(end === data.length ? 0 : most - 5);
          pieces.push(unfold(block));
          start = end;
        }
        expect(new Uint8Array(Buffer.concat(pieces))).toStrictEqual(data);
      }),
    );
  });

  it('come back when they lie across the end of a step', () => {
    for (const shift of [0, 1, 2, 3, 4, 5, 250]) {
      const data = new Uint8Array(1_500_000 + shift).map((_, at) => (at < shift ? 9 : ((at - shift) / 300) & 1));
      const { block, end } = resultOf(foldRuns(data, 0, 900_000));
      expect(end).toBe(data.length);
      expect(Buffer.compare(unfold(block, 2_000_000), data)).toBe(0);
    }
    const block = new Uint8Array(210_000).map((_, at) => (at % 7 < 5 ? 1 : 2));
    const steps = [...unfoldRuns(block, new BoundedOutput(1e9))].length;
    expect(steps).toBeGreaterThan(4);
    const { block: again } = resultOf(foldRuns(unfold(block), 0, 900_000));
    expect(Buffer.compare(again, block)).toBe(0);
  });

  it('that lack their count are refused', () => {
    expect((thrownBy(() => unfold(bytes('baaaa'))) as Error).message).toBe(
      'The bytes cannot be read as bz2: a block ends within a run.',
    );
  });

  it('that are too much are refused before they are made', () => {
    const block = new Uint8Array(5_000).map((_, at) => (at % 5 === 4 ? 251 : 0));
    expect(unfold(block, 255_000).length).toBe(255_000);
    const output = new BoundedOutput(254_999);
    const error = thrownBy(() => unfoldRuns(block, output).next());
    expect(error).toBeInstanceOf(OutputTooLargeError);
  });

  it('unfold to four fifths of the block at least', () => {
    for (let length = 0; length < 40; length++) {
      const shortest = new Uint8Array(length).map((_, at) => (at % 5 === 4 ? 0 : Math.floor(at / 5)));
      if (length % 5 !== 4) expect(unfold(shortest).length).toBe(shortestUnfolded(length));
    }
  });
});
