import { readThroughPeers } from '../contenders/contenders.js';
import { compare } from '../processes/comparison.js';
import { timeColumns } from '../reports/result.js';
import type { Benchmark } from './benchmark.js';

/** What each of many callers costs who ask for one key while it is being loaded. */
export const collapsed: Benchmark = async ({ effort, progress }) => {
  const doing = (what: string): void => progress(`collapsed: ${what}`);
  const title = 'Callers who share a load';
  const contenders = ['shared-promise', 'memo', ...readThroughPeers, 'moize'] as const;
  return {
    title,
    explanation:
      '10,000 callers ask for a key that is not there; then its load ends, and all of them are answered. Nanoseconds for ' +
      'each caller, from the first call until `Promise.all` of all calls is done, which alone is what the first row ' +
      'shows: one promise, handed to all.',
    sections: [
      {
        name: 'collapsed',
        title,
        columns: timeColumns('ns', 'one promise'),
        rows: await compare({ workload: 'collapsed', scenario: 'callers', contenders, effort, progress: doing }),
        leftOut: { 'lru-cache get, keyv': 'who asks at the same time loads again' },
        chart: { value: 'median', digits: 0, title: `${title}: ns for each`, lessIsBetter: true, target: 150 },
      },
    ],
  };
};
