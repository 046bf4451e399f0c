import { crc32 } from '../../src/envelope/crc-32.js';
import { envelopeLayout as at, open, packEntry, readLease, readMoments, unpackEntry } from '../../src/index.js';
import type { Combination, Payload, Plain } from './combinations.js';
import type { Dice } from './dice.js';
import { envelope } from './dialects.js';
import { joined, mutated } from './mutation.js';
import { isMoment, verdictOnError } from './verdict.js';

const key = 'user("42")';
const version = new TextEncoder().encode('version1');
const lease = { token: new TextEncoder().encode('sixteen bytes...'), end: 1_700_000_003_000 };

/**
 * Envelopes around what a SerDe wrote. Two of three are mended after they were damaged, lengths and checksums or checksums
 * only, so that what stands behind them is reached.
 */
export async function envelopeCombination({ name, serde, entries, dialect }: Plain): Promise<Combination> {
  const originals = await Promise.all(
    entries.map(async (original, index): Promise<Payload> => {
      const generation = new TextEncoder().encode('generation');
      const details = { version, ...(index % 2 === 0 && { lease }), ...(index % 3 === 0 && { generation }) };
      return { bytes: await packEntry(key, original, serde, details), original };
    }),
  );
  const donors = originals.map(({ bytes }) => bytes);
  const payloads = originals.map(({ bytes }) => open(bytes).payload);
  const damages: readonly ((data: Uint8Array, dice: Dice) => Uint8Array)[] = [
    (data, dice) => mutated(data, { dice, dialect: envelope, donors }),
    (data, dice) => withRightChecksums(mutated(data, { dice, dialect: envelope, donors })),
    (data, dice) => {
      const parts = partsOf(data);
      const part = dice.pick(Object.keys(parts) as (keyof Parts)[]);
      const material = part === 'payload' ? { dice, dialect, donors: payloads } : { dice, dialect: envelope, donors };
      return withRightChecksums(assembled({ ...parts, [part]: mutated(parts[part], material) }));
    },
  ];
  return {
    name: `envelope of ${name}`,
    originals,
    mutation(dice) {
      const { bytes, original } = dice.pick(originals);
      return { bytes: dice.pick(damages)(bytes, dice), original };
    },
    read(bytes) {
      requireSound(bytes);
      return unpackEntry(key, bytes, serde);
    },
  };
}

/** What storages read without an entry has to be sound as well. */
function requireSound(bytes: Uint8Array): void {
  const found = [readMoments, readLease, open].map((read) => {
    try {
      return read(bytes);
    } catch (error) {
      const verdict = verdictOnError(error);
      if (typeof verdict === 'object') throw new Error(`${read.name}: ${verdict.wrong}`, { cause: error });
      return undefined;
    }
  });
  for (const [name, moment] of found.flatMap((part) => Object.entries(part ?? {}))) {
    if (typeof moment === 'number' && !isMoment(moment)) throw new Error(`${name} is ${moment}`);
  }
}

interface Parts {
  readonly header: Uint8Array;
  readonly key: Uint8Array;
  readonly etag: Uint8Array;
  readonly format: Uint8Array;
  readonly generation: Uint8Array;
  readonly payload: Uint8Array;
}

function partsOf(data: Uint8Array): Parts {
  const view = viewOf(data);
  let end: number = at.headerLength;
  const next = (length: number): Uint8Array => data.subarray(end, (end += length));
  return {
    header: data.subarray(0, at.headerLength),
    key: next(view.getUint32(at.keyLength)),
    etag: next(view.getUint16(at.etagLength)),
    format: next(data[at.formatLength]!),
    generation: next(data[at.generationLength]!),
    payload: next(view.getUint32(at.payloadLength)),
  };
}

/** An envelope of these parts, its lengths those of the parts. */
function assembled({ header, key, etag, format, generation, payload }: Parts): Uint8Array {
  const whole = new Uint8Array(at.headerLength);
  whole.set(header.subarray(0, at.headerLength));
  const view = viewOf(whole);
  view.setUint32(at.keyLength, key.length);
  view.setUint16(at.etagLength, etag.length);
  whole[at.formatLength] = format.length;
  whole[at.generationLength] = generation.length;
  view.setUint32(at.payloadLength, payload.length);
  return joined(whole, key, etag, format, generation, payload);
}

function withRightChecksums(data: Uint8Array): Uint8Array {
  if (data.length < at.headerLength) return data;
  const mended = data.slice();
  const view = viewOf(mended);
  view.setUint32(at.momentsChecksum, crc32(mended, at.moments, at.momentsChecksum));
  const header = crc32(mended, at.started, at.checksum, crc32(mended, 0, at.lease));
  view.setUint32(at.checksum, crc32(mended, at.headerLength, mended.length, header));
  return mended;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
