import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64 } from '../../src/codecs/base64.js';
import { hex } from '../../src/codecs/hex.js';
import { UnreadableBytesError } from '../../src/index.js';
import { thrownBy } from '../support/thrown-by.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each([
  ['base64', base64],
  ['hex', hex],
] as const)('%s', (name, codec) => {
  it('writes what Node writes, and reads it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (data) => {
        const text = Buffer.from(data).toString(name);
        expect(codec.encode(data)).toStrictEqual(bytes(text));
        expect(codec.decode(bytes(text))).toStrictEqual(data);
      }),
    );
  });

  it('goes by its name', () => {
    expect(codec.name).toBe(name);
  });
});

describe('base64', () => {
  it('reads line breaks, as MIME and Python write them', () => {
    expect(base64.decode(bytes('dG8g\nYmU=\r\n'))).toStrictEqual(bytes('to be'));
  });

  it.each([
    ['dG8', 'their number is not a multiple of four'],
    ['dG8 ', 'the byte at 3 does not belong to its alphabet'],
    ['dG_-', 'the byte at 2 does not belong to its alphabet'],
    ['====', 'the byte at 0 does not belong to its alphabet'],
    ['dG==dG8g', 'the byte at 2 does not belong to its alphabet'],
    ['dH==', 'it has odd bits'],
    ['dG9=', 'it has odd bits'],
  ])('does not read %s', (text, why) => {
    const error = thrownBy(() => base64.decode(bytes(text)));
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect((error as Error).message).toBe(`The bytes cannot be read as base64: ${why}.`);
  });
});

describe('hex', () => {
  it.each([
    ['abc', 'their number is odd'],
    ['AB', 'the byte at 0 is no digit'],
    ['0g', 'the byte at 1 is no digit'],
  ])('does not read %s', (text, why) => {
    const error = thrownBy(() => hex.decode(bytes(text)));
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect((error as Error).message).toBe(`The bytes cannot be read as hex: ${why}.`);
  });
});
