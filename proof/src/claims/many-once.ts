import { ProofFleet, type FleetPlan } from '../fleet/proof-fleet.js';
import { checkHistory, sentencesAbout } from '../history/check-history.js';
import { slowest } from '../history/durations.js';
import { idleTimesIn, longestOf, sentencesAboutIdleTimes } from '../history/idle-times.js';
import { loadsIn } from '../history/loads.js';
import { checkManyCalls, sentencesAboutManyCalls } from '../history/many-calls.js';
import type { Caching, ManyOrder } from '../member/orders.js';
import { seededRandom } from '../seeded-random.js';
import type { Claim, Finding, Trial } from './claim.js';

const members = 4;
const callers = 4;
const keysOfRound = 10;
const most = 6;
/** Milliseconds. Keys are new in each round, so that all of them are cold at once again and again. */
const roundTime = 500;
/** For how many milliseconds a call may wait though nothing is loaded that it could wait for: wake-ups, and the machine. */
const patience = 2_000;
const caching: Caching = { expireAfter: 600_000, leaseTime: 10_000 };
const uncoordinated: Caching = { expireAfter: 600_000, coordination: 'none' };
const weights: ManyOrder['weights'] = { many: 75, one: 10, delete: 15 };

export const manyOnce: Claim = {
  name: 'many-once',
  statement:
    'Calls for several keys load each of them once until it is deleted, in one piece, and wait for nothing but loads.',
  method:
    `${members} processes, ${callers} callers in each, read 2 to ${most} of ${keysOfRound} keys at once, in any order; ${weights.one} % of the calls read one key, ` +
    `${weights.delete} % delete one. Keys are new every ${roundTime / 1_000} s. A load takes 5 to 60 ms for all its keys. In any part of the history there ` +
    `is at most one load of a key more than deletes. A call loads in one piece, apart from what somebody else was loading. Idle is ` +
    `the time in which a call waits while none of its keys is loaded: ${patience} ms at most.`,
  storages: ['redis', 'cluster', 'memcached'],
  unit: 'seconds',
  short: 2,
  long: 120,
  try: (trial) => tryManyOnce(trial),
};

/** The positive controls. The checker has to find stale reads, loads that were too many, or loads apart. */
export const manyWithoutFence = (trial: Trial): Promise<Finding> => tryManyOnce(trial, { plan: { fenced: false } });
export const manyWithoutLeases = (trial: Trial): Promise<Finding> =>
  tryManyOnce(trial, { plan: { caching: uncoordinated } });
export const manyOneByOne = (trial: Trial): Promise<Finding> => tryManyOnce(trial, { calls: 'one by one' });

/** What is wrong on purpose. */
interface Wrong {
  readonly calls?: ManyOrder['calls'];
  readonly plan?: Partial<FleetPlan>;
}

async function tryManyOnce(
  { storage, amount, seed }: Trial,
  { calls = 'together', plan }: Wrong = {},
): Promise<Finding> {
  await using fleet = await ProofFleet.start({
    ...{ storage, members, seed, deadline: 5_000, caching },
    source: { shortest: 5, longest: 60 },
    ...plan,
  });
  const random = seededRandom(seed);
  const violations: string[] = [];
  let [rounds, manyCalls, reads, deletes, loads, batches, mostIdle, longest] = [0, 0, 0, 0, 0, 0, 0, 0];
  const end = performance.now() + amount * 1_000;
  for (; performance.now() < end; rounds++) {
    const keys = Array.from({ length: keysOfRound }, (_, index) => `round ${rounds} key ${index}`);
    const order = { keys, most, callers, weights, calls, pause: 10, duration: roundTime };
    await Promise.all(
      Array.from({ length: members }, (_, place) =>
        fleet.tell(place, { action: 'many', ...order, seed: Math.floor(random() * 1e9) }),
      ),
    );
    const history = await fleet.takeHistory();
    const answered = history.filter(({ operation, outcome }) => operation === 'read' && outcome === 'done');
    const idleTimes = idleTimesIn(history);
    const made = loadsIn(history);
    manyCalls += idleTimes.length;
    reads += answered.length;
    deletes += history.filter(({ operation }) => operation === 'delete').length;
    loads += made.length;
    batches += new Set(made.map(({ process, batch }) => `${process}/${batch}`)).size;
    mostIdle = Math.max(mostIdle, longestOf(idleTimes));
    longest = Math.max(longest, slowest(answered));
    violations.push(...sentencesAbout(checkHistory(history), history));
    violations.push(...sentencesAboutManyCalls(checkManyCalls(history), history));
    violations.push(...sentencesAboutIdleTimes(idleTimes, patience, history));
  }
  const row = {
    ...{ seconds: amount, 'cold keys': rounds * keysOfRound, calls: manyCalls, reads, deletes, loads },
    ...{
      'calls of loadMany': batches,
      'longest idle, ms': mostIdle.toFixed(0),
      'slowest call, ms': longest.toFixed(0),
    },
  };
  return { rows: [row], violations };
}
