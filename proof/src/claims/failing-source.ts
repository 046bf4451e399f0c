import { ProofFleet } from '../fleet/proof-fleet.js';
import { checkHistory, sentencesAbout } from '../history/check-history.js';
import { slowest, spanOf } from '../history/durations.js';
import { milliseconds, moment } from '../history/record.js';
import type { Claim, Finding, Trial } from './claim.js';

const members = 4;
const callers = 10;
const loadTime = 10;
const leaseTime = 1_000;
/** How soon after its recovery the source has to be asked again, in milliseconds. */
const limit = leaseTime + 500;
const key = 'failing';

export const failingSource: Claim = {
  name: 'failing-source',
  statement: 'A source that fails is asked as often as the back-off allows the fleet, not once for each request.',
  method:
    `${members} processes, ${callers} callers in each, ask for one key every 10 ms or so, while each of its loads fails after ` +
    `${loadTime} ms. The back-off begins at a thirty-second of the lease of ${leaseTime} ms and doubles up to all of it. Then ` +
    `the source recovers: it has to be asked again within ${limit} ms.`,
  storages: ['redis', 'cluster', 'memcached'],
  unit: 'seconds',
  short: 4,
  long: 60,
  try: tryFailingSource,
};

async function tryFailingSource({ storage, amount, seed }: Trial): Promise<Finding> {
  const source = { shortest: loadTime, longest: loadTime };
  await using fleet = await ProofFleet.start({
    ...{ storage, members, seed, deadline: 2_000 },
    caching: { expireAfter: 600_000, leaseTime },
    source: { ...source, failing: 1 },
  });
  const visit = { action: 'visit', key, callers, pause: 10 } as const;
  await fleet.tellAll({ ...visit, duration: amount * 1_000 });
  const failing = await fleet.takeHistory();
  await fleet.tellAll({ action: 'behave', source });
  const recovered = moment();
  await fleet.tellAll({ ...visit, duration: limit + 200 });
  const healthy = await fleet.history();

  const violations = [
    ...sentencesAbout(checkHistory(failing), failing),
    ...sentencesAbout(checkHistory(healthy), healthy),
  ];
  const reads = failing.filter(({ operation }) => operation === 'read');
  const attempts = failing.filter(({ operation }) => operation === 'load').length;
  const { start, end } = spanOf(reads);
  const allowed = attemptsWithin(milliseconds(start, end));
  if (attempts > allowed) violations.push(`ATTEMPTS ${attempts} in ${amount} s, but the back-off allows ${allowed}`);
  if (attempts < 2) violations.push(`ATTEMPTS only ${attempts} in ${amount} s`);

  const publish = healthy.find(({ operation, outcome }) => operation === 'publish' && outcome === 'done');
  const recovery = publish === undefined ? Infinity : milliseconds(recovered, publish.end);
  if (recovery > limit) violations.push(`RECOVERY took ${recovery.toFixed(0)} ms`);
  const tooLate = healthy.filter((read) => read.outcome === 'function failed' && read.start > (publish?.end ?? 0));
  if (tooLate.length > 0) violations.push(`RECOVERY ${tooLate.length} reads failed after it`);
  const row = {
    ...{ seconds: amount, requests: reads.length, attempts, allowed, 'slowest answer, ms': slowest(reads).toFixed(0) },
    'recovered after, ms': recovery.toFixed(0),
  };
  return { rows: [row], violations };
}

/** How many loads may begin within so many milliseconds, if each fails and is followed by its rest. */
function attemptsWithin(duration: number): number {
  let attempts = 0;
  for (let begin = 0; begin <= duration; attempts++) {
    begin += loadTime + Math.min(leaseTime, (leaseTime / 32) * 2 ** attempts);
  }
  return attempts;
}
