/**
 * The process of one contender: prepares the work that its argument names, then does what it is asked to. One question
 * is answered at a time.
 */
import { performance } from 'node:perf_hooks';
import type { Contender } from '../contenders/contender.js';
import type { SharedContender } from '../contenders/shared-contender.js';
import type { Assignment, TimedWork, Work, Workload } from '../workloads/workload.js';
import type { Answer, Question } from './questions.js';

/** What it is follows from the workload, which is told which contenders can do it. */
type AnyContender = Contender & SharedContender;

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment;
let work: Work | undefined;

process.on('message', (question: Question) => {
  void answer(question).then(
    (answered) => process.send?.(answered),
    (error: unknown) =>
      process.send?.({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

async function answer(question: Question): Promise<Answer> {
  switch (question.ask) {
    case 'prepare':
      work = await prepare();
      return {};
    case 'calibrate':
      return { value: await operationsFor(question.milliseconds, timed()) };
    case 'run':
      return { value: await millisecondsFor(question.operations, timed()) };
    case 'figures':
      return { counted: timed().figures?.() ?? {} };
    case 'count':
      if (work === undefined || !('count' in work)) throw new Error('There is nothing to be counted');
      return { counted: await work.count() };
    case 'close':
      if (work !== undefined && 'run' in work) await work.close?.();
      // What a library keeps open must not keep the process.
      setImmediate(() => process.exit());
      return {};
  }
}

async function prepare(): Promise<Work> {
  const { contender } = (await import(`../contenders/${assignment.contender}.js`)) as {
    readonly contender: AnyContender;
  };
  const { workload } = (await import(`../workloads/${assignment.workload}.js`)) as { readonly workload: Workload };
  return workload(contender, assignment);
}

function timed(): TimedWork {
  if (work === undefined || !('run' in work)) throw new Error('There is nothing to be timed');
  return work;
}

/** How many operations take about so long, once they have run for ten times as long and are compiled. */
async function operationsFor(milliseconds: number, timedWork: TimedWork): Promise<number> {
  const { unit = 1 } = timedWork;
  let operations = unit;
  let [taken, all] = [0, 0];
  while (all < 10 * milliseconds) {
    taken = await millisecondsFor(operations, timedWork);
    all += taken;
    if (taken < milliseconds) operations *= 2;
  }
  taken = await millisecondsFor(operations, timedWork);
  return Math.max(1, Math.round((operations * milliseconds) / taken / unit)) * unit;
}

/**
 * How long so many operations take. Where the work waits for nothing it cannot take longer than the processors worked for
 * this process: whatever is more, others had.
 */
async function millisecondsFor(operations: number, { run, check, waits = false }: TimedWork): Promise<number> {
  const usedBefore = process.cpuUsage();
  const started = performance.now();
  await run(operations);
  const taken = performance.now() - started;
  const { user, system } = process.cpuUsage(usedBefore);
  check?.();
  return waits ? taken : Math.min(taken, (user + system) / 1000);
}
