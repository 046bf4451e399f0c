import { setTimeout as pause } from 'node:timers/promises';
import { ProofFleet } from '../fleet/proof-fleet.js';
import { checkHistory, loadsByKey, sentencesAbout } from '../history/check-history.js';
import { percentile, spanOf } from '../history/durations.js';
import { milliseconds, moment } from '../history/record.js';
import { between, seededRandom } from '../seeded-random.js';
import type { Claim, Finding, Trial } from './claim.js';

const [holder, ...waiters] = [0, 1, 2] as const;
const callers = 20;
const leaseTime = 600;
const limit = leaseTime + 500;

export const holderKilled: Claim = {
  name: 'holder-killed',
  statement:
    'When the process that loads is killed, those who wait are served within the lease and 500 ms, by one more load.',
  method:
    `One process begins a load that would take a minute; ${waiters.length} others, ${callers} callers in each, ask for the same key. ` +
    `The first is killed (SIGKILL) some time within the ${leaseTime} ms of its lease, which it has renewed or not; a load of the ` +
    `others takes 10 ms. Measured is from the kill to the last answer.`,
  storages: ['redis', 'cluster', 'memcached'],
  unit: 'rounds',
  short: 5,
  long: 200,
  try: tryHolderKilled,
};

async function tryHolderKilled({ storage, amount, seed }: Trial): Promise<Finding> {
  const quick = { shortest: 10, longest: 10 };
  const endless = { shortest: 60_000, longest: 60_000 };
  await using fleet = await ProofFleet.start({
    ...{ storage, members: 3, seed, deadline: 2_000 },
    caching: { expireAfter: 600_000, leaseTime },
    source: quick,
  });
  const random = seededRandom(seed);
  const violations: string[] = [];
  const waits: number[] = [];
  let loads = 0;
  for (let round = 0; round < amount; round++) {
    const key = `round ${round}`;
    await fleet.tell(holder, { action: 'behave', source: endless });
    await fleet.tell(holder, { action: 'begin', key });
    const served = fleet.tellAll({ action: 'read', key, callers }, waiters);
    await pause(between(random, 50, leaseTime));
    const killed = moment();
    await fleet.kill(holder);
    await served;
    const history = await fleet.takeHistory();
    const answers = history.filter(({ operation, outcome }) => operation === 'read' && outcome === 'done');
    const wait = milliseconds(killed, spanOf(answers).end);
    waits.push(wait);
    if (answers.length !== waiters.length * callers) violations.push(`READS in ${key} ${answers.length} were answered`);
    if (answers.some(({ start }) => start > killed)) violations.push(`ORDER ${key}: somebody asked after the kill`);
    if (wait > limit) violations.push(`LATE ${key}: the last was served ${wait.toFixed(0)} ms after the kill`);
    const loadsOfRound = loadsByKey(history).get(key);
    loads += loadsOfRound ?? 0;
    if (loadsOfRound !== 2) violations.push(`LOADS ${key} was loaded ${loadsOfRound} times`);
    violations.push(...sentencesAbout(checkHistory(history), history));
    await fleet.replace(holder);
  }
  const [p50, p99, p100] = [0.5, 0.99, 1].map((part) => percentile(waits, part).toFixed(0));
  const row = { rounds: amount, loads, 'p50, ms': p50!, 'p99, ms': p99!, 'p100, ms': p100!, 'limit, ms': limit };
  return { rows: [row], violations };
}
