import type { CacheEntry } from '../entry/cache-entry.js';
import type { Awaitable, SerDe } from '../serde.js';
import { failureOf, runContract, type Clause, type TestRunner } from './contract.js';
import { garbage, randomBytes } from './garbage.js';
import { rememberedFailure } from './remembered-failure.js';
import { samplesBeyond, samplesOf, type ValueKind } from './value-samples.js';

/** What is true of a SerDe beyond its interface. */
export interface SerDeTraits {
  /** Which values come back as they were. @defaultValue `'structured'` */
  readonly values?: ValueKind;
  /** The SerDe was told to change what it cannot represent, so nobody expects it to refuse that. */
  readonly lossy?: true;
}

interface SerDeSubject {
  readonly serde: SerDe;
  readonly values: ValueKind;
  openAnother(): Promise<SerDe>;
}

const entry: CacheEntry = {
  value: { name: 'päper', list: [1, null, true] },
  created: 1_700_000_000_000.25,
  updateAfter: 1_700_000_060_000,
  expiresAfter: Infinity,
  etag: 'revision',
};

/**
 * A suite of tests that every `SerDe` passes.
 *
 * @param create - makes a SerDe; two that it makes understand each other.
 */
export function serdeContract(runner: TestRunner, create: () => Awaitable<SerDe>, traits: SerDeTraits = {}): void {
  const { values = 'structured', lossy } = traits;
  const applicable = lossy === true ? clauses.filter(({ id }) => id !== 'values-beyond') : clauses;
  runContract(runner, 'SerDe', applicable, async () => ({
    subject: { serde: await create(), values, openAnother: async () => create() },
    missing: new Set(),
    close: async () => {},
  }));
}

const clauses: readonly Clause<SerDeSubject>[] = [
  {
    id: 'values',
    title: 'values come back as they were; undefined, null, 0 and empty text are values like any other',
    async run({ serde, values }, expect) {
      for (const [name, value] of samplesOf(values)) {
        const { value: restored } = await roundTrip(serde, { ...entry, value });
        expect([name, restored]).toStrictEqual([name, value]);
      }
    },
  },
  {
    id: 'values-beyond',
    title: 'a value that cannot come back as it was is refused, never changed',
    async run({ serde, values }, expect) {
      for (const [name, value] of samplesBeyond(values)) {
        let data: Uint8Array;
        try {
          data = await serde.serialize({ ...entry, value });
        } catch {
          continue;
        }
        expect([name, (await serde.deserialize(data)).value]).toStrictEqual([name, value]);
      }
    },
  },
  {
    id: 'parts',
    title: 'moments, etag and the mark of a failure come back as they were, or stay away',
    async run({ serde }, expect) {
      for (const parts of [
        {},
        { etag: '' },
        { failed: true as const },
        { created: 0, updateAfter: 0.5, expiresAfter: 8.64e15 },
        { updateAfter: Infinity, expiresAfter: Infinity },
      ]) {
        const { etag: _, ...bare } = entry;
        const whole = { ...bare, ...parts };
        expect({ ...(await roundTrip(serde, whole)) }).toStrictEqual(whole);
      }
    },
  },
  {
    id: 'failures',
    title: 'what memo tells of a failure in a shared storage comes back as it was',
    async run({ serde }, expect) {
      const failed = { ...entry, failed: true, value: rememberedFailure } as const;
      expect({ ...(await roundTrip(serde, failed)) }).toStrictEqual(failed);
    },
  },
  {
    id: 'large',
    title: 'a value of a megabyte comes back whole',
    async run({ serde }, expect) {
      const value = Array.from({ length: 100_000 }, (_, index) => `line ${index}`).join('\n');
      const { value: restored } = await roundTrip(serde, { ...entry, value });
      expect(restored === value).toBe(true);
    },
  },
  {
    id: 'another',
    title: 'what one SerDe wrote another one reads that is made alike',
    async run({ serde, openAnother }, expect) {
      const data: Uint8Array[] = [];
      // Several of one shape: a SerDe that learns shapes must write each so that it is read without the others.
      for (const id of [1, 2, 3]) data.push(await serde.serialize({ ...entry, value: { id, name: `name ${id}` } }));
      const another = await openAnother();
      expect((await another.deserialize(data[2]!)).value).toStrictEqual({ id: 3, name: 'name 3' });
    },
  },
  {
    id: 'bytes',
    title: 'what is written are bytes that stay as they are while others are written',
    async run({ serde }, expect) {
      const data = await serde.serialize(entry);
      expect(data instanceof Uint8Array).toBe(true);
      const before = [...data];
      for (const value of ['x'.repeat(50), 'x'.repeat(5_000)]) await serde.serialize({ ...entry, value });
      expect([...data]).toStrictEqual(before);
    },
  },
  {
    id: 'entry-untouched',
    title: 'writing changes nothing about the entry, and works on one that is frozen',
    async run({ serde }, expect) {
      const value = Object.freeze({ list: Object.freeze([1, 2]), name: 'name' });
      await serde.serialize(Object.freeze({ ...entry, value }));
      const mutable = { ...entry, value: { list: [1, 2], name: 'name' } };
      await serde.serialize(mutable);
      expect(mutable).toStrictEqual({ ...entry, value: { list: [1, 2], name: 'name' } });
    },
  },
  {
    id: 'data-untouched',
    title: 'reading changes nothing about the bytes',
    async run({ serde }, expect) {
      const data = await serde.serialize(entry);
      const before = [...data];
      await serde.deserialize(data);
      expect([...data]).toStrictEqual(before);
    },
  },
  {
    id: 'data-not-kept',
    title: 'what was read stays as it is when the bytes are used for something else',
    async run({ serde, values }, expect) {
      const value = values === 'json' ? { name: 'name' } : { name: 'name', bytes: new Uint8Array([1, 2, 3]) };
      const data = await serde.serialize({ ...entry, value });
      const restored = await serde.deserialize(data);
      data.fill(0xff);
      expect(restored.value).toStrictEqual(
        values === 'json' ? { name: 'name' } : { name: 'name', bytes: new Uint8Array([1, 2, 3]) },
      );
    },
  },
  {
    id: 'data-inside',
    title: 'bytes are read also where they lie in the middle of others',
    async run({ serde }, expect) {
      const data = await serde.serialize(entry);
      const around = new Uint8Array(data.length + 20).fill(0x7b);
      around.set(data, 7);
      expect({ ...(await serde.deserialize(around.subarray(7, 7 + data.length))) }).toStrictEqual(entry);
    },
  },
  {
    id: 'garbage',
    title: 'bytes that it did not write are refused: none, noise, other formats',
    async run({ serde }, expect) {
      for (const [name, data] of garbage()) {
        const failure = await failureOf(() => serde.deserialize(data));
        expect([name, failure instanceof Error]).toStrictEqual([name, true]);
      }
    },
  },
  {
    id: 'truncated',
    title: 'bytes that were cut short are refused, wherever they were cut',
    async run({ serde }, expect) {
      const data = await serde.serialize({ ...entry, value: ['first', { second: 'x'.repeat(200) }] });
      for (let length = 0; length < data.length; length++) {
        const failure = await failureOf(() => serde.deserialize(data.slice(0, length)));
        expect([`${length} of ${data.length} bytes`, failure instanceof Error]).toStrictEqual([
          `${length} of ${data.length} bytes`,
          true,
        ]);
      }
    },
  },
  {
    id: 'concurrent',
    title: 'entries written and read at the same time keep apart',
    async run({ serde }, expect) {
      const values = Array.from({ length: 50 }, (_, index) => `${index} `.repeat(1_000 * (index % 5)));
      const restored = await Promise.all(values.map((value) => roundTrip(serde, { ...entry, value })));
      expect(restored.every(({ value }, index) => value === values[index])).toBe(true);
    },
  },
  {
    id: 'format',
    title: 'the name of the format, if it has one, is text that stays the same',
    async run({ serde, openAnother }, expect) {
      const { format } = serde;
      if (format !== undefined) expect(typeof format === 'string' && format !== '').toBe(true);
      await roundTrip(serde, { ...entry, value: randomBytes(10).join() });
      expect(serde.format).toBe(format);
      expect((await openAnother()).format).toBe(format);
    },
  },
];

async function roundTrip(serde: SerDe, offered: CacheEntry): Promise<CacheEntry> {
  return serde.deserialize(await serde.serialize(offered));
}
