import { readThroughPeers } from '../contenders/contenders.js';
import { compare } from '../processes/comparison.js';
import { timeColumns } from '../reports/result.js';
import type { Benchmark } from './benchmark.js';

/** What a miss costs when the cache is full. */
export const miss: Benchmark = async ({ effort, progress }) => {
  const doing = (what: string): void => progress(`miss: ${what}`);
  const title = 'A miss with eviction';
  const contenders = ['lru-cache-get', 'memo', ...readThroughPeers, 'moize'] as const;
  return {
    title,
    explanation:
      'A full cache of 4,096 entries that are kept for an hour, 65,536 keys in turn: each call loads, which takes no time, ' +
      'and lets another entry go. One call after the other, each awaited; nanoseconds for each call. Ratios are to ' +
      '`get`, the load, and `set` of lru-cache in the same round.',
    sections: [
      {
        name: 'miss',
        title,
        columns: timeColumns('ns', 'get and set'),
        rows: await compare({ workload: 'miss', scenario: 'full', contenders, effort, progress: doing }),
        leftOut: { keyv: 'has no bound of its own' },
        chart: { value: 'ratio', digits: 2, title: `${title}: × lru-cache get and set`, lessIsBetter: true, target: 2 },
      },
    ],
  };
};
