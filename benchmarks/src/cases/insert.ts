import { countEach } from '../processes/comparison.js';
import type { Column, Section } from '../reports/result.js';
import type { Benchmark, Circumstances } from './benchmark.js';

const columns: readonly Column[] = [
  { value: 'p50', head: 'p50 ns', digits: 0 },
  { value: 'p99', head: 'p99', digits: 0 },
  { value: 'p999', head: 'p99.9', digits: 0 },
  { value: 'p9999', head: 'p99.99', digits: 0 },
  { value: 'longest', head: 'longest', digits: 0 },
];

/** How long the slowest inserts take. */
export const insert: Benchmark = async (circumstances) => ({
  title: 'The slowest inserts',
  explanation:
    'Misses whose load takes no time, each timed by itself, in nanoseconds. What is slowest is what happens now and then: ' +
    'a table that grows, a garbage collection, a strategy that looks for long for what to let go.',
  sections: [
    await sectionOf('growing', 'From nothing to a million entries', circumstances),
    await sectionOf('full', 'A million more, each of which lets another go', circumstances),
  ],
});

async function sectionOf(scenario: string, title: string, { effort, progress }: Circumstances): Promise<Section> {
  const contenders = [
    ...(scenario === 'growing' ? (['bare'] as const) : []),
    ...(['memo', 'lru-cache-get', 'lru-cache-fetch', 'layered-loader', 'async-cache-dedupe'] as const),
  ];
  const doing = (what: string): void => progress(`insert, ${scenario}: ${what}`);
  const work = { workload: 'insert', scenario, contenders, effort, progress: doing };
  return {
    ...{ name: scenario, title, columns },
    rows: await countEach(work, ['--max-old-space-size=6144']),
    leftOut: {
      ...(scenario === 'full' ? { 'bare Map': 'lets nothing go' } : {}),
      'all others': 'are slower than these at every miss, as the page of misses shows',
    },
    chart: { value: 'p9999', digits: 0, title: `${title}: ns at p99.99`, lessIsBetter: true },
  };
}
