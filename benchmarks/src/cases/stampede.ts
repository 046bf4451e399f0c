import { startMemcached, startRedis } from '@memo/test-servers';
import { contenderNames, redisPeers, type ContenderName } from '../contenders/contenders.js';
import { ContenderProcess } from '../processes/contender-process.js';
import { quantile } from '../processes/quantile.js';
import type { Row, Section } from '../reports/result.js';
import type { Assignment } from '../workloads/workload.js';
import type { Benchmark, Circumstances } from './benchmark.js';

const processes = 4;

/** How often a key is loaded that four processes ask for at once. */
export const stampede: Benchmark = async (circumstances) => {
  await using redis = await startRedis();
  await using memcached = await startMemcached();
  return {
    title: 'A cold key, four processes',
    explanation:
      'Four processes of 50 callers each ask at once for a key that is nowhere yet, and whose load takes 50 ms. How often ' +
      'it was loaded, on average and at most, and how long it took until all were answered, which two processors have to ' +
      'bring about.',
    sections: [
      await sectionOf('redis', 'Through Redis', ['redis/memo', ...redisPeers], redis, circumstances),
      await sectionOf('memcached', 'Through Memcached', ['memcached/memo', 'memcached/keyv'], memcached, circumstances),
    ],
  };
};

async function sectionOf(
  name: string,
  title: string,
  contenders: readonly ContenderName[],
  { host, port }: { readonly host: string; readonly port: number },
  { effort, progress }: Circumstances,
): Promise<Section> {
  const rows: Row[] = [];
  for (const contender of contenders) {
    progress(`stampede, ${name}: ${contenderNames[contender]}`);
    const assignment = { workload: 'stampede', scenario: name, contender, size: effort.size, server: { host, port } };
    rows.push({ name: contenderNames[contender], values: await raced(assignment, effort.size === 'full' ? 20 : 3) });
  }
  return {
    ...{ name, title, rows },
    columns: [
      { value: 'loads', head: 'loads', digits: 2 },
      { value: 'most', head: 'at most', digits: 0 },
      { value: 'milliseconds', head: 'median ms', digits: 0 },
    ],
    leftOut: { 'all others': 'keep nothing that processes share, or do it through keyv' },
    chart: {
      value: 'loads',
      digits: 2,
      title: `A cold key, four processes, t${title.slice(1)}: how often it is loaded`,
      lessIsBetter: true,
      target: 1,
    },
  };
}

/** Lets four processes ask at once, several times, each time for another key. */
async function raced(assignment: Assignment, rounds: number): Promise<Row['values']> {
  const started: ContenderProcess[] = [];
  try {
    while (started.length < processes) started.push(await ContenderProcess.start(assignment));
    const [loads, milliseconds]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const counts = await Promise.all(started.map((one) => one.count()));
      loads.push(counts.reduce((sum, count) => sum + (count['loads'] ?? NaN), 0));
      milliseconds.push(Math.max(...counts.map((count) => count['milliseconds'] ?? NaN)));
    }
    const mean = loads.reduce((sum, count) => sum + count, 0) / rounds;
    return { loads: mean, most: Math.max(...loads), milliseconds: quantile(milliseconds, 0.5) };
  } finally {
    await Promise.all(started.map((one) => one[Symbol.asyncDispose]()));
  }
}
