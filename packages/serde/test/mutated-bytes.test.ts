import type { CacheEntry, SerDe } from '@memo/core';
import { afterEach, describe, expect, it } from 'vitest';
import {
  EncodingSerDe,
  JsonSerDe,
  MsgpackSerDe,
  packEntry,
  PickleSerDe,
  unpackEntry,
  UnreadableBytesError,
  type Encoding,
} from '../src/index.js';
import { seededRandom } from './support/seeded-random.js';

const moments = { created: 1_700_000_000_000, updateAfter: 1_700_000_060_000, expiresAfter: Infinity, etag: 'e' };
const plain = { id: 7, list: [1, 'two', null, { three: [true, 0.5] }], text: 'päper '.repeat(20) };
const structured = {
  ...plain,
  map: new Map<unknown, unknown>([[1n, new Set(['a'])]]),
  date: new Date(0),
  bytes: new Uint8Array([1, 2, 3]),
  floats: new Float64Array([0.5]),
  error: Object.assign(new RangeError('wrong', { cause: 1 }), { code: 'E' }),
  pattern: /a+/g,
  big: 2n ** 100n,
  nothing: undefined,
};

const serdes: readonly (readonly [SerDe, CacheEntry])[] = [
  [new JsonSerDe(), { ...moments, value: plain }],
  [new MsgpackSerDe(), { ...moments, value: structured }],
  [new PickleSerDe(), { ...moments, value: structured }],
];
const encodings: readonly (Encoding | undefined)[] = [undefined, 'zip', 'gzip', 'deflate', 'base64', 'hex'];

const combinations = serdes.flatMap(([serde, entry]) =>
  encodings.map((encoding): [string, SerDe, CacheEntry] => {
    const encoded = encoding === undefined ? serde : new EncodingSerDe(serde, encoding);
    return [encoded.format ?? '', encoded, entry];
  }),
);

/** The bytes with one thing done to them: changed, cut, repeated, or some put in between. */
function mutated(data: Uint8Array, random: () => number): Uint8Array {
  const at = Math.floor(random() * data.length);
  const length = Math.floor(random() * 20);
  const noise = Uint8Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() * 256));
  const parts = [
    () => [data.subarray(0, at), [data[at]! ^ (1 << Math.floor(random() * 8))], data.subarray(at + 1)],
    () => [data.subarray(0, at), noise, data.subarray(at + noise.length)],
    () => [data.subarray(0, at)],
    () => [data.subarray(0, at), data.subarray(at + 1 + length)],
    () => [data.subarray(0, at), data.subarray(Math.max(0, at - length))],
    () => [data.subarray(0, at), noise, data.subarray(at)],
  ][Math.floor(random() * 6)]!();
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

describe('mutated bytes', () => {
  afterEach(() => {
    expect(Object.keys(Object.prototype)).toStrictEqual([]);
    expect('admin' in {}).toBe(false);
  });

  it.each(combinations)('are read or refused by an error of ours: %s', async (_format, serde, entry) => {
    const data = await serde.serialize(entry);
    const random = seededRandom(data.length);
    let refused = 0;
    for (let round = 0; round < 500; round++) {
      try {
        const { created, updateAfter, expiresAfter } = await serde.deserialize(mutated(data, random));
        expect([created, updateAfter, expiresAfter].every((moment) => typeof moment === 'number')).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableBytesError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(100);
    expect((await serde.deserialize(data)).value).toStrictEqual(entry.value);
  });

  it.each(combinations)('are noticed in an envelope, all of them: %s', async (_format, serde, entry) => {
    const data = await packEntry('key', entry, serde);
    const random = seededRandom(data.length);
    for (let round = 0; round < 500; round++) {
      const changed = mutated(data, random);
      // The lease is the storage's to change.
      changed.set(data.subarray(4, Math.min(28, changed.length)), 4 > changed.length ? changed.length : 4);
      if (isSame(changed, data)) continue;
      await expect((async () => unpackEntry('key', changed, serde))()).rejects.toBeInstanceOf(UnreadableBytesError);
    }
  });
});
