import type { CacheEntry, SerDe } from '@memo/core';
import { describe, expect, it } from 'vitest';
import {
  envelopeLayout,
  open,
  packEntry,
  readEntry,
  seal,
  unpackEntry,
  UnreadableBytesError,
} from '../../src/index.js';

const entry: CacheEntry = { value: { a: 1 }, created: 1, updateAfter: 2, expiresAfter: 3, etag: 'e', failed: true };

/** Keeps nothing but the value, and dates everything wrongly. */
const plain: SerDe = {
  format: 'plain',
  serialize: ({ value }) => new TextEncoder().encode(JSON.stringify(value)),
  deserialize: (data) => ({
    value: JSON.parse(new TextDecoder().decode(data)) as unknown,
    created: 91,
    updateAfter: 92,
    expiresAfter: 93,
  }),
};

const later: SerDe = {
  format: 'plain',
  serialize: async (given) => plain.serialize(given),
  deserialize: async (data) => plain.deserialize(data),
};

function packed(key = 'k', serde = plain): Uint8Array {
  return packEntry(key, entry, serde) as Uint8Array;
}

describe('packEntry and unpackEntry', () => {
  it('give back the entry, with the moments, etag and failure of the envelope', () => {
    expect(unpackEntry('k', packed(), plain)).toStrictEqual(entry);
  });

  it('leave out what the entry does not have', () => {
    const { etag: _etag, failed: _failed, ...bare } = entry;
    const data = packEntry('k', bare, plain) as Uint8Array;
    expect(unpackEntry('k', data, plain)).toStrictEqual(bare);
  });

  it('give back when the load began, where it is not when the entry was created', () => {
    const loaded = { ...entry, started: entry.created - 0.5 };
    expect(open(packEntry('k', loaded, plain) as Uint8Array).started).toBe(loaded.started);
    expect(unpackEntry('k', packEntry('k', loaded, plain) as Uint8Array, plain)).toStrictEqual(loaded);
  });

  it.each([
    ['longer than it is served', { keepUntil: 9.5 }, 9.5, { keepUntil: 9.5 }],
    ['for ever', { keepUntil: Infinity }, Infinity, { keepUntil: Infinity }],
    ['as long as it is served', { keepUntil: 3 }, 3, {}],
    ['not even as long', { keepUntil: 2 }, 3, {}],
    ['nobody knows how long', { keepUntil: NaN }, 3, {}],
    ['nobody says how long', {}, 3, {}],
  ])('say until when it is kept: %s', (_, kept, keepUntil, restored) => {
    const data = packEntry('k', { ...entry, ...kept }, plain) as Uint8Array;
    expect(open(data).keepUntil).toBe(keepUntil);
    expect(unpackEntry('k', data, plain)).toStrictEqual({ ...entry, ...restored });
  });

  it('give back an entry of an envelope that is kept less long than it is served, as earlier versions could write it', () => {
    const data = packEntry('k', entry, plain, { keepUntil: 1 }) as Uint8Array;
    expect(unpackEntry('k', data, plain)).toStrictEqual(entry);
  });

  it('wait only for a SerDe that does', async () => {
    const data = packEntry('k', entry, later);
    expect(data).toBeInstanceOf(Promise);
    const restored = unpackEntry('k', await data, later);
    expect(restored).toBeInstanceOf(Promise);
    await expect(restored).resolves.toStrictEqual(entry);
  });

  it('know what a storage adds', () => {
    const written = { version: new Uint8Array(8).fill(3), generation: new Uint8Array([4]) };
    const details = { keepUntil: 9, ...written };
    expect(open(packEntry('k', entry, plain, details) as Uint8Array)).toMatchObject(details);
    expect(open(packed())).toMatchObject({ started: 1, keepUntil: 3 });
    expect(open(packed()).version).not.toStrictEqual(open(packed()).version);
  });

  it('are read whatever a lease says, and are none where there is only a lease', async () => {
    const lease = { holder: new Uint8Array(10).fill(1), time: 1, failures: 0, awaited: true, end: 5 };
    const placeholder = seal({ ...open(packed()), lease, placeholder: true });
    const leased = seal({ ...open(packed()), lease });
    expect(readEntry('k', packed(), plain)).toStrictEqual(entry);
    expect(readEntry('k', leased, plain)).toStrictEqual(entry);
    expect(readEntry('k', placeholder, plain)).toBe(undefined);
    await expect(readEntry('k', await packEntry('k', entry, later), later)).resolves.toStrictEqual(entry);
    expect(() => readEntry('other', placeholder, plain)).toThrow('they belong to another key');
    for (let byte = 0; byte < placeholder.length; byte++) {
      const inLease = byte >= envelopeLayout.lease && byte < envelopeLayout.moments;
      for (const data of [placeholder, leased]) {
        data[byte]! ^= 2;
        if (!inLease) expect(() => readEntry('k', data, plain)).toThrow(UnreadableBytesError);
        data[byte]! ^= 2;
      }
    }
  });

  it('are read only if they count by the generation under which they were written', () => {
    const generation = new Uint8Array([4, 5]);
    const written = packEntry('k', entry, plain, { generation }) as Uint8Array;
    const asked: unknown[] = [];
    const counting = (counts: boolean) => (told: Uint8Array | undefined) => {
      asked.push(told && Uint8Array.from(told));
      return counts;
    };
    expect(readEntry('k', written, plain, counting(true))).toStrictEqual(entry);
    expect(readEntry('k', packed(), plain, counting(true))).toStrictEqual(entry);
    expect(asked).toStrictEqual([generation, undefined]);
    expect(readEntry('k', written, plain, counting(false))).toBe(undefined);
    expect(readEntry('of another key', written, plain, counting(false))).toBe(undefined);
    written[written.length - 1]! ^= 1;
    expect(() => readEntry('k', written, plain, counting(false))).toThrow(UnreadableBytesError);
  });

  it.each<[string, () => unknown, string]>([
    [
      'another key',
      () => unpackEntry('other', packed(), plain),
      'The bytes cannot be read as the entry of this key: they belong to another key.',
    ],
    [
      'another SerDe',
      () => unpackEntry('k', packed(), { ...plain, format: 'json+gzip' }),
      `The bytes cannot be read as an entry: they were written as 'plain', the SerDe of this storage reads 'json+gzip'.`,
    ],
    [
      'a lease without a value',
      () => unpackEntry('k', seal({ ...open(packed()), placeholder: true }), plain),
      'The bytes cannot be read as an entry: they hold a lease and no value.',
    ],
  ])('refuse %s', (_name, attempt, message) => {
    expect(attempt).toThrow(expect.objectContaining({ message, reason: 'mismatch' }));
    expect(attempt).toThrow(UnreadableBytesError);
  });
});
