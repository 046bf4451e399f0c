import { countEach } from '../processes/comparison.js';
import type { Benchmark } from './benchmark.js';

/** How long hits take while entries are being refreshed behind their readers. */
export const refreshing: Benchmark = async ({ effort, progress }) => {
  const doing = (what: string): void => progress(`refreshing: ${what}`);
  const title = 'Hits while entries are refreshed';
  const contenders = [
    ...(['memo', 'lru-cache-fetch', 'layered-loader', 'async-cache-dedupe'] as const),
    ...(['ocache', 'cache-manager', 'cachified', 'bentocache'] as const),
  ];
  const work = { workload: 'refreshing', scenario: 'reads', contenders, effort, progress: doing };
  return {
    title,
    explanation:
      '4,096 keys, read one after the other without a pause but for a turn of the event loop after 256 reads; a second after ' +
      'it was loaded each entry is due, and refreshed by a load of 5 ms while it goes on being served. Nanoseconds of ' +
      'single hits, each with the reading of a clock: at first of a cache in which nothing is due, then of one that ' +
      'refreshes.',
    sections: [
      {
        ...{ name: 'refreshing', title },
        columns: [
          { value: 'plain', head: 'p50 of plain hits, ns', digits: 0 },
          { value: 'plainP99', head: 'their p99', digits: 0 },
          { value: 'p50', head: 'p50', digits: 0 },
          { value: 'p99', head: 'p99', digits: 0 },
          { value: 'p999', head: 'p99.9', digits: 0 },
          { value: 'longest', head: 'longest', digits: 0 },
          { value: 'p99OfPlain', head: 'p99 × plain p50', digits: 2 },
          { value: 'refreshes', head: 'refreshes/s', digits: 0 },
        ],
        rows: await countEach(work, []),
        leftOut: {
          'lru-cache get, p-memoize, keyv, moize, cacheable': 'refresh nothing behind their readers',
        },
        chart: { value: 'p99OfPlain', digits: 2, title: `${title}: p99 × plain p50`, lessIsBetter: true, target: 2 },
      },
    ],
  };
};
