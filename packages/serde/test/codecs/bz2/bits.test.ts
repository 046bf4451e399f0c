import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitReader } from '../../../src/codecs/bz2/bit-reader.js';
import { BitWriter } from '../../../src/codecs/bz2/bit-writer.js';
import { UnreadableBytesError } from '../../../src/index.js';
import { thrownBy } from '../../support/thrown-by.js';

const numbers = fc.array(
  fc.integer({ min: 0, max: 24 }).chain((count) => fc.tuple(fc.nat(2 ** count - 1), fc.constant(count))),
  { maxLength: 2_000 },
);

describe('bits', () => {
  it('are those of the numbers written, one after the other, then zeros up to a whole byte', () => {
    fc.assert(
      fc.property(numbers, (written) => {
        const writer = new BitWriter();
        for (const [bits, count] of written) writer.write(bits, count);
        const expected = written.map(([bits, count]) => (count === 0 ? '' : bits.toString(2).padStart(count, '0')));
        const digits = [...writer.finish()].map((byte) => byte.toString(2).padStart(8, '0')).join('');
        expect(digits).toBe(expected.join('').padEnd(Math.ceil(expected.join('').length / 8) * 8, '0'));
      }),
    );
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(numbers, (written) => {
        const writer = new BitWriter();
        for (const [bits, count] of written) writer.write(bits, count);
        const reader = new BitReader(writer.finish());
        expect(written.map(([, count]) => [reader.read(count), count])).toStrictEqual(written);
        reader.alignToByte();
        expect(reader.bytesLeft).toBe(0);
      }),
    );
  });

  it('make words of 32 bits', () => {
    const writer = new BitWriter();
    writer.write(1, 1);
    for (const word of [0, 1, 0x8000_0000, 0xffff_ffff, 0x1234_5678]) writer.writeWord(word);
    const reader = new BitReader(writer.finish());
    reader.skip(reader.peek(1));
    expect(Array.from({ length: 5 }, () => reader.readWord())).toStrictEqual([
      0, 1, 0x8000_0000, 0xffff_ffff, 0x1234_5678,
    ]);
  });

  it('can be looked at beyond the end, but not read', () => {
    for (let length = 0; length < 5; length++) {
      const reader = new BitReader(new Uint8Array(length).fill(0xff));
      for (let read = 0; read < length * 8; read++) {
        const bits = reader.peek(20);
        expect(bits.toString(2)).toBe('1'.repeat(Math.min(20, length * 8 - read)).padEnd(20, '0'));
        expect(reader.bytesLeft).toBe((length * 8 - read) >> 3);
        reader.skip(1);
      }
      reader.peek(24);
      const error = thrownBy(() => reader.skip(1));
      expect(error).toBeInstanceOf(UnreadableBytesError);
      expect((error as UnreadableBytesError).message).toBe('The bytes cannot be read as bz2: they end too early.');
      expect((error as UnreadableBytesError).reason).toBe('length');
    }
  });

  it('are left out up to a whole byte', () => {
    const reader = new BitReader(Uint8Array.of(0xff, 0x01, 0x02));
    reader.alignToByte();
    reader.skip(3);
    reader.alignToByte();
    expect(reader.bytesLeft).toBe(2);
    reader.skipBytes(1);
    expect(reader.read(8)).toBe(2);
  });
});
