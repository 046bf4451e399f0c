import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@memo/test-servers';
import { ProofFleet } from '../fleet/proof-fleet.js';
import { checkHistory, loadsByKey, sentencesAbout } from '../history/check-history.js';
import { moment, type Recorded } from '../history/record.js';
import type { Claim, Finding, Trial } from './claim.js';

const [holder, ...others] = [0, 1, 2] as const;
const callers = 5;
const leaseTime = 300;

export const holderPaused: Claim = {
  name: 'holder-paused',
  statement:
    'When a process that loads is paused for longer than its lease and another takes over, its late write is declined.',
  method:
    `One process begins a load of 500 ms and is paused (SIGSTOP) at once; ${others.length} others, ${callers} callers in each, ask ` +
    `for the same key, wait for the lease of ${leaseTime} ms to end, and one of them loads. In every other round the key is then ` +
    `deleted and loaded again. The first goes on (SIGCONT), ends its load and offers its value. Then all read the key.`,
  storages: ['redis', 'cluster', 'memcached'],
  unit: 'rounds',
  short: 5,
  long: 300,
  try: tryHolderPaused,
};

async function tryHolderPaused({ storage, amount, seed }: Trial): Promise<Finding> {
  await using fleet = await ProofFleet.start({
    ...{ storage, members: 3, seed, deadline: 2_000 },
    caching: { expireAfter: 600_000, leaseTime },
    source: { shortest: 10, longest: 10 },
  });
  await fleet.tell(holder, { action: 'behave', source: { shortest: 500, longest: 500 } });
  const violations: string[] = [];
  let [declined, seen] = [0, 0];
  for (let round = 0; round < amount; round++) {
    const key = `round ${round}`;
    await fleet.tell(holder, { action: 'begin', key });
    // A moment for what the engine does as soon as the load has begun; its first renewal comes later.
    await pause(30);
    fleet.pause(holder);
    await fleet.tellAll({ action: 'read', key, callers }, others);
    if (round % 2 === 1) {
      await fleet.tell(others[0], { action: 'delete', key });
      await fleet.tell(others[1], { action: 'read', key, callers });
    }
    fleet.resume(holder);
    const lateWrites = await lateWritesOf(fleet, key);
    const written = moment();
    await fleet.tellAll({ action: 'read', key, callers });
    const history = await fleet.takeHistory();
    if (lateWrites.every(({ outcome }) => outcome === 'declined')) declined++;
    else violations.push(`KEPT ${key}: the late write was ${lateWrites.map(({ outcome }) => outcome).join(', ')}`);
    const process = fleet.processAt(holder);
    const late = history.filter(
      ({ operation, start, value }) => operation === 'read' && start > written && value?.process === process,
    );
    seen += late.length;
    if (late.length > 0) violations.push(`SEEN ${key}: ${late.length} reads were answered with the late value`);
    const [loads, expected] = [loadsByKey(history).get(key), 2 + (round % 2)];
    if (loads !== expected) violations.push(`LOADS ${key} was loaded ${loads} times instead of ${expected}`);
    violations.push(...sentencesAbout(checkHistory(history), history));
  }
  return { rows: [{ rounds: amount, 'late writes declined': declined, 'reads of a late value': seen }], violations };
}

/** What the holder has offered, once it has: at least once, or there would be nothing to decline. */
async function lateWritesOf(fleet: ProofFleet, key: string): Promise<readonly Recorded[]> {
  let writes: readonly Recorded[] = [];
  await eventually('A late write', async () => {
    const process = fleet.processAt(holder);
    writes = (await fleet.history()).filter(
      (recorded) => recorded.operation === 'publish' && recorded.key === key && recorded.process === process,
    );
    return writes.length > 0;
  });
  return writes;
}
