import { setTimeout as pause } from 'node:timers/promises';
import { ProofFleet } from '../fleet/proof-fleet.js';
import { checkHistory, loadsByKey, sentencesAbout } from '../history/check-history.js';
import { slowest } from '../history/durations.js';
import type { Recorded } from '../history/record.js';
import { between, seededRandom } from '../seeded-random.js';
import type { Claim, Finding, Trial } from './claim.js';

const [holder, ...waiters] = [0, 1, 2] as const;
const callers = 10;
/** Longer than any of the faults: for as long as a server is away, others wait no longer than this. */
const leaseTime = 5_000;
/** Failovers and masters of a cluster that come back take a few seconds, which have to be within the load. */
const loadTimes = { quick: 400, slow: 3_000 };
/** How much longer than two loads a read may take, in milliseconds: a lease that nobody renews, and the machine. */
const patience = leaseTime + 2_000;

/** What happens to the servers between the grant of the lease and the publish. */
interface Happening {
  readonly name: string;
  readonly strike: () => Promise<void>;
  /** What has to be done before it can happen again. */
  readonly mend?: (() => Promise<void>) | undefined;
  readonly loadTime: number;
}

export const serverFaults: Claim = {
  name: 'server-faults',
  statement:
    'Whatever happens to the server while a key is loaded: at most one more load of it, no error to a reader, no stale read, no hang.',
  method:
    `One process loads a key, for 400 ms or, where the fault takes longer, 3 s; ${waiters.length} others, ${callers} callers in each, wait ` +
    `for it. In between comes the fault, which is over within the lease of ${leaseTime / 1_000} s. In every other round the key is deleted right ` +
    `after it, which allows for one load more if it is confirmed. In the end all read the key once more. A hang is an ` +
    `answer that takes ${patience} ms longer than two loads.`,
  storages: ['redis', 'cluster', 'memcached', 'sentinel'],
  unit: 'rounds',
  short: 2,
  long: 50,
  try: tryServerFaults,
};

async function tryServerFaults({ storage, amount, seed }: Trial): Promise<Finding> {
  await using fleet = await ProofFleet.start({
    ...{ storage, members: 3, seed },
    caching: { expireAfter: 600_000, leaseTime },
    source: { shortest: loadTimes.quick, longest: loadTimes.quick },
  });
  const random = seededRandom(seed);
  const violations: string[] = [];
  const rows: Record<string, number | string>[] = [];
  for (const { name, strike, mend, loadTime } of happeningsTo(fleet)) {
    await fleet.tellAll({ action: 'behave', source: { shortest: loadTime, longest: loadTime } });
    let [loads, mostLoads, longest] = [0, 0, 0];
    for (let round = 0; round < amount; round++) {
      const key = `${name} ${round}`;
      const withDelete = round % 2 === 1;
      await fleet.tell(holder, { action: 'begin', key });
      const served = fleet.tellAll({ action: 'read', key, callers }, waiters);
      await pause(between(random, 50, loadTimes.quick / 2));
      await strike();
      if (withDelete) await fleet.tell(waiters[0], { action: 'delete', key });
      await served;
      await fleet.tellAll({ action: 'read', key, callers: 1 });
      await mend?.();
      const history = await fleet.takeHistory();
      const count = loadsByKey(history).get(key) ?? 0;
      loads += count;
      mostLoads = Math.max(mostLoads, count);
      if (count > mostLoadsIn(history)) violations.push(`LOADS ${key} was loaded ${count} times`);
      const wait = slowest(history.filter(({ operation }) => operation === 'read'));
      longest = Math.max(longest, wait);
      if (wait > 2 * loadTime + patience) violations.push(`HANG ${key}: a read took ${wait.toFixed(0)} ms`);
      violations.push(...sentencesAbout(checkHistory(history), history));
    }
    rows.push({ fault: name, rounds: amount, loads, 'most loads': mostLoads, 'slowest read, ms': longest.toFixed(0) });
  }
  return { rows, violations };
}

/** One for the fault, and one for a delete. One that could not be confirmed has its own process load for itself. */
function mostLoadsIn(history: readonly Recorded[]): number {
  const deletion = history.find(({ operation }) => operation === 'delete');
  if (deletion === undefined) return 2;
  return deletion.outcome === 'done' ? 3 : Infinity;
}

function happeningsTo({ servers }: ProofFleet): readonly Happening[] {
  const restartTime = servers.kind === 'cluster' ? loadTimes.slow : loadTimes.quick;
  const { forgetScripts, cutSubscribers, moveSlot, loseMaster, regainReplica: mend } = servers.faults;
  const happening = (
    name: string,
    strike: (() => Promise<void>) | undefined,
    loadTime = loadTimes.quick,
  ): Happening[] => (strike === undefined ? [] : [{ name, strike, loadTime }]);
  // What restarts and forgetting do to a master whose replica takes over is no other question than without one.
  if (loseMaster !== undefined) return [{ name: 'failover', strike: loseMaster, mend, loadTime: loadTimes.slow }];
  return [
    ...happening('all forgotten', () => servers.forget()),
    ...happening('restarted', () => servers.restart(), restartTime),
    ...happening('scripts forgotten', forgetScripts),
    ...happening('subscribers cut', cutSubscribers),
    ...happening('slot moved', moveSlot),
  ];
}
