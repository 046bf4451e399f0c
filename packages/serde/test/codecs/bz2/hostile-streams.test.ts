import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bz2 } from '../../../src/codecs/bz2/bz2.js';
import { OutputTooLargeError, UnreadableBytesError } from '../../../src/index.js';
import { failureOf } from '../../support/compression-suite.js';
import { seededRandom } from '../../support/seeded-random.js';
import { thrownBy } from '../../support/thrown-by.js';
import { rightParts, writtenStream, type StreamParts } from './written-stream.js';

const settings = { level: 9, maxOutputLength: 1_000_000, asyncAbove: 1_000_000 };
const codec = bz2(settings);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (stream: Uint8Array): Uint8Array => codec.decode(stream) as Uint8Array;
const fixture = (name: string): Uint8Array => readFileSync(new URL(`../../fixtures/bz2/${name}`, import.meta.url));

/** Half a million zeros in a block of one byte: nineteen digits. */
const longRun = {
  inUse: [0x61],
  lengths: Array<number[]>(2).fill([2, 2, 1]),
  symbols: [...Array<number>(19).fill(0), 2],
};

const tooLong = 'a block is longer than the 900000 bytes that its stream allows';

const wrong: readonly (readonly [string, Partial<StreamParts>, string, string])[] = [
  ['another format', { signature: 'PK\x03\x04' }, 'foreign', "they do not begin with 'BZh' and a level"],
  ['level 0', { signature: 'BZh0' }, 'foreign', "they do not begin with 'BZh' and a level"],
  ['level 10', { signature: 'BZh:' }, 'foreign', "they do not begin with 'BZh' and a level"],
  ['bzip, the first', { signature: 'BZ09' }, 'foreign', "they do not begin with 'BZh' and a level"],
  [
    'no block',
    { mark: '314159265358' },
    'damaged',
    'neither a block begins nor the stream ends where one of them should',
  ],
  [
    'no end',
    { endMark: '177245385091' },
    'damaged',
    'neither a block begins nor the stream ends where one of them should',
  ],
  ['another checksum', { checksum: 0x8551_157e }, 'damaged', 'the checksum of a block does not match'],
  ['another checksum of the stream', { streamChecksum: 0 }, 'damaged', 'the checksum of the stream does not match'],
  ['a randomised block', { randomised: 1 }, 'foreign', 'a block is randomised, as only bzip2 before 0.9.5 wrote it'],
  ['an origin behind the block', { origin: 4 }, 'damaged', 'the origin 4 is not in its block of 4 bytes'],
  ['an origin far away', { origin: 0xff_ffff }, 'damaged', 'the origin 16777215 is not in its block of 4 bytes'],
  ['another origin', { origin: 1 }, 'damaged', 'the checksum of a block does not match'],
  ['an empty block', { symbols: [3] }, 'damaged', 'the origin 0 is not in its block of 0 bytes'],
  ['no bytes', { inUse: [] }, 'damaged', 'a block has no bytes in use'],
  ['no tables', { numberOfTables: 0 }, 'damaged', 'a block has 0 coding tables, not 2 to 6'],
  ['one table', { numberOfTables: 1 }, 'damaged', 'a block has 1 coding tables, not 2 to 6'],
  ['seven tables', { numberOfTables: 7 }, 'damaged', 'a block has 7 coding tables, not 2 to 6'],
  ['no selectors', { numberOfSelectors: 0 }, 'damaged', 'a block has no selectors'],
  ['a selector of a third table', { selectors: [2] }, 'damaged', 'a selector names a coding table that is not there'],
  ['a selector without an end', { selectors: [22] }, 'damaged', 'a selector names a coding table that is not there'],
  ['codes of no bits', { lengths: [[0, 1, 1, 1], [2]] }, 'damaged', 'a code has 0 bits, not 1 to 20'],
  ['codes that shrink to none', { lengths: [[1, 0, 1, 1], [2]] }, 'damaged', 'a code has 0 bits, not 1 to 20'],
  ['codes of 21 bits', { lengths: [[20, 21, 2, 2], [2]] }, 'damaged', 'a code has 21 bits, not 1 to 20'],
  ['codes of 31 bits', { lengths: [[31, 20, 2, 2], [2]] }, 'damaged', 'a code has 31 bits, not 1 to 20'],
  [
    'too many codes',
    { lengths: [[2, 1, 2, 2], rightParts.lengths[1]!] },
    'damaged',
    'a coding table has too many codes',
  ],
  ['too few codes', { lengths: [[2, 3, 2, 2], rightParts.lengths[1]!] }, 'damaged', 'a coding table has too few codes'],
  ['symbols without an end', { symbols: Array<number>(51).fill(2) }, 'damaged', 'a block does not end where it should'],
  ['a run too long', { ...longRun, symbols: [0, ...longRun.symbols] }, 'damaged', tooLong],
  [
    'a run without its count',
    { inUse: [0x61], lengths: longRun.lengths, symbols: [1, 0, 2] },
    'damaged',
    'a block ends within a run',
  ],
];

describe('a stream of bzip2', () => {
  it('is read when it is right', () => {
    expect(decode(writtenStream())).toStrictEqual(bytes('aaab'));
    expect(decode(writtenStream({ signature: 'BZh1' }))).toStrictEqual(bytes('aaab'));
  });

  it.each(wrong)('is refused with %s', (_name, parts, reason, why) => {
    const error = thrownBy(() => decode(writtenStream(parts)));
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect((error as Error).message).toBe(`The bytes cannot be read as bz2: ${why}.`);
    expect((error as UnreadableBytesError).reason).toBe(reason);
  });

  it.each([
    ['that is written here', writtenStream()],
    ['of several parts', fixture('empty.several.bz2')],
    ['of noise', fixture('every.bz2')],
  ])('is refused wherever it was cut: one %s', (_name, stream) => {
    const ends = stream.length === 42 ? [14, 28] : [];
    for (let length = 0; length < stream.length; length++) {
      const error = thrownBy(() => decode(stream.subarray(0, length)));
      if (ends.includes(length)) continue;
      expect([length, error instanceof UnreadableBytesError && error.reason]).toStrictEqual([length, 'length']);
    }
    const error = thrownBy(() => decode(stream.subarray(0, -1)));
    expect((error as Error).message).toBe('The bytes cannot be read as bz2: they end too early.');
  });

  it('is refused when anything but another follows', () => {
    const stream = writtenStream();
    const followers = ['\0', '\0\0\0\0', 'B', 'BZ', 'BZh', 'BZh0', '1234567890'].map(bytes);
    for (const follower of followers) {
      const error = thrownBy(() => decode(Buffer.concat([stream, follower])));
      const many = follower.length;
      expect((error as Error).message).toBe(`The bytes cannot be read as bz2: ${many} bytes follow after its end.`);
      expect((error as UnreadableBytesError).reason).toBe('length');
    }
    const cut = thrownBy(() => decode(Buffer.concat([stream, stream.subarray(0, 5)])));
    expect((cut as Error).message).toBe('The bytes cannot be read as bz2: they end too early.');
    expect(decode(Buffer.concat([stream, stream]))).toStrictEqual(bytes('aaabaaab'));
  });

  it('never gives anything else, whichever bit is another', async () => {
    const data = bytes('to be or not to be, that is the question. '.repeat(3));
    const stream = await codec.encode(data);
    let refused = 0;
    for (let bit = 0; bit < stream.length * 8; bit++) {
      const changed = Uint8Array.from(stream);
      changed[bit >> 3]! ^= 0x80 >> (bit & 7);
      try {
        expect(decode(changed)).toStrictEqual(data);
      } catch (error) {
        expect([bit, error instanceof UnreadableBytesError]).toStrictEqual([bit, true]);
        refused += 1;
      }
    }
    // What does not matter: the level, codes of symbols in tables that are not selected, the last bits.
    expect(refused).toBeGreaterThan(stream.length * 7);
  });

  it('is read or refused by an error of ours, whatever its parts', () => {
    const complete = [
      [2, 2, 2, 2],
      [1, 2, 3, 3],
      [3, 3, 2, 1],
    ].map((lengths) => fc.constant(lengths));
    const anyLengths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 4, maxLength: 4 });
    const anyParts = fc
      .record({
        origin: fc.nat(6),
        inUse: fc.uniqueArray(fc.nat(255), { minLength: 1, maxLength: 3, size: 'max' }),
        selectors: fc.array(fc.nat(1), { maxLength: 4 }),
        lengths: fc.array(fc.oneof(...complete, ...complete, anyLengths), { minLength: 2, maxLength: 3 }),
        symbols: fc.array(fc.nat(3), { maxLength: 20 }),
      })
      .map((parts) => ({ ...parts, numberOfTables: parts.lengths.length, numberOfSelectors: parts.selectors.length }));
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(anyParts, (parts) => {
        const error = thrownBy(() => decode(writtenStream(parts)));
        if (error !== undefined) expect(error).toBeInstanceOf(UnreadableBytesError);
        outcomes.add(error === undefined ? 'read' : (error as Error).message.replaceAll(/\d+/g, '#'));
      }),
      { numRuns: 1_000 },
    );
    expect(outcomes.size).toBeGreaterThan(5);
  });

  it('is read or refused by an error of ours, whatever has been done to it', { timeout: 30_000 }, async () => {
    const random = seededRandom(5);
    const integer = (end: number): number => Math.floor(random() * end);
    const streams = ['every.bz2', 'runs.bz2', 'empty.several.bz2', 'noise.bz2'].map(fixture);
    const reasons = new Set<string>();
    for (let round = 0; round < 400; round++) {
      const stream = Uint8Array.from(streams[round % streams.length]!);
      for (let change = 0; change <= integer(3); change++) stream[integer(stream.length)] = integer(256);
      const from = integer(stream.length);
      const changed = round % 5 > 0 ? stream : stream.copyWithin(from, integer(stream.length), integer(stream.length));
      const error = await failureOf(() => bz2({ ...settings, asyncAbove: (round % 2) * 1e6 }).decode(changed));
      if (error === undefined) continue;
      expect(error).toBeInstanceOf(UnreadableBytesError);
      reasons.add((error as UnreadableBytesError).reason);
    }
    expect([...reasons]).toEqual(expect.arrayContaining(['damaged', 'foreign', 'length']));
  });
});

describe('memory', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** How many bytes of typed arrays are asked for meanwhile. */
  function allocatedBy(attempt: () => unknown): number {
    let allocated = 0;
    for (const array of [Uint8Array, Uint16Array, Int32Array] as const) {
      const counted = new Proxy(array, {
        construct(target, [first]: [unknown]) {
          const made = new target(first as number);
          allocated += made.byteLength;
          return made;
        },
      });
      vi.stubGlobal(array.name, counted);
    }
    attempt();
    vi.unstubAllGlobals();
    return allocated;
  }

  it('is taken for what is in a stream, not for what its level allows', () => {
    const stream = writtenStream();
    const allocated = allocatedBy(() => decode(stream));
    expect(allocated).toBeGreaterThan(2_000);
    expect(allocated).toBeLessThan(30_000);
  });

  it('is not taken for what would be too much', () => {
    const digits = [...Array<number>(18).fill(0), 2];
    const run = writtenStream({ ...longRun, symbols: digits });
    expect(run.length).toBeLessThan(45);
    const generous = bz2({ ...settings, maxOutputLength: 10_000_000 });
    expect((thrownBy(() => generous.decode(run)) as Error).message).toBe(
      'The bytes cannot be read as bz2: the checksum of a block does not match.',
    );
    const bounded = bz2({ ...settings, maxOutputLength: 200_000 });
    const allocated = allocatedBy(() => {
      const error = thrownBy(() => bounded.decode(run));
      expect(error).toBeInstanceOf(OutputTooLargeError);
      expect((error as Error).message).toBe(
        "The bytes cannot be read as bz2: decoded they are more than 200000 bytes, the option 'maxOutputLength' of " +
          'EncodingSerDe.',
      );
    });
    expect(allocated).toBeLessThan(30_000);
  });

  it('is not taken for a bomb', () => {
    const bomb = fixture('run.bz2');
    expect(bomb.length).toBeLessThan(60);
    const allocated = allocatedBy(() => {
      expect(thrownBy(() => decode(bomb))).toBeInstanceOf(OutputTooLargeError);
    });
    // Its one block, of 392,158 bytes, may be just small enough, and is unfolded only after it has been counted.
    expect(allocated).toBeLessThan(392_158 * 10);
  });

  it('may be given for as much as is allowed', () => {
    const exact = bz2({ ...settings, maxOutputLength: 4 });
    expect(exact.decode(writtenStream())).toStrictEqual(bytes('aaab'));
    const less = bz2({ ...settings, maxOutputLength: 3 });
    expect(thrownBy(() => less.decode(writtenStream()))).toBeInstanceOf(OutputTooLargeError);
    const twice = Buffer.concat([writtenStream(), writtenStream()]);
    expect((bz2({ ...settings, maxOutputLength: 8 }).decode(twice) as Uint8Array).length).toBe(8);
    expect(thrownBy(() => bz2({ ...settings, maxOutputLength: 7 }).decode(twice))).toBeInstanceOf(OutputTooLargeError);
  });
});
