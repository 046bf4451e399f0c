import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bz2 } from '../../../src/codecs/bz2/bz2.js';
import { EncodingSerDe, JsonSerDe } from '../../../src/index.js';
import { bzip2Originals } from '../../fixtures/bz2/originals.js';
import { isSame, small, usualSettings } from '../../support/compression-suite.js';
import { anyBytes, hardTexts } from './bytes.js';

const settings = { ...usualSettings, level: 9 };
const codec = bz2(settings);
const lines = bzip2Originals['lines']!;

describe('bz2', { timeout: 30_000 }, () => {
  it('goes by its name', () => {
    expect(codec.name).toBe('bz2');
    expect(new EncodingSerDe(new JsonSerDe(), 'bz2').format).toBe('json+bz2');
  });

  it('brings back whatever it is given, at once and in turns', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.integer({ min: 1, max: 9 }), async (data, level) => {
        const encoded = bz2({ ...settings, level }).encode(data) as Uint8Array;
        expect(codec.decode(encoded)).toStrictEqual(data);
        const inTurns = bz2({ ...settings, level, asyncAbove: 0 });
        expect(await inTurns.encode(data)).toStrictEqual(encoded);
        expect(await inTurns.decode(encoded)).toStrictEqual(data);
      }),
    );
  });

  it.each(Object.entries(hardTexts(110_000)))('brings back what is hard to sort: %s', async (_name, data) => {
    expect(isSame(await codec.decode(await codec.encode(data)), data)).toBe(true);
  });

  it('does small values at once and large ones in turns', async () => {
    const encoded = codec.encode(small);
    expect(encoded).toBeInstanceOf(Uint8Array);
    expect(codec.decode(encoded as Uint8Array)).toStrictEqual(small);
    const exactly = lines.subarray(0, settings.asyncAbove);
    expect(codec.encode(exactly)).toBeInstanceOf(Uint8Array);
    expect(codec.encode(lines.subarray(0, settings.asyncAbove + 1))).toBeInstanceOf(Promise);
    const later = codec.encode(lines);
    expect(later).toBeInstanceOf(Promise);
    // Small as it is, it unfolds to much.
    expect((await later).length).toBeLessThan(settings.asyncAbove);
    const unfolding = codec.decode(await later);
    expect(unfolding).toBeInstanceOf(Promise);
    expect(isSame(await unfolding, lines)).toBe(true);
  });

  it('lets others have their turns meanwhile', async () => {
    const data = bzip2Originals['chapters']!;
    let turns = 0;
    let working = true;
    const other = (): void => {
      turns += 1;
      if (working) setImmediate(other);
    };
    other();
    const encoded = await codec.encode(data);
    // Each of its four passes over the sorted suffixes alone is cut into more than ten steps.
    expect(turns).toBeGreaterThan(100);
    turns = 0;
    await codec.decode(encoded);
    working = false;
    expect(turns).toBeGreaterThan(30);
  });

  it('writes nothing as bzip2 does', () => {
    const file = new URL('../../fixtures/bz2/empty.bz2', import.meta.url);
    expect(codec.encode(new Uint8Array())).toStrictEqual(new Uint8Array(readFileSync(file)));
  });

  it('gives plain Uint8Arrays, of Buffers as well', async () => {
    const encoded = await codec.encode(Buffer.from(small));
    expect(Object.getPrototypeOf(encoded)).toBe(Uint8Array.prototype);
    expect(encoded.buffer.byteLength).toBe(encoded.length);
    const decoded = await codec.decode(Buffer.from(encoded));
    expect(Object.getPrototypeOf(decoded)).toBe(Uint8Array.prototype);
    expect(decoded).toStrictEqual(small);
  });
});
