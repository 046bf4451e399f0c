import { open, packEntry, readLease, readMoments, unpackEntry } from '../../src/index.js';
import type { Combination, Payload, Plain } from './combinations.js';
import { mutatedEnvelope } from './envelope-mutation.js';
import { isMoment, verdictOnError } from './verdict.js';

const key = 'user("42")';
const version = new TextEncoder().encode('version1');
const lease = {
  holder: new TextEncoder().encode('ten bytes.'),
  time: 3_000,
  failures: 2,
  awaited: true,
  end: 1_700_000_003_000,
};

/** The envelopes of what a SerDe wrote. */
export async function envelopeCombination({ name, serde, entries, dialect }: Plain): Promise<Combination> {
  const originals = await Promise.all(
    entries.map(async (original, index): Promise<Payload> => {
      const generation = new TextEncoder().encode('generation');
      const details = { version, ...(index % 2 === 0 && { lease }), ...(index % 3 === 0 && { generation }) };
      return { bytes: await packEntry(key, original, serde, details), original };
    }),
  );
  const donors = originals.map(({ bytes }) => bytes);
  return {
    name: `envelope of ${name}`,
    originals,
    mutation(dice) {
      const { bytes, original } = dice.pick(originals);
      return { bytes: mutatedEnvelope(bytes, dice, dialect, donors), original };
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
