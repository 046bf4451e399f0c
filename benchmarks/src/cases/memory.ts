import { readThroughPeers } from '../contenders/contenders.js';
import { countEach } from '../processes/comparison.js';
import type { Benchmark } from './benchmark.js';

/** What an entry takes beside its key and its value. */
export const memory: Benchmark = async ({ effort, progress }) => {
  const doing = (what: string): void => progress(`memory: ${what}`);
  const title = 'Memory for each entry';
  const contenders = ['bare', 'memo', 'lru-cache-get', ...readThroughPeers, 'keyv'] as const;
  const work = { workload: 'memory', scenario: 'entries', contenders, effort, progress: doing };
  return {
    title,
    explanation:
      'Bytes on the heap and in array buffers for each of a million entries that are kept for an hour, beyond the key and ' +
      'the value, which were there before.',
    sections: [
      {
        ...{ name: 'memory', title, columns: [{ value: 'bytes', head: 'bytes', digits: 0 }] },
        rows: await countEach(work, ['--expose-gc', '--max-old-space-size=4096']),
        leftOut: { moize: 'looks through all entries one by one, which a million of them would make take days' },
        chart: { value: 'bytes', digits: 0, title: `${title}, bytes`, lessIsBetter: true, target: 110 },
      },
    ],
  };
};
