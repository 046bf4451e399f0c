import { ProofFleet } from '../fleet/proof-fleet.js';
import { checkHistory, loadsByKey, sentencesAbout } from '../history/check-history.js';
import { slowest } from '../history/durations.js';
import type { Claim, Finding, Trial } from './claim.js';

const members = 8;
const callers = 200;
/** So many rounds are looked at together. */
const portion = 50;

export const oneLoad: Claim = {
  name: 'one-load',
  statement: 'A cold key is loaded once, however many processes ask.',
  method:
    `${members} processes, ${callers} callers in each, all ask for the same key at once: a new one each round. ` +
    `A load takes 5 to 50 ms.`,
  storages: ['redis', 'cluster', 'memcached'],
  unit: 'rounds',
  short: 20,
  long: 1_000,
  try: tryOneLoad,
};

async function tryOneLoad({ storage, amount, seed }: Trial): Promise<Finding> {
  await using fleet = await ProofFleet.start({
    ...{ storage, members, seed },
    // A busy machine is no fault of the storage, and nothing else is to be tried here.
    deadline: 5_000,
    caching: { expireAfter: 600_000, leaseTime: 3_000 },
    source: { shortest: 5, longest: 50 },
  });
  const violations: string[] = [];
  let [loads, reads, longest] = [0, 0, 0];
  for (let begun = 0; begun < amount; begun += portion) {
    const rounds = Array.from({ length: Math.min(portion, amount - begun) }, (_, index) => `cold ${begun + index}`);
    for (const key of rounds) await fleet.tellAll({ action: 'read', key, callers });
    const history = await fleet.takeHistory();
    const loadsOf = loadsByKey(history);
    for (const key of rounds) {
      const count = loadsOf.get(key) ?? 0;
      loads += count;
      if (count !== 1) violations.push(`LOADS ${key} was loaded ${count} times`);
    }
    const read = history.filter(({ operation, outcome }) => operation === 'read' && outcome === 'done');
    reads += read.length;
    longest = Math.max(longest, slowest(read));
    violations.push(...sentencesAbout(checkHistory(history), history));
  }
  const expected = amount * members * callers;
  if (reads !== expected) violations.push(`READS ${reads} of ${expected} were answered`);
  return { rows: [{ rounds: amount, reads, loads, 'slowest read, ms': longest.toFixed(0) }], violations };
}
