import { setTimeout as pause } from 'node:timers/promises';
import { ProofFleet, type FleetPlan } from '../fleet/proof-fleet.js';
import { checkHistory, sentencesAbout } from '../history/check-history.js';
import { slowest } from '../history/durations.js';
import { idleTimesIn, longestOf, sentencesAboutIdleTimes } from '../history/idle-times.js';
import { loadsIn } from '../history/loads.js';
import { checkRevisions, sentencesAboutRevisions } from '../history/revisions.js';
import type { Caching, DemandOrder } from '../member/orders.js';
import { between, seededRandom, someOf } from '../seeded-random.js';
import type { Claim, Finding, Trial } from './claim.js';

const members = 4;
const callers = 5;
const keysOfRound = 3;
/** Milliseconds. Keys are new in each round, so that they are cold again and again. */
const roundTime = 1_000;
/** For how many milliseconds a call may wait though nothing is loaded that it could wait for: wake-ups, and the machine. */
const patience = 2_000;
/** For how long all agree, and how long it takes until the next process knows of a new revision; milliseconds at most. */
const [longestPeace, longestStep] = [300, 60];
/** How likely a process does not hear of a new revision before the next one comes. */
const lagging = 0.1;
const caching: Caching = { expireAfter: 600_000, leaseTime: 10_000 };
const uncoordinated: Caching = { expireAfter: 600_000, coordination: 'none' };
const weights: DemandOrder['weights'] = { constant: 40, function: 30, many: 20, any: 10 };

export const rightRevision: Claim = {
  name: 'right-revision',
  statement:
    'No call that demands a revision is answered with a value of another one, and no revision is loaded twice in a row.',
  method:
    `${members} processes, ${callers} callers in each, ${keysOfRound} keys, new ones every ${roundTime / 1_000} s. Revisions are deployed while calls go ` +
    `on: one process after the other, up to ${longestStep} ms apart, demands the next revision of a key; one of ten does not hear of it ` +
    `before the one that follows. An etag is a text (${weights.constant} %), a function that takes its time (${weights.function} %), or one for several keys ` +
    `(${weights.many} %); other calls take any value. A load takes 5 to 40 ms and writes the revision it was asked for into its value. ` +
    `Nothing expires: where all agree a revision is loaded once, and in between as often as calls alternate. A call that eight others ` +
    `got ahead of may load for itself, aside from them. Idle is the time in which a call waits while its key is not loaded: ` +
    `${patience} ms at most.`,
  storages: ['redis', 'cluster', 'memcached'],
  unit: 'seconds',
  short: 2,
  long: 120,
  try: (trial) => tryRightRevision(trial),
};

/** The positive controls. The checker has to find answers of other revisions, or loads that were needless. */
export const withoutDemands = (trial: Trial): Promise<Finding> => tryRightRevision(trial, { says: false });
export const withoutLeases = (trial: Trial): Promise<Finding> =>
  tryRightRevision(trial, { plan: { caching: uncoordinated } });

/** What is wrong on purpose. */
interface Wrong {
  readonly says?: boolean;
  readonly plan?: Partial<FleetPlan>;
}

async function tryRightRevision({ storage, amount, seed }: Trial, { says = true, plan }: Wrong = {}): Promise<Finding> {
  await using fleet = await ProofFleet.start({
    ...{ storage, members, seed, deadline: 5_000, caching },
    source: { shortest: 5, longest: 40 },
    ...plan,
  });
  const random = seededRandom(seed);
  const violations: string[] = [];
  let [reads, demands, deployed, revisions, loads, aside, mostIdle, longest] = [0, 0, 0, 0, 0, 0, 0, 0];
  const end = performance.now() + amount * 1_000;
  for (let round = 0; performance.now() < end; round++) {
    const keys = Array.from({ length: keysOfRound }, (_, index) => `round ${round} key ${index}`);
    const order = { keys, callers, weights, says, pause: 5, duration: roundTime };
    const working = Promise.all(
      Array.from({ length: members }, (_, place) =>
        fleet.tell(place, { action: 'demand', ...order, seed: Math.floor(random() * 1e9) }),
      ),
    );
    const deployments = keys.map((key) => new Deployments(fleet, key, random));
    await working;
    for (const ofKey of deployments) deployed += await ofKey.stop();

    const history = await fleet.takeHistory();
    const answered = history.filter(({ operation, outcome }) => operation === 'read' && outcome === 'done');
    reads += answered.length;
    demands += answered.filter(({ demanded }) => demanded !== undefined).length;
    revisions += new Set(loadsIn(history).map(({ key, value }) => `${key} ${value.revision}`)).size;
    loads += loadsIn(history).length;
    const findings = checkRevisions(history);
    const idleTimes = idleTimesIn(history);
    aside += findings.aside.length;
    mostIdle = Math.max(mostIdle, longestOf(idleTimes));
    longest = Math.max(longest, slowest(answered));
    violations.push(...sentencesAbout(checkHistory(history), history));
    violations.push(...sentencesAboutRevisions(findings, history));
    violations.push(...sentencesAboutIdleTimes(idleTimes, patience, history));
  }
  const row = {
    ...{ seconds: amount, reads, 'with a demand': demands, 'deployed revisions': deployed },
    ...{ loads, 'of which revisions': revisions, 'loads aside': aside },
    ...{ 'longest idle, ms': mostIdle.toFixed(0), 'slowest call, ms': longest.toFixed(0) },
  };
  return { rows: [row], violations };
}

/** Revisions of a key that come one after the other, at moments that the seed decides, until it is told to stop. */
class Deployments {
  readonly #deploying: Promise<number>;
  #stopped = false;

  constructor(fleet: ProofFleet, key: string, random: () => number) {
    this.#deploying = this.#deploy(fleet, key, random);
    this.#deploying.catch(() => {
      // Whoever stops them hears of it.
    });
  }

  /** Resolves to how many there were. */
  async stop(): Promise<number> {
    this.#stopped = true;
    return this.#deploying;
  }

  async #deploy(fleet: ProofFleet, key: string, random: () => number): Promise<number> {
    for (let number = 0; ; number++) {
      await pause(between(random, 0, longestPeace));
      if (this.#stopped) return number;
      for (const place of someOf(random, [...Array(fleet.size).keys()], fleet.size)) {
        if (random() < lagging) continue;
        await fleet.tell(place, { action: 'adopt', key, revision: `revision ${number + 1}` });
        await pause(between(random, 0, longestStep));
      }
    }
  }
}
