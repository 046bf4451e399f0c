import type { Awaitable } from '../serde.js';
import { failureOf, runContract, type Clause, type TestRunner } from './contract.js';
import { randomBytes } from './garbage.js';

/** What a codec has to have to be put to the test; `Codec` of `@memo/serde` fits. */
export interface CodecLike {
  readonly unusedFirstByte?: number;
  encode(data: Uint8Array): Awaitable<Uint8Array>;
  decode(data: Uint8Array): Awaitable<Uint8Array>;
}

/** What is true of a codec beyond its interface. */
export interface CodecTraits {
  /** The beginning of what is encoded may be a whole of its own, as with hexadecimal digits: a cut does not show. */
  readonly prefixesAreValid?: true;
}

/** A suite of tests that every `Codec` passes: what it encodes it decodes to the very same bytes. */
export function codecContract(runner: TestRunner, create: () => Awaitable<CodecLike>, traits: CodecTraits = {}): void {
  const applicable = traits.prefixesAreValid === true ? clauses.filter(({ id }) => id !== 'truncated') : clauses;
  runContract(runner, 'Codec', applicable, async () => ({
    subject: await create(),
    missing: new Set(),
    close: async () => {},
  }));
}

const garbage = [randomBytes(64), randomBytes(5_000), new TextEncoder().encode('(no encoding)')];

const clauses: readonly Clause<CodecLike>[] = [
  {
    id: 'round-trip',
    title: 'bytes come back as they were, none at all, every one, repeated ones, noise of any length',
    async run(codec, expect) {
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const lengths = [0, 1, 2, 3, 4, 5, 63, 64, 65, 1_000, 1_001];
      const noise = lengths.map((length) => randomBytes(length));
      const repeated = lengths.flatMap((length) => [new Uint8Array(length), new Uint8Array(length).fill(0x61)]);
      for (const data of [every, ...noise, ...repeated])
        expect([...(await roundTrip(codec, data))]).toStrictEqual([...data]);
    },
  },
  {
    id: 'large',
    title: 'megabytes come back as they were, those that compress and those that do not',
    async run(codec, expect) {
      for (const data of [randomBytes(2_000_000), new Uint8Array(2_000_000).fill(97)]) {
        expect(isSame(await roundTrip(codec, data), data)).toBe(true);
      }
    },
  },
  {
    id: 'bytes',
    title: 'both ways lead to Uint8Arrays of their own, which stay as they are while others are made',
    async run(codec, expect) {
      const data = randomBytes(100);
      const encoded = await codec.encode(data);
      const decoded = await codec.decode(encoded);
      expect([encoded instanceof Uint8Array, decoded instanceof Uint8Array]).toStrictEqual([true, true]);
      const before = [...encoded];
      await roundTrip(codec, randomBytes(99));
      data.fill(0);
      expect([...encoded]).toStrictEqual(before);
      encoded.fill(0);
      expect([...decoded]).toStrictEqual([...randomBytes(100)]);
    },
  },
  {
    id: 'untouched',
    title: 'neither way changes the bytes it is given',
    async run(codec, expect) {
      const data = randomBytes(1_000);
      const encoded = await codec.encode(data);
      expect([...data]).toStrictEqual([...randomBytes(1_000)]);
      const before = [...encoded];
      await codec.decode(encoded);
      expect([...encoded]).toStrictEqual(before);
    },
  },
  {
    id: 'inside',
    title: 'bytes are taken also where they lie in the middle of others',
    async run(codec, expect) {
      const data = randomBytes(100);
      const encoded = await codec.encode(amid(data));
      expect([...(await codec.decode(amid(encoded)))]).toStrictEqual([...data]);
    },
  },
  {
    id: 'garbage',
    title: 'bytes that it did not write are refused',
    async run(codec, expect) {
      for (const [index, data] of garbage.entries()) {
        const failure = await failureOf(() => codec.decode(data));
        expect([`garbage ${index}`, failure instanceof Error]).toStrictEqual([`garbage ${index}`, true]);
      }
    },
  },
  {
    id: 'truncated',
    title: 'bytes that were cut short are refused',
    async run(codec, expect) {
      const encoded = await codec.encode(randomBytes(1_000));
      for (const length of [0, 1, 2, encoded.length >> 1, encoded.length - 1]) {
        const failure = await failureOf(() => codec.decode(encoded.slice(0, length)));
        expect([`${length} bytes`, failure instanceof Error]).toStrictEqual([`${length} bytes`, true]);
      }
    },
  },
  {
    id: 'unused-first-byte',
    title: 'nothing begins with the byte that it calls unused, if it does, and what begins with it is refused',
    async run(codec, expect) {
      const unused = codec.unusedFirstByte;
      if (unused === undefined) return;
      expect([unused, Number.isInteger(unused) && unused >= 0 && unused <= 255]).toStrictEqual([unused, true]);
      const repeated = Array.from({ length: 256 }, (_, byte) => new Uint8Array(byte * 16).fill(byte));
      for (const data of [...garbage, randomBytes(100_000), ...repeated]) {
        const encoded = await codec.encode(data);
        expect([data.length, encoded[0] === unused]).toStrictEqual([data.length, false]);
        const failure = await failureOf(() => codec.decode(Uint8Array.of(unused, ...data.subarray(0, 1_000))));
        expect([data.length, failure instanceof Error]).toStrictEqual([data.length, true]);
      }
    },
  },
  {
    id: 'concurrent',
    title: 'what is encoded and decoded at the same time keeps apart',
    async run(codec, expect) {
      const all = Array.from({ length: 30 }, (_, index) => randomBytes(index * 2_500));
      const decoded = await Promise.all(all.map((data) => roundTrip(codec, data)));
      expect(decoded.every((data, index) => isSame(data, all[index]))).toBe(true);
    },
  },
];

async function roundTrip(codec: CodecLike, data: Uint8Array): Promise<Uint8Array> {
  return codec.decode(await codec.encode(data));
}

/** The same bytes as a view into a larger piece of memory. */
function amid(data: Uint8Array): Uint8Array {
  const around = new Uint8Array(data.length + 20).fill(0x41);
  around.set(data, 7);
  return around.subarray(7, 7 + data.length);
}

/** Compared here and not by the test framework, which would print megabytes. */
function isSame(found: Uint8Array, expected: Uint8Array | undefined): boolean {
  return found.length === expected?.length && found.every((byte, index) => byte === expected[index]);
}
