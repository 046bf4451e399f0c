import type { SerDe } from '@memo/core';
import { describe, expect, it } from 'vitest';
import { JsonSerDe, MsgpackSerDe, PickleSerDe, UnfaithfulValueError, UnreadableBytesError } from '../../src/index.js';
import { thrownBy } from '../support/thrown-by.js';

const moments = { created: 1, updateAfter: 2, expiresAfter: 3 };
const emptyRow: unknown[] = Array(1_000).fill([]);
const dates = Array.from({ length: 700 }, () => Array.from({ length: 1_000 }, () => new Date(0)));
const serdes: readonly (readonly [string, SerDe, unknown])[] = [
  ['JsonSerDe', new JsonSerDe(), Array(1_700).fill(emptyRow)],
  ['MsgpackSerDe', new MsgpackSerDe(), dates],
  ['PickleSerDe', new PickleSerDe(), dates],
];

describe.each(serdes)('%s', { timeout: 30_000 }, (name, serde, tooMuch) => {
  it('keeps what is large because its texts are', async () => {
    const value = ['[{,'.repeat(1_000_000), '\\"{{'.repeat(500_000)];
    const restored = await serde.deserialize(await serde.serialize({ ...moments, value }));
    expect(restored.value).toStrictEqual(value);
  });

  it('keeps a table of many rows', async () => {
    const value = Array.from({ length: 50_000 }, (_, id) => ({ id, name: `name ${id}`, tags: [id] }));
    const restored = await serde.deserialize(await serde.serialize({ ...moments, value }));
    expect((restored.value as unknown[]).length).toBe(50_000);
  });

  it('refuses to write what would take too much memory to be read', () => {
    const error = thrownBy(() => serde.serialize({ ...moments, value: tooMuch }));
    expect(error).toBeInstanceOf(UnfaithfulValueError);
    expect((error as Error).message).toBe(
      `${name} cannot keep value: reading it would take more than 128 MiB of memory beside its texts and buffers. ` +
        'Keep it in several entries.',
    );
  });
});

it('JsonSerDe refuses to read what would take too much memory', { timeout: 30_000 }, () => {
  const empty = (text: string, times: number): Uint8Array => new TextEncoder().encode(`[${text.repeat(times)}0]`);
  const serde = new JsonSerDe();
  for (const data of [
    empty('{},', 2_000_000),
    empty('[', 3_000_000),
    empty('0,', 9_000_000),
    empty('":":0,', 5_000_000),
  ]) {
    const error = thrownBy(() => serde.deserialize(data));
    expect(error).toBeInstanceOf(UnreadableBytesError);
    expect(error).toMatchObject({
      reason: 'too large',
      message: 'The bytes cannot be read as a JSON entry: what they hold would take more than 128 MiB of memory.',
    });
  }
});
