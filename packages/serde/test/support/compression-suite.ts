import { describe, expect, it } from 'vitest';
import type { Codec, CodecSettings } from '../../src/codecs/codec.js';
import { encodings, type CompressionLevels } from '../../src/codecs/encodings.js';
import { OutputTooLargeError, UnreadableBytesError } from '../../src/index.js';
import { originals } from '../fixtures/originals.js';

/** One of the ways in which a compression is done: where, and by what. */
export interface CompressionWay {
  readonly name: string;
  readonly codecOf: (changes?: Partial<CodecSettings>) => Codec;
}

export const usualSettings = { maxOutputLength: 64 * 1024 * 1024, asyncAbove: 16 * 1024 };
export const small = new TextEncoder().encode('to be or not to be '.repeat(50));

/** What is true of every compression, whichever way it is done. */
export function compressionSuite(
  encoding: 'brotli' | 'zstd',
  ways: readonly CompressionWay[],
  bomb: () => Uint8Array,
): void {
  describe.each(ways)(`streams of ${encoding}, $name,`, { timeout: 30_000 }, ({ codecOf }) => {
    const { least, usual, most }: CompressionLevels = encodings[encoding].levels;

    it('come back from every level, and become shorter with it', async () => {
      const lines = originals['lines']!;
      const lengths: number[] = [];
      for (let level = least; level <= most; level++) {
        const encoded = await codecOf({ level }).encode(lines);
        expect([level, isSame(await codecOf().decode(encoded), lines)]).toStrictEqual([level, true]);
        lengths[level] = encoded.length;
      }
      expect(lengths[most]).toBeLessThan(lengths[least]!);
      expect((await codecOf({ level: usual }).encode(lines)).length).toBe(lengths[usual]);
    });

    it('are refused when they were cut, wherever it was', async () => {
      const codec = codecOf();
      for (const data of [new Uint8Array(), small, originals['noise']!.subarray(0, 300)]) {
        const encoded = await codec.encode(data);
        for (let length = 0; length < encoded.length; length++) {
          const error = await failureOf(() => codec.decode(encoded.subarray(0, length)));
          expect([length, error instanceof UnreadableBytesError && error.reason]).toStrictEqual([length, 'length']);
        }
        const error = await failureOf(() => codec.decode(encoded.subarray(0, -1)));
        expect((error as Error).message).toBe(`The bytes cannot be read as ${encoding}: they end too early.`);
      }
    });

    it('are refused when anything else follows', async () => {
      const codec = codecOf();
      const encoded = await codec.encode(small);
      const followers = [[0], [0, 0, 0, 0], [0x28], [0x28, 0xb5, 0x2f, 0xfd], [3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]];
      for (const follower of followers) {
        const error = await failureOf(() => codec.decode(Buffer.concat([encoded, Uint8Array.from(follower)])));
        expect([follower, error instanceof UnreadableBytesError]).toStrictEqual([follower, true]);
      }
    });

    it('are read or refused by an error of ours when a byte has changed', async () => {
      const codec = codecOf({ maxOutputLength: 1_000_000 });
      const encoded = await codec.encode(originals['lines']!.subarray(0, 2_000));
      let refused = 0;
      for (let at = 0; at < encoded.length; at++) {
        for (const change of [0x01, 0x80, 0xff]) {
          const changed = Uint8Array.from(encoded);
          changed[at]! ^= change;
          const error = await failureOf(() => codec.decode(changed));
          if (error === undefined) continue;
          expect([at, change, error instanceof UnreadableBytesError]).toStrictEqual([at, change, true]);
          refused += 1;
        }
      }
      expect(refused).toBeGreaterThan(encoded.length);
    });

    it('give as much as is allowed and no more', async () => {
      for (const data of [small, originals['lines']!]) {
        const encoded = await codecOf().encode(data);
        expect(isSame(await codecOf({ maxOutputLength: data.length }).decode(encoded), data)).toBe(true);
        const error = await failureOf(() => codecOf({ maxOutputLength: data.length - 1 }).decode(encoded));
        expect(error).toBeInstanceOf(OutputTooLargeError);
        expect((error as Error).message).toBe(
          `The bytes cannot be read as ${encoding}: decoded they are more than ${data.length - 1} bytes, ` +
            "the option 'maxOutputLength' of EncodingSerDe.",
        );
      }
    });

    it('stop early where a bomb goes off', async () => {
      const data = bomb();
      expect(data.length).toBeLessThan(100_000);
      const codec = codecOf({ maxOutputLength: 1_000_000 });
      await codec.decode(await codec.encode(small));
      const before = process.memoryUsage();
      let most = 0;
      const look = (): void => {
        const { arrayBuffers, external } = process.memoryUsage();
        most = Math.max(most, arrayBuffers - before.arrayBuffers, external - before.external);
      };
      const looking = setInterval(look, 1);
      const error = await failureOf(() => codec.decode(data));
      clearInterval(looking);
      look();
      expect(error).toBeInstanceOf(OutputTooLargeError);
      expect(most).toBeLessThan(30_000_000);
    });

    it('are plain Uint8Arrays', async () => {
      const encoded = await codecOf().encode(small);
      expect(Object.getPrototypeOf(encoded)).toBe(Uint8Array.prototype);
      expect(Object.getPrototypeOf(await codecOf().decode(encoded))).toBe(Uint8Array.prototype);
    });
  });
}

/** Compared here and not by the test framework, which would print megabytes. */
export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** What an attempt throws or rejects with. */
export async function failureOf(attempt: () => unknown): Promise<unknown> {
  try {
    await attempt();
  } catch (error) {
    return error;
  }
  return undefined;
}
