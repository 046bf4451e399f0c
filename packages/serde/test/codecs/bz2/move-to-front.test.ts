import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesAt, bytesInUse, placesOf } from '../../../src/codecs/bz2/move-to-front.js';
import { anyBytes } from './bytes.js';
import { resultOf } from './result-of.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The same, as plainly as can be. */
function plainPlaces(data: Uint8Array, inUse: Uint8Array): number[] {
  let list = [...inUse];
  return [...data].map((byte) => {
    const place = list.indexOf(byte);
    list = [byte, ...list.filter((other) => other !== byte)];
    return place;
  });
}

describe('move-to-front', () => {
  it('is known for an example', () => {
    const column = bytes('bnnsaaa');
    const inUse = bytesInUse(column);
    expect(inUse).toStrictEqual(bytes('abns'));
    expect([...resultOf(placesOf(column, inUse))]).toStrictEqual([1, 2, 0, 3, 3, 0, 0]);
  });

  it('gives the places that moving gives, and takes them back', () => {
    fc.assert(
      fc.property(anyBytes, (data) => {
        const inUse = bytesInUse(data);
        expect([...inUse]).toStrictEqual([...new Set(data)].sort((left, right) => left - right));
        const places = resultOf(placesOf(data, inUse));
        expect([...places]).toStrictEqual(plainPlaces(data, inUse));
        expect(resultOf(bytesAt(places, inUse))).toStrictEqual(data);
      }),
    );
  });

  it('goes on from step to step', () => {
    const data = new Uint8Array(40_000).map((_, at) => (at * at) >> 7);
    const inUse = bytesInUse(data);
    const places = resultOf(placesOf(data, inUse));
    expect([...placesOf(data, inUse)].length).toBe(2);
    expect([...places]).toStrictEqual(plainPlaces(data, inUse));
    expect(Buffer.compare(resultOf(bytesAt(places, inUse)), data)).toBe(0);
  });
});
