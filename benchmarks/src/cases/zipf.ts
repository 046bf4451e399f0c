import { readThroughPeers } from '../contenders/contenders.js';
import { compare } from '../processes/comparison.js';
import { timeColumns } from '../reports/result.js';
import type { Benchmark } from './benchmark.js';

/** What a call costs where some keys are asked for much more often than others. */
export const zipf: Benchmark = async ({ effort, progress }) => {
  const doing = (what: string): void => progress(`zipf: ${what}`);
  const title = 'A million keys, some of them popular';
  const contenders = ['bare', 'memo', 'lru-cache-get', ...readThroughPeers] as const;
  return {
    title,
    explanation:
      'The key of rank n is asked for with a frequency of 1/n; 10,000 of a million entries fit. What is not there is ' +
      'loaded, which takes no time: in a program a load takes a thousand times as long as a hit, so that the hit ratio ' +
      'says more than the nanoseconds. The `Map` keeps everything.',
    sections: [
      {
        ...{ name: 'zipf', title },
        columns: [{ value: 'hitRatio', head: 'hits in %', digits: 1 }, ...timeColumns('ns', 'bare')],
        rows: await compare({ workload: 'zipf', scenario: 'replay', contenders, effort, progress: doing }),
        leftOut: {
          keyv: 'has no bound of its own',
          moize: 'looks through all entries one by one',
        },
        chart: { value: 'hitRatio', digits: 1, title: `${title}: hits in %`, lessIsBetter: false },
      },
    ],
  };
};
