import type { Measured } from './fleet.js';
import { latenciesOf, latencyCells, latencyHeads } from './latencies.js';
import { count, table } from './table.js';

/** The table of what was served, without a cache and by each process with one. */
export function servedTable(uncached: readonly Measured[], cached: readonly Measured[]): string {
  return table(
    ['', 'requests', 'at the service', 'hits', ...latencyHeads],
    [
      ['with memo', '', '', '', '', '', '', ''],
      ...cached.map((measured) => cells(`  ${measured.client}`, [measured])),
      cells('  all processes', cached),
      ['without a cache, a quarter of the time', '', '', '', '', '', '', ''],
      cells('  all processes', uncached),
    ],
  );
}

/** What the table promises and does not keep, in words. */
export function brokenPromises(cached: readonly Measured[]): readonly string[] {
  return cached.flatMap(({ client, durations, failures, info, reached }) => {
    const calls = info.hits + info.misses + info.joins;
    return [
      ...(failures > 0 ? [`(b) ${failures} requests to ${client} failed`] : []),
      ...(calls !== durations.length ? [`(b) ${client} served ${durations.length} requests and counted ${calls}`] : []),
      ...(info.loads !== reached ? [`(b) ${client} loaded ${info.loads} times, the service counted ${reached}`] : []),
    ];
  });
}

/** How many requests there are for each that reached the service. */
export function requestsForEachReached(measured: readonly Measured[]): number {
  return total(measured, ({ durations }) => durations.length) / total(measured, ({ reached }) => reached);
}

function cells(title: string, measured: readonly Measured[]): readonly string[] {
  const durations = Float64Array.from(measured.flatMap((one) => [...one.durations]));
  const hits = total(measured, ({ info }) => info.hits) / durations.length;
  const reached = total(measured, (one) => one.reached);
  return [
    title,
    count(durations.length),
    count(reached),
    `${(100 * hits).toFixed(1)} %`,
    ...latencyCells(latenciesOf(durations)),
  ];
}

function total(measured: readonly Measured[], numberOf: (measured: Measured) => number): number {
  return measured.reduce((sum, one) => sum + numberOf(one), 0);
}
