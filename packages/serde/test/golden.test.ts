import type { SerDe } from '@memo/core';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodings } from '../src/codecs/encodings.js';
import {
  EncodingSerDe,
  JsonSerDe,
  MsgpackSerDe,
  open,
  packEntry,
  PickleSerDe,
  unpackEntry,
  type Encoding,
} from '../src/index.js';
import { goldenEntries } from './golden/entries.js';
import { difference } from './support/difference.js';

/**
 * Envelopes as earlier versions wrote them. Every one must be readable for ever. `MEMO_GOLDEN=add` writes those that are
 * missing and leaves the others alone; nothing writes over one.
 */
interface Golden {
  readonly format: string;
  readonly entry: keyof typeof goldenEntries;
  readonly key: string;
  readonly hex: string;
}

const manifest = new URL('./golden/envelopes.json', import.meta.url);
const stored = JSON.parse(readFileSync(manifest, 'utf8')) as readonly Golden[];

const serdes: readonly (readonly [SerDe, readonly (keyof typeof goldenEntries)[]])[] = [
  [new JsonSerDe(), ['plain', 'absent', 'failure', 'remembered']],
  [new MsgpackSerDe(), ['plain', 'absent', 'failure', 'structured', 'cause', 'remembered']],
  // Without the cause: newer versions of V8 do not read one that older ones wrote.
  [new PickleSerDe(), ['plain', 'absent', 'failure', 'structured', 'remembered']],
];

const wanted = serdes.flatMap(([serde, names]) =>
  [serde, ...(Object.keys(encodings) as Encoding[]).map((encoding) => new EncodingSerDe(serde, encoding))].flatMap(
    (encoded) => names.map((entry) => ({ serde: encoded, format: encoded.format ?? '', entry })),
  ),
);
const serdeOf = new Map(wanted.map(({ serde, format }) => [format, serde]));

const started = 1_699_999_999_000;

async function written({ serde, format, entry }: (typeof wanted)[number]): Promise<Golden> {
  const key = `golden:${format}:${entry}`;
  const version = new TextEncoder().encode('version1');
  const lease = {
    holder: new TextEncoder().encode('ten bytes.'),
    time: 3_000,
    failures: 2,
    awaited: true,
    end: 1_700_000_003_000,
  };
  const details = { keepUntil: 1_800_000_000_000, version, lease };
  return {
    format,
    entry,
    key,
    hex: Buffer.from(await packEntry(key, { ...goldenEntries[entry], started }, serde, details)).toString('hex'),
  };
}

async function completed(): Promise<readonly Golden[]> {
  const missing = wanted.filter(
    (one) => !stored.some(({ format, entry }) => format === one.format && entry === one.entry),
  );
  if (process.env['MEMO_GOLDEN'] !== 'add' || missing.length === 0) return stored;
  const all = [...stored, ...(await Promise.all(missing.map(written)))];
  writeFileSync(manifest, `${JSON.stringify(all, undefined, 2)}\n`);
  return all;
}

const goldens = await completed();

describe('golden payloads', () => {
  it('are there for every SerDe and encoding', () => {
    const there = new Set(goldens.map(({ format, entry }) => `${format} ${entry}`));
    expect(wanted.filter(({ format, entry }) => !there.has(`${format} ${entry}`))).toStrictEqual([]);
  });

  it.each(goldens)('are read as what they were: $format, $entry', async ({ format, entry, key, hex }) => {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    const { value, ...restored } = await unpackEntry(key, bytes, serdeOf.get(format)!);
    const { value: wanted, ...expected } = goldenEntries[entry];
    expect(restored).toStrictEqual({ ...expected, started });
    expect(difference(value, wanted)).toBe(undefined);
    expect(open(bytes)).toMatchObject({
      key,
      format,
      started,
      keepUntil: 1_800_000_000_000,
      lease: { end: 1_700_000_003_000 },
    });
  });
});
