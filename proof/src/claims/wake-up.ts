import { ProofFleet } from '../fleet/proof-fleet.js';
import { checkHistory, sentencesAbout } from '../history/check-history.js';
import { percentile } from '../history/durations.js';
import { milliseconds } from '../history/record.js';
import type { StorageKind } from '../servers/reach.js';
import type { Claim, Finding, Trial } from './claim.js';

const [holder, ...waiters] = [0, 1, 2] as const;

/** How soon after the publish a waiter has to be answered, in milliseconds: which part of them, and by when. */
const targets: Readonly<Partial<Record<StorageKind, readonly (readonly [part: number, limit: number])[]>>> = {
  redis: [
    [0.5, 2],
    [0.99, 10],
  ],
  memcached: [[0.99, 100]],
};

export const wakeUp: Claim = {
  name: 'wake-up',
  statement: 'A process that waits for the load of another has its value soon after that is published.',
  method:
    `One process loads for 60 to 120 ms, one caller in each of ${waiters.length} others waits for it. Measured is from the moment when ` +
    `the write was sent, and from when it was confirmed, to the answer of each caller. Targets, from the sending: Redis p50 2 ms and ` +
    `p99 10 ms, Memcached p99 100 ms.`,
  storages: ['redis', 'cluster', 'memcached'],
  unit: 'rounds',
  short: 10,
  long: 1_000,
  try: tryWakeUp,
};

async function tryWakeUp({ storage, amount, seed }: Trial): Promise<Finding> {
  await using fleet = await ProofFleet.start({
    ...{ storage, members: 3, seed, deadline: 2_000 },
    caching: { expireAfter: 600_000, leaseTime: 3_000 },
    source: { shortest: 60, longest: 120 },
  });
  const violations: string[] = [];
  const sinceSent: number[] = [];
  const sinceConfirmed: number[] = [];
  for (let round = 0; round < amount; round++) {
    const key = `round ${round}`;
    await fleet.tell(holder, { action: 'begin', key });
    await fleet.tellAll({ action: 'read', key, callers: 1 }, waiters);
    const history = await fleet.takeHistory();
    const publish = history.find(({ operation }) => operation === 'publish');
    const answers = history.filter(
      ({ operation, process, outcome }) =>
        operation === 'read' && outcome === 'done' && process !== fleet.processAt(holder),
    );
    for (const { start, end } of answers) {
      if (publish === undefined || start > publish.start) continue;
      sinceSent.push(milliseconds(publish.start, end));
      sinceConfirmed.push(milliseconds(publish.end, end));
    }
    violations.push(...sentencesAbout(checkHistory(history), history));
  }
  if (sinceSent.length < amount) violations.push(`WAITS of ${amount} rounds there were only ${sinceSent.length}`);
  for (const [part, limit] of targets[storage] ?? []) {
    const measured = percentile(sinceSent, part);
    if (measured > limit) violations.push(`TARGET p${part * 100} is ${measured.toFixed(1)} ms instead of ${limit} ms`);
  }
  const shown = (values: readonly number[], part: number): string => percentile(values, part).toFixed(1);
  return {
    rows: [
      {
        ...{ rounds: amount, waits: sinceSent.length },
        ...{ 'p50, ms': shown(sinceSent, 0.5), 'p99, ms': shown(sinceSent, 0.99), 'p100, ms': shown(sinceSent, 1) },
        'since confirmed p50, ms': shown(sinceConfirmed, 0.5),
        'since confirmed p99, ms': shown(sinceConfirmed, 0.99),
      },
    ],
    violations,
  };
}
