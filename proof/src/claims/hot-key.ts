import { ProofFleet } from '../fleet/proof-fleet.js';
import { checkHistory, readsThatWaited, sentencesAbout } from '../history/check-history.js';
import { slowest, spanOf } from '../history/durations.js';
import { milliseconds, type Recorded } from '../history/record.js';
import type { StorageKind } from '../servers/reach.js';
import type { Claim, Finding, Trial } from './claim.js';

const members = 4;
const callers = 4;
const loadTime = 500;
const updateAfter = 1_000;
const mostLoadsPerPeriod = 1.02;
/**
 * Memcached tells whole seconds, so that processes agree on its time only by and by. Until then one whose clock is ahead takes
 * an entry for due that is not yet, by the clock of the one that made it; what it makes itself is due for all others later.
 */
const earlyLoads: Readonly<Partial<Record<StorageKind, number>>> = { memcached: members };

export const hotKey: Claim = {
  name: 'hot-key',
  statement: 'A key that is in use is refreshed once for all processes when it is due, and nobody waits for it.',
  method:
    `${members} processes, ${callers} callers in each, read one key every 5 ms or so. A load takes ${loadTime} ms, entries are refreshed ` +
    `after ${updateAfter / 1_000} s and expire after 20, without jitter. A period begins when an entry becomes due. To wait is to ` +
    `be no hit by the counters, or to take half a load and get what was published meanwhile. On Memcached, which tells whole ` +
    `seconds, each process may be early once.`,
  storages: ['redis', 'cluster', 'memcached'],
  unit: 'seconds',
  short: 10,
  long: 60,
  try: tryHotKey,
};

async function tryHotKey({ storage, amount, seed }: Trial): Promise<Finding> {
  await using fleet = await ProofFleet.start({
    ...{ storage, members, seed, deadline: 2_000 },
    caching: { updateAfter, expireAfter: 20_000, jitter: 0, leaseTime: 3_000 },
    source: { shortest: loadTime, longest: loadTime },
  });
  const key = 'hot';
  await fleet.tellAll({ action: 'read', key, callers: 1 });
  const warm = await fleet.takeHistory();
  const before = await notHits(fleet);
  await fleet.tellAll({ action: 'visit', key, callers, pause: 5, duration: amount * 1_000 });
  const notHit = (await notHits(fleet)) - before;
  const history = await fleet.history();

  const reads = history.filter(({ operation }) => operation === 'read');
  const waited = readsThatWaited(history, loadTime / 2).length;
  const loads = history.filter(({ operation }) => operation === 'load').length;
  const periods = periodsBegun([...warm, ...history]);
  const perPeriod = loads / periods;
  const violations = [...sentencesAbout(checkHistory(history), history)];
  if (notHit > 0) violations.push(`WAITED ${notHit} reads were no hits`);
  if (waited > 0) violations.push(`WAITED ${waited} reads were answered with what was published while they waited`);
  const allowed = mostLoadsPerPeriod * periods + (earlyLoads[storage] ?? 0);
  if (loads > allowed) violations.push(`LOADS ${loads} loads in ${periods} periods`);
  // An entry that is due has to be refreshed soon: otherwise few periods would begin.
  const least = Math.floor((amount * 1_000) / (updateAfter + loadTime)) - 1;
  if (loads < least) violations.push(`LOADS only ${loads} loads in ${amount} s, expected ${least}`);
  const row = {
    ...{
      seconds: amount,
      reads: reads.length,
      'no hits': notHit,
      waited,
      'slowest read, ms': slowest(reads).toFixed(0),
    },
    ...{ loads, periods, 'loads per period': perPeriod.toFixed(3) },
  };
  return { rows: [row], violations };
}

async function notHits(fleet: ProofFleet): Promise<number> {
  return (await fleet.count('misses')) + (await fleet.count('joins'));
}

/**
 * How many entries became due: those that were not replaced before they were. A refresh by two processes, or one more
 * that nobody needed, replaces an entry long before it is due.
 */
function periodsBegun(history: readonly Recorded[]): number {
  const stored = history
    .filter(({ operation, outcome }) => operation === 'publish' && outcome === 'done')
    .toSorted((one, other) => one.end - other.end);
  const { end } = spanOf(history);
  return stored.filter((entry, index) => {
    const replaced = stored[index + 1]?.start ?? end;
    // An entry was dated a moment before it was stored.
    return milliseconds(entry.end, replaced) >= 0.9 * updateAfter;
  }).length;
}
