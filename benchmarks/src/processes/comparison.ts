import { contenderNames, type ContenderName } from '../contenders/contenders.js';
import type { Row } from '../reports/result.js';
import type { Assignment } from '../workloads/workload.js';
import { ContenderProcess } from './contender-process.js';
import { quantile } from './quantile.js';

/** How long, and how often, contenders are measured. */
export interface Effort {
  readonly size: 'full' | 'quick';
  readonly rounds: number;
  /** Milliseconds that one contender has in one round. */
  readonly milliseconds: number;
  /** The libraries that are wanted beside what all are compared with, by the beginnings of their names: all, if absent. */
  readonly only?: readonly string[];
}

/** What is to be compared. */
export interface Comparison {
  readonly workload: string;
  readonly scenario: string;
  /** The first is what the others are compared with, unless `baselineOf` says otherwise. */
  readonly contenders: readonly ContenderName[];
  readonly baselineOf?: (contender: ContenderName) => ContenderName;
  readonly effort: Effort;
  readonly server?: Assignment['server'];
  /** Told what is being done. */
  readonly progress: (doing: string) => void;
}

/** Rounds that are not counted, as what runs in them may still be being compiled. */
const warmUpRounds = 2;

/**
 * Times contenders side by side, each in a process of its own: in every round each of them runs while the others wait,
 * the one that begins changing from round to round. So whatever slows the machine down for a while slows all of them,
 * and each is compared with what the first one needed in the same round.
 */
export async function compare(comparison: Comparison): Promise<readonly Row[]> {
  const { baselineOf, effort, progress } = comparison;
  const contenders = wanted(comparison);
  await using processes = new AsyncDisposables<ContenderProcess>();
  progress('preparing');
  await processes.addAll(contenders.map((contender) => ContenderProcess.start(assignmentOf(contender, comparison))));
  const operations: number[] = [];
  for (const [index, contender] of contenders.entries()) {
    progress(`${contenderNames[contender]} warms up`);
    operations.push(await processes.list[index]!.calibrate(effort.milliseconds));
  }
  const samples = contenders.map((): number[] => []);
  for (let round = -warmUpRounds; round < effort.rounds; round++) {
    progress(round < 0 ? 'warming up' : `round ${round + 1} of ${effort.rounds}`);
    for (let offset = 0; offset < contenders.length; offset++) {
      const index = (round + warmUpRounds + offset) % contenders.length;
      const nanoseconds = await processes.list[index]!.time(operations[index]!);
      if (round >= 0) samples[index]!.push(nanoseconds);
    }
  }
  const figures = await Promise.all(processes.list.map((one) => one.figures()));
  return contenders.map((contender, index) => {
    const baseline = contenders.indexOf(baselineOf?.(contender) ?? contenders[0]!);
    const { name, values } = rowOf(contenderNames[contender], samples[index]!, samples[baseline]!);
    return { name, values: { ...values, ...figures[index] } };
  });
}

/** Counts what each contender needs, one after the other, each in a process of its own. */
export async function countEach(comparison: Comparison, options: readonly string[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const contender of wanted(comparison)) {
    comparison.progress(contenderNames[contender]);
    await using started = await ContenderProcess.start(assignmentOf(contender, comparison), options);
    rows.push({ name: contenderNames[contender], values: await started.count() });
  }
  return rows;
}

/** Whom to measure: those that are wanted, and those with whom they are compared. */
function wanted({ contenders, baselineOf, effort: { only } }: Comparison): readonly ContenderName[] {
  if (only === undefined) return contenders;
  const chosen = contenders.filter((contender) => only.some((word) => contenderNames[contender].startsWith(word)));
  const baselines = new Set([contenders[0], ...chosen.map((contender) => baselineOf?.(contender))]);
  return contenders.filter((contender) => chosen.includes(contender) || baselines.has(contender));
}

function assignmentOf(contender: ContenderName, { workload, scenario, server, effort }: Comparison): Assignment {
  return { workload, scenario, contender, server, size: effort.size };
}

function rowOf(name: string, samples: readonly number[], first: readonly number[]): Row {
  const ratios = samples.map((sample, round) => sample / first[round]!);
  return {
    name,
    values: {
      median: quantile(samples, 0.5),
      p10: quantile(samples, 0.1),
      p90: quantile(samples, 0.9),
      ratio: quantile(ratios, 0.5),
      ratioP10: quantile(ratios, 0.1),
      ratioP90: quantile(ratios, 0.9),
    },
  };
}

/** What is closed at the end, all of it at once. */
class AsyncDisposables<T extends AsyncDisposable> implements AsyncDisposable {
  readonly list: T[] = [];

  /** In their order. Where one of them fails, those are closed in the end that did not. */
  async addAll(opening: readonly Promise<T>[]): Promise<void> {
    for (const opened of await Promise.allSettled(opening)) {
      if (opened.status === 'fulfilled') this.list.push(opened.value);
    }
    await Promise.all(opening);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.list.map((one) => one[Symbol.asyncDispose]()));
  }
}
