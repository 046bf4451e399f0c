import { describe, expect, it } from 'vitest';
import { nearestWord } from '../src/nearest-word.js';

const words = ['short', 'long', 'expireAfter', 'a'];

describe('the nearest word', () => {
  it.each<[written: string, meant: string | undefined]>([
    ['short', 'short'],
    ['SHORT', 'short'],
    ['sh', 'short'],
    ['shrt', 'short'],
    ['shoort', 'short'],
    ['shirt', 'short'],
    ['shrot', 'short'],
    ['hsort', 'short'],
    ['shotr', 'short'],
    ['lnog', 'long'],
    ['olng', 'long'],
    ['logn', 'long'],
    ['lgno', undefined],
    ['exprieAftre', 'expireAfter'],
    ['aa', undefined],
    ['', undefined],
    ['night', undefined],
    ['s', undefined],
    ['x'.repeat(1_000), undefined],
  ])('to %j is %j', (written, meant) => {
    expect(nearestWord(written, words)).toBe(meant);
  });
});
