import type { Awaitable, CacheEntry, SerDe } from '@memo/core';
import { encodings, type Encoding } from '../../src/codecs/encodings.js';
import {
  EncodingSerDe,
  JsonSerDe,
  MsgpackSerDe,
  PickleSerDe,
  UnavailableSerDeError,
  type EncodingSerDeOptions,
} from '../../src/index.js';
import { bytesAsTheyAre } from './bytes-as-they-are.js';
import { plainEntries, structuredEntries } from './corpus.js';
import type { Dice } from './dice.js';
import { encoded, json, msgpack, v8, type Dialect } from './dialects.js';
import { envelopeCombination } from './envelope-combination.js';
import { mutated } from './mutation.js';

/** Bytes to be read, and the entry that they were made of. */
export interface Payload {
  readonly bytes: Uint8Array;
  readonly original: CacheEntry;
}

/** A way to read bytes, and how to make hostile ones for it. */
export interface Combination {
  /** Such as `msgpack+gzip`, or `envelope of json`. */
  readonly name: string;
  /** What was written as it should be. */
  readonly originals: readonly Payload[];
  /** One mutation, as the dice decide. */
  mutation(dice: Dice): Awaitable<Payload>;
  read(bytes: Uint8Array): Awaitable<CacheEntry>;
}

/** A SerDe without an encoding, what it is given to write, and what is known of its format. */
export interface Plain {
  readonly name: string;
  readonly serde: SerDe;
  readonly entries: readonly CacheEntry[];
  readonly dialect: Dialect;
}

/** Every SerDe of the package, alone. */
export const plains: readonly Plain[] = [
  { name: 'json', serde: new JsonSerDe(), entries: plainEntries, dialect: json },
  { name: 'msgpack', serde: new MsgpackSerDe(), entries: structuredEntries, dialect: msgpack },
  { name: 'v8', serde: new PickleSerDe(), entries: structuredEntries, dialect: v8 },
];

/** A way to encode, as a part of a combination's name. */
interface EncodingWay {
  readonly name: string;
  readonly encoding: Encoding;
  readonly options?: EncodingSerDeOptions;
  /** Makes the SerDe; for what is done otherwise on other runtimes. */
  readonly making?: <T>(make: () => T) => T;
}

/** Every SerDe in every encoding that this runtime has, and the envelope of every SerDe. */
export async function allCombinations(): Promise<readonly Combination[]> {
  return Promise.all(
    plains.flatMap((plain) => [
      serdeCombination(plain),
      ...availableEncodings.map((encoding) => encodedCombination(plain, { name: encoding, encoding })),
      // What does not depend on the SerDe is tried with one.
      ...(plain.name === 'msgpack' ? otherWays : []).map((way) => encodedCombination(plain, way)),
      envelopeCombination(plain),
    ]),
  );
}

const otherWays: readonly EncodingWay[] = [
  // Half of the entries are shorter, and so marked instead of encoded.
  { name: 'gzip over a threshold', encoding: 'gzip', options: { threshold: 300 } },
  { name: 'gzip on another thread', encoding: 'gzip', options: { asyncAbove: 0 } },
  { name: 'bz2 in turns', encoding: 'bz2', options: { asyncAbove: 0 } },
  ...(['zip', 'gzip', 'deflate'] as const).map((encoding) => ({
    ...{ name: `${encoding} without zlib`, encoding, making: withoutZlib },
  })),
];

function asHere<T>(make: () => T): T {
  return make();
}

/** Makes something as it would be made where there is no `node:zlib`. */
function withoutZlib<T>(make: () => T): T {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = ((name: string) =>
    name === 'node:zlib' ? undefined : (getBuiltinModule(name) as unknown)) as typeof getBuiltinModule;
  try {
    return make();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
}

/** The encodings that this runtime has. */
export const availableEncodings = (Object.keys(encodings) as Encoding[]).filter(isAvailable);

function isAvailable(encoding: Encoding): boolean {
  try {
    new EncodingSerDe(new JsonSerDe(), encoding);
    return true;
  } catch (error) {
    if (error instanceof UnavailableSerDeError) return false;
    throw error;
  }
}

async function serdeCombination({ name, serde, entries, dialect }: Plain): Promise<Combination> {
  const originals = await payloadsOf(serde, entries);
  const donors = originals.map(({ bytes }) => bytes);
  return {
    name,
    originals,
    mutation(dice) {
      const { bytes, original } = dice.pick(originals);
      return { bytes: mutated(bytes, { dice, dialect, donors }), original };
    },
    read: (bytes) => serde.deserialize(bytes),
  };
}

/** Damages either what was encoded, or what is encoded then, so that no checksum of the encoding keeps it off. */
async function encodedCombination(plain: Plain, way: EncodingWay): Promise<Combination> {
  const { name, encoding, options = {}, making = asHere } = way;
  const serde = making(() => new EncodingSerDe(plain.serde, encoding, options));
  const encoder = bytesAsTheyAre(encoding, options);
  const inner = await serdeCombination(plain);
  const originals = await payloadsOf(serde, plain.entries);
  const donors = originals.map(({ bytes }) => bytes);
  return {
    name: `${plain.name}+${name}`,
    originals,
    async mutation(dice) {
      if (dice.chance(0.5)) {
        const { bytes, original } = await inner.mutation(dice);
        return { bytes: await encoder.serialize(bytes), original };
      }
      const { bytes, original } = dice.pick(originals);
      return { bytes: mutated(bytes, { dice, dialect: encoded, donors }), original };
    },
    read: (bytes) => serde.deserialize(bytes),
  };
}

async function payloadsOf(serde: SerDe, entries: readonly CacheEntry[]): Promise<readonly Payload[]> {
  return Promise.all(entries.map(async (original) => ({ bytes: await serde.serialize(original), original })));
}
