/** How long callers waited, in milliseconds, by nearest rank. */
export interface Latencies {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** The latencies of all `durations`, zeros if there are none. */
export function latenciesOf(durations: Float64Array): Latencies {
  const sorted = durations.toSorted();
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) };
}

/** The heads of the columns that `latencyCells` fills. */
export const latencyHeads = ['p50 ms', 'p90 ms', 'p99 ms', 'max ms'] as const;

export function latencyCells({ p50, p90, p99, max }: Latencies): readonly string[] {
  return [p50, p90, p99, max].map((milliseconds) => milliseconds.toFixed(milliseconds < 10 ? 2 : 1));
}
