import { Faults } from '../faults.js';
import { ProofFleet } from '../fleet/proof-fleet.js';
import { checkHistory, sentencesAbout } from '../history/check-history.js';
import { slowest } from '../history/durations.js';
import type { Operation, Recorded, RecordedOutcome } from '../history/record.js';
import type { Weights } from '../member/orders.js';
import { seededRandom } from '../seeded-random.js';
import type { Claim, Finding, Trial } from './claim.js';

const members = 4;
const callers = 12;
const keys = Array.from({ length: 6 }, (_, index) => `key ${index}`);
const leaseTime = 300;
const weights: Weights = { read: 88, refresh: 2, delete: 5, set: 4, clear: 1 };
/** What nobody has asked for by itself. */
const beneath: ReadonlySet<Operation> = new Set(['load', 'loaded', 'publish'] as const);
/** A member is told to do so many operations at a time. Those of one that is killed meanwhile come on top. */
const portion = 250;

export const noStaleRead: Claim = {
  name: 'no-stale-read',
  statement:
    'No read that starts after a delete, set or clear has resolved is answered with a value whose load started before it was called.',
  method:
    `${members} processes, ${callers} callers in each, ${keys.length} keys: ${weights.read} % reads, the others delete, set, clear ` +
    `and refresh. A load takes up to 60 ms, entries are refreshed after 50 ms and expire after 400, leases last ` +
    `${leaseTime} ms. Meanwhile one fault follows the other: processes killed and replaced, paused for longer than a ` +
    `lease, connections cut, cut within an answer, frozen, slow, half-open; servers that forget all or start anew; and what ` +
    `else there is for the kind of server.`,
  storages: ['redis', 'cluster', 'memcached'],
  unit: 'operations',
  // 21,000 on the three together.
  short: 7_000,
  long: 1_000_000,
  try: (trial) => tryNoStaleRead(trial, true),
};

/** The positive control: the same trial with the fence switched off. The checker has to find stale reads. */
export function tryWithoutFence(trial: Trial): Promise<Finding> {
  return tryNoStaleRead(trial, false);
}

async function tryNoStaleRead({ storage, amount, seed }: Trial, fenced: boolean): Promise<Finding> {
  await using fleet = await ProofFleet.start({
    ...{ storage, members, seed, fenced },
    faultyNetwork: true,
    caching: { updateAfter: 50, expireAfter: 400, leaseTime },
    source: { shortest: 0, longest: 60 },
  });
  const random = seededRandom(seed);
  const faults = new Faults(fleet, leaseTime, random);
  const working = Array.from({ length: members }, async (_, place) => {
    let left = amount / members;
    while (left > 0) {
      const mix = { seed: Math.floor(random() * 1e9), operations: portion, callers, keys, weights };
      if (await fleet.tellUnlessKilled(place, { action: 'mix', ...mix })) left -= portion;
    }
  });
  try {
    await Promise.all(working);
  } finally {
    await faults.stop();
  }
  return findingIn(await fleet.history(), faults.counts);
}

function findingIn(history: readonly Recorded[], faults: ReadonlyMap<string, number>): Finding {
  const findings = checkHistory(history);
  const count = (operation: Operation, outcome: RecordedOutcome): number =>
    history.filter((recorded) => recorded.operation === operation && recorded.outcome === outcome).length;
  const answered = history.filter(({ operation, outcome }) => operation === 'read' && outcome === 'done');
  const writes = ['delete', 'set', 'clear'] as const;
  const row = {
    operations: history.filter(({ operation }) => !beneath.has(operation)).length,
    reads: answered.length,
    'stale reads': findings.stale.length,
    ...Object.fromEntries(writes.map((write) => [`${write}s`, count(write, 'done')])),
    'not confirmed': writes.reduce((sum, write) => sum + count(write, 'failed'), 0),
    loads: count('load', 'done'),
    'late writes declined': count('publish', 'declined'),
    'slowest read, ms': slowest(answered).toFixed(0),
    faults: [...faults.values()].reduce((sum, times) => sum + times, 0),
  };
  const note = `Faults: ${[...faults].map(([name, times]) => `${times} × ${name}`).join(', ')}.`;
  return { rows: [row], note, violations: sentencesAbout(findings, history) };
}
